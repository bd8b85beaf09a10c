package plot_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/gui/plot"
)

// bar writes the input of a cantilever of steel, 100 x 10 x 10 mm, of bricks
// with 8 nodes (C3D8I) or 20 (C3D20R), held at x = 0.
func bar(kind, steps string) string {
	fine := 1
	if strings.HasPrefix(kind, "C3D20") {
		fine = 2
	}
	nx, ny, nz := 20*fine, 2*fine, 2*fine
	number := func(i, j, k int) int { return 1 + i + (nx+1)*(j+(ny+1)*k) }
	var b strings.Builder
	b.WriteString("*NODE, NSET=NALL\n")
	for k := range nz + 1 {
		for j := range ny + 1 {
			for i := range nx + 1 {
				odd := i%fine + j%fine + k%fine
				if odd < 2 {
					fmt.Fprintf(&b, "%d, %g, %g, %g\n", number(i, j, k), 100*float64(i)/float64(nx), 10*float64(j)/float64(ny), 10*float64(k)/float64(nz))
				}
			}
		}
	}
	fmt.Fprintf(&b, "*ELEMENT, TYPE=%s, ELSET=EALL\n", kind)
	at, e := corners(fine), 0
	for k := 0; k < nz; k += fine {
		for j := 0; j < ny; j += fine {
			for i := 0; i < nx; i += fine {
				e++
				fmt.Fprintf(&b, "%d", e)
				for n, c := range at {
					if n == 15 {
						b.WriteString(",\n")
					} else {
						b.WriteString(",")
					}
					fmt.Fprintf(&b, "%d", number(i+c[0], j+c[1], k+c[2]))
				}
				b.WriteString("\n")
			}
		}
	}
	held, tip := []string{}, []string{}
	for k := range nz + 1 {
		for j := range ny + 1 {
			if odd := j%fine + k%fine; odd < 2 {
				held = append(held, fmt.Sprint(number(0, j, k)))
				if odd == 0 {
					tip = append(tip, fmt.Sprint(number(nx, j, k)))
				}
			}
		}
	}
	b.WriteString("*NSET, NSET=HELD\n" + strings.Join(held, ",\n") + "\n*NSET, NSET=TIP\n" + strings.Join(tip, ",\n") + "\n")
	b.WriteString("*BOUNDARY\nHELD, 1, 3\n*MATERIAL, NAME=STEEL\n*ELASTIC\n210000, 0.3\n*DENSITY\n7.85E-9\n*SOLID SECTION, ELSET=EALL, MATERIAL=STEEL\n")
	b.WriteString(steps)
	return b.String()
}

// corners are the nodes of a brick in the order of the solver.
func corners(fine int) [][3]int {
	f := fine
	at := [][3]int{{0, 0, 0}, {f, 0, 0}, {f, f, 0}, {0, f, 0}, {0, 0, f}, {f, 0, f}, {f, f, f}, {0, f, f}}
	if fine == 2 {
		at = append(at, [3]int{1, 0, 0}, [3]int{2, 1, 0}, [3]int{1, 2, 0}, [3]int{0, 1, 0},
			[3]int{1, 0, 2}, [3]int{2, 1, 2}, [3]int{1, 2, 2}, [3]int{0, 1, 2},
			[3]int{0, 0, 1}, [3]int{2, 0, 1}, [3]int{2, 2, 1}, [3]int{0, 2, 1})
	}
	return at
}

// solve runs the real solver and reads what it wrote.
func solve(t *testing.T, input string) *plot.Result {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bar.inp"), []byte(input), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ccx", "bar")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ccx (package calculix-ccx): %v\n%s", err, out)
	}
	r := plot.NewReader(plot.DefaultLimits())
	for _, ext := range []string{".frd", ".dat", ".sta", ".cvg"} {
		content, err := os.ReadFile(filepath.Join(dir, "bar"+ext))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Read(t.Context(), "bar"+ext, bytes.NewReader(content)); err != nil {
			t.Errorf("bar%s: %v", ext, err)
		}
	}
	return r.Result()
}

const push = "*CLOAD\nTIP, 2, -11.1111\n"

