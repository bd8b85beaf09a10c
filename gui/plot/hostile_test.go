package plot_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"iscdesk.dev/gui/plot"
)

func tight() plot.Limits {
	return plot.Limits{Bytes: 4 << 20, Line: 1 << 10, Nodes: 1000, Elements: 1000, Frames: 20, Vectors: 2000, Points: 1000}
}

// frdOf is a results file with one triangle, and displacements as given.
func frdOf(nodes, elements, moved string) string {
	return "    1C\n    2C                             3                                     1\n" + nodes + " -3\n" +
		"    3C                             1                                     1\n" + elements + " -3\n" +
		"    1PSTEP                         1           1           1          \n" +
		"  100CL  101 1.000000000           3                     0    1           1\n -4  DISP        4    1\n" + moved + " -3\n 9999\n"
}

const (
	threeNodes  = " -1         1 0.00000E+00 0.00000E+00 0.00000E+00\n -1         2 1.00000E+00 0.00000E+00 0.00000E+00\n -1         3 0.00000E+00 1.00000E+00 0.00000E+00\n"
	oneTriangle = " -1         1    7    0    1\n -2         1         2         3\n"
	oneMoved    = " -1         2 3.00000E-01 4.00000E-01 0.00000E+00\n"
)

func TestWhatIsNoResult(t *testing.T) {
	many := strings.Builder{}
	for i := range 2000 {
		fmt.Fprintf(&many, " -1%10d 0.00000E+00 0.00000E+00 0.00000E+00\n", i+1)
	}
	good := frdOf(threeNodes, oneTriangle, oneMoved)
	cases := []struct {
		name, file, content string
		want                error
		frames              int
		longest             float64
	}{
		{"good", "a.frd", good, nil, 1, 0.5},
		{"good, of Windows", "a.FRD", strings.ReplaceAll(good, "\n", "\r\n"), nil, 1, 0.5},
		{"empty", "a.frd", "", nil, 0, 0},
		{"something else", "a.frd", "%PDF-1.7\n", plot.ErrDamaged, 0, 0},
		{"binary", "a.frd", strings.Replace(good, "  3                                     1\n", "  3                                     2\n", 1), plot.ErrBinary, 0, 0},
		{"an endless line", "a.frd", "    1C" + strings.Repeat("x", 5000), plot.ErrDamaged, 0, 0},
		{"too many nodes", "a.frd", frdOf(many.String(), "", ""), plot.ErrTooMuch, 0, 0},
		{"too long", "a.sta", strings.Repeat("# nothing to see here\n", 300_000), plot.ErrTooMuch, 0, 0},
		{"an element of a node that is not there", "a.frd", frdOf(threeNodes, " -1         1    7    0    1\n -2         1         2        99\n", ""), plot.ErrDamaged, 0, 0},
		{"an unknown shape", "a.frd", frdOf(threeNodes, " -1         1   99    0    1\n", ""), plot.ErrDamaged, 0, 0},
		{"a displacement of no node", "a.frd", frdOf(threeNodes, oneTriangle, " -1        99 3.00000E-01 4.00000E-01 0.00000E+00\n"), nil, 1, 0},
		{"no number", "a.frd", frdOf(threeNodes, oneTriangle, " -1         2         NaN    Infinity 0.00000E+00\n"+oneMoved), nil, 1, 0.5},
		{"an exponent of three digits", "a.frd", frdOf(threeNodes, oneTriangle, " -1         2 3.00000-100 0.00000E+00 0.00000E+00\n"), nil, 1, 0},
		{"cut off", "a.frd", good[:len(good)-40], nil, 0, 0},
		{"convergence of nothing", "a.cvg", "SUMMARY\n a b c d e f g h\n", nil, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := plot.NewReader(tight())
			if err := r.Read(t.Context(), c.file, strings.NewReader(c.content)); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			got := r.Result()
			if len(got.Frames) != c.frames || (c.frames > 0 && math.Abs(got.Frames[0].Max-c.longest) > 1e-6) {
				t.Errorf("frames %+v", got.Frames)
			}
			if told := errors.Is(c.want, plot.ErrTooMuch) || c.name == "no number" || c.name == "cut off"; told != got.Cut {
				t.Errorf("cut: %v", got.Cut)
			}
		})
	}
}

func TestAReaderIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := plot.NewReader(plot.DefaultLimits())
	if err := r.Read(ctx, "a.sta", strings.NewReader(strings.Repeat("line\n", 5000))); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestManyFramesKeepTheFirstAndTheLast holds that memory is bounded by letting
// go of what lies between.
func TestManyFramesKeepTheFirstAndTheLast(t *testing.T) {
	block := "  100CL  101 1.000000000           3                     0    1           1\n -4  DISP        4    1\n" + oneMoved + " -3\n"
	limits := tight()
	limits.Vectors = 12
	r := plot.NewReader(limits)
	if err := r.Read(t.Context(), "a.frd", strings.NewReader(strings.Replace(frdOf(threeNodes, oneTriangle, oneMoved), " 9999\n", strings.Repeat(block, 9)+" 9999\n", 1))); err != nil {
		t.Fatal(err)
	}
	frames, kept := r.Result().Frames, 0
	for _, f := range frames {
		if f.U != nil {
			kept++
		}
	}
	if len(frames) != 10 || kept != 4 || frames[0].U == nil || frames[9].U == nil || !r.Result().Cut {
		t.Errorf("%d frames, %d with vectors", len(frames), kept)
	}
}

// TestSmallFramesMakeNoRoomForLargeOnes holds that it is the vectors that are
// bounded: a file may begin with many frames of one node, which give back next to
// nothing when they go, and bring in the nodes afterwards.
func TestSmallFramesMakeNoRoomForLargeOnes(t *testing.T) {
	frame := "  100CL  101 1.000000000           3                     0    1           1\n -4  DISP        4    1\n" + oneMoved + " -3\n"
	one, all := strings.Builder{}, strings.Builder{}
	one.WriteString(" -1         1 0.00000E+00 0.00000E+00 0.00000E+00\n")
	for i := range 900 {
		fmt.Fprintf(&all, " -1%10d 0.00000E+00 0.00000E+00 0.00000E+00\n", i+2)
	}
	nodes := func(lines string) string {
		return "    2C                             3                                     1\n" + lines + " -3\n"
	}
	limits := tight()
	r := plot.NewReader(limits)
	file := "    1C\n" + nodes(one.String()) + strings.Repeat(frame, 10) + nodes(all.String()) + strings.Repeat(frame, 9)
	if err := r.Read(t.Context(), "a.frd", strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, f := range r.Result().Frames {
		held += len(f.U)
	}
	if held > limits.Vectors || held == 0 {
		t.Errorf("%d vectors are held, %d may be", held, limits.Vectors)
	}
}

// TestPaintIsBounded draws a thousand large sides that lie over each other.
func TestPaintIsBounded(t *testing.T) {
	limits := plot.DefaultLimits()
	r := plot.NewReader(limits)
	many := strings.Repeat(oneTriangle, 20_000)
	if err := r.Read(t.Context(), "a.frd", strings.NewReader(frdOf(threeNodes, many, oneMoved))); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Result().DrawShape(t.Context(), 0, plot.ShapeTexts{}, plot.Style{Width: 1200, Height: 900}); !errors.Is(err, plot.ErrTooMuch) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Result().DrawShape(ctx, 0, plot.ShapeTexts{}, plot.Style{Width: 400, Height: 300}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzRead feeds anything and draws what comes of it.
func FuzzRead(f *testing.F) {
	f.Add(".frd", []byte(frdOf(threeNodes, oneTriangle, oneMoved)))
	f.Add(".frd", []byte(strings.ReplaceAll(frdOf(threeNodes, oneTriangle, oneMoved), "     1\n", "     0\n")))
	f.Add(".cvg", []byte("     1     1     1     1        0  0.2555E+03  0.1000E+03  0.0000E+00  0.0000E+00\n"))
	f.Add(".sta", []byte("     1          1     1     7  0.100000E+01  0.100000E+01  0.100000E+01\n"))
	f.Add(".dat", []byte(" displacements (vx,vy,vz) for set TIP and time  0.1000000E+01\n\n  1  1.0E-01  0 0\n"))
	f.Add(".dat", []byte("     E I G E N V A L U E   O U T P U T\n      1   0.6770787E+10   0.8228479E+05   0.1309603E+05   0.0000000E+00\n"))
	f.Fuzz(func(t *testing.T, ext string, content []byte) {
		r := plot.NewReader(tight())
		_ = r.Read(t.Context(), "a"+ext, strings.NewReader(string(content)))
		got, style := r.Result(), plot.Style{Width: 160, Height: 120}
		for _, chart := range []func(plot.Texts) (plot.Chart, bool){got.Residuals, got.Displacements, got.Modes} {
			if c, some := chart(plot.Texts{}); some {
				c.Draw(style)
			}
		}
		if at := got.Shown(); at >= 0 {
			if _, err := got.DrawShape(t.Context(), at, plot.ShapeTexts{}, style); err != nil && !errors.Is(err, plot.ErrTooMuch) {
				t.Error(err)
			}
		}
	})
}