// TestTheSolversOwnResults compares what is read with beam theory: F L³/(3 E I)
// is 0.1905 mm, the first frequency 3.516/(2π) √(E I/(ρ A L⁴)) is 835 Hz.
func TestTheSolversOwnResults(t *testing.T) {
	near := func(got, want, part float64) bool { return math.Abs(got-want) <= part*math.Abs(want) }
	ended := "*NODE FILE\nU\n*END STEP\n"
	t.Run("static", func(t *testing.T) {
		for _, kind := range []string{"C3D8I", "C3D20R"} {
			r := solve(t, bar(kind, "*STEP\n*STATIC\n"+push+ended))
			if len(r.Frames) != 1 || r.Frames[0].Kind != plot.Static || !near(r.Frames[0].Max, 0.192, 0.03) || r.Shown() != 0 || r.Cut {
				t.Fatalf("%s: %d frames, longest %+v", kind, len(r.Frames), r.Frames[0].Max)
			}
			if _, some := r.Residuals(plot.Texts{}); some {
				t.Error("a linear solve has no residuals")
			}
			if _, some := r.Displacements(plot.Texts{}); some {
				t.Error("one result makes no chart over time")
			}
			if got := r.Exaggeration(0); got != 50 {
				t.Errorf("exaggeration %v", got)
			}
			drawn(t, r, 0)
		}
	})
	t.Run("nonlinear", func(t *testing.T) {
		r := solve(t, bar("C3D8I", "*STEP, NLGEOM, INC=100\n*STATIC, DIRECT\n0.25, 1\n"+strings.ReplaceAll(push, "11.1111", "1500")+ended))
		c, some := r.Residuals(plot.Texts{Force: "force", Displacement: "displacement"})
		if !some || len(c.Series) != 2 || len(c.Series[0].X) < 8 || len(c.Marks) < 3 {
			t.Fatalf("residuals: %+v", c)
		}
		if len(r.Increments) != 4 || r.Increments[3].Total != 1 {
			t.Errorf("increments: %+v", r.Increments)
		}
		d, some := r.Displacements(plot.Texts{})
		if s := d.Series[0]; !some || len(s.X) != 4 || s.X[3] != 1 || s.Y[3] <= s.Y[0] {
			t.Errorf("displacements: %+v", d)
		}
		if r.Shown() != 3 || r.Exaggeration(3) != 1 {
			t.Errorf("shows frame %d, %v times", r.Shown(), r.Exaggeration(r.Shown()))
		}
		drawn(t, r, 3)
	})
	t.Run("frequency", func(t *testing.T) {
		r := solve(t, bar("C3D8I", "*STEP\n*FREQUENCY\n4\n"+ended))
		if len(r.Frames) != 4 || r.Frames[0].Kind != plot.Mode || !near(r.Frames[0].Value, 835, 0.03) || !near(r.Frequencies[0], r.Frames[0].Value, 1e-5) {
			t.Fatalf("%d frames, %+v", len(r.Frames), r.Frequencies)
		}
		if c, some := r.Modes(plot.Texts{Frequency: "f"}); !some || len(c.Series[0].X) != 4 || c.Y != "f" {
			t.Errorf("modes: %+v", c)
		}
		if r.Shown() != 0 {
			t.Errorf("shows mode %d", r.Shown())
		}
		drawn(t, r, 0)
	})
	t.Run("buckling", func(t *testing.T) {
		r := solve(t, bar("C3D8I", "*STEP\n*BUCKLE\n2\n*CLOAD\nTIP, 1, -1\n"+ended))
		c, some := r.Modes(plot.Texts{Factor: "factor"})
		if !some || c.Y != "factor" || len(c.Series[0].X) != 2 {
			t.Fatalf("%+v", c)
		}
		// Euler: π² E I / (4 L²) = 43,180 N, over the 9 N of the load.
		if got := c.Series[0].Y[0]; !near(got, 43180/9.0, 0.05) {
			t.Errorf("factor %v", got)
		}
	})
	t.Run("printed only", func(t *testing.T) {
		r := solve(t, bar("C3D8I", "*STEP\n*STATIC\n"+push+"*NODE PRINT, NSET=TIP\nU\n*END STEP\n"))
		if len(r.Frames) != 1 || !near(r.Frames[0].Max, 0.192, 0.03) || r.HasShape() {
			t.Errorf("%+v", r.Frames)
		}
	})
}

// drawn draws the model, and looks whether it fills the middle of the picture.
func drawn(t *testing.T, r *plot.Result, frame int) {
	t.Helper()
	for _, dark := range []bool{false, true} {
		picture, err := r.DrawShape(context.Background(), frame, plot.ShapeTexts{Legend: "|u|", Caption: "1"}, plot.Style{Width: 400, Height: 300, Dark: dark})
		if err != nil {
			t.Fatal(err)
		}
		ground, painted := picture.RGBAAt(0, 0), 0
		for x := range 280 {
			for y := range 300 {
				if picture.RGBAAt(x, y) != ground {
					painted++
				}
			}
		}
		if painted < 3000 {
			t.Errorf("only %d points are painted", painted)
		}
	}
}
