package preview

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// models are the sample models of the marketplace.
const models = "../../marketplace/internal/seed/models"

func sample(t testing.TB, name string) File {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(models, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: filepath.Base(name), Content: content}
}

// inked counts the pixels that something was drawn on.
func inked(img image.Image) (n int) {
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if _, _, _, a := img.At(x, y).RGBA(); a > 0 {
				n++
			}
		}
	}
	return n
}

// square is a text STL of two triangles.
const square = "solid s\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 10 0 0\nvertex 10 10 0\nendloop\nendfacet\n" +
	"facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 10 10 0\nvertex 0 10 0\nendloop\nendfacet\nendsolid\n"

func binarySquare() []byte {
	b := make([]byte, 84)
	binary.LittleEndian.PutUint32(b[80:], 1)
	for _, x := range []float32{0, 0, 1, 0, 0, 0, 9, 0, 0, 9, 9, 0} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return append(b, 0, 0)
}

// triangle is a glTF of one triangle, placed by a node that has a parent.
func triangle(indices string) []byte {
	var buf []byte
	for _, x := range []float32{0, 0, 0, 1, 0, 0, 0, 1, 0} {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(x))
	}
	buf = append(buf, 0, 0, 1, 0, 2, 0)
	return []byte(`{"scenes":[{"nodes":[0]}],"nodes":[{"children":[1],"scale":[2,2,2]},{"mesh":0,"rotation":[0,0,0.7071,0.7071],"translation":[1,2,3]}],
	"meshes":[{"primitives":[{"attributes":{"POSITION":0}` + indices + `}]}],
	"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"},{"bufferView":1,"componentType":5123,"count":3,"type":"SCALAR"}],
	"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":6}],
	"buffers":[{"uri":"data:application/octet-stream;base64,` + base64.StdEncoding.EncodeToString(buf) + `"}]}`)
}

func glb(text []byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, gltfMagic)
	out = binary.LittleEndian.AppendUint32(out, 2)
	out = binary.LittleEndian.AppendUint32(out, uint32(20+len(text)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	return append(binary.LittleEndian.AppendUint32(out, chunkJSON), text...)
}

func aPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 40, 20))
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDraws(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []File
		least int // pixels that show something
	}{
		{"STEP", []File{sample(t, "bracket/bracket.step")}, 500},
		{"an assembly whose main file names its parts", []File{sample(t, "gearbox/gearbox.step"), sample(t, "gearbox/housing.step"), sample(t, "gearbox/shaft.step")}, 500},
		{"text STL", []File{{"a.stl", []byte(square)}}, 1000},
		{"binary STL", []File{{"a.STL", binarySquare()}}, 500},
		{"glTF", []File{{"a.gltf", triangle("")}}, 500},
		{"glTF with indices", []File{{"a.gltf", triangle(`,"indices":1`)}}, 500},
		{"GLB", []File{{"a.glb", glb(triangle(`,"indices":1`))}}, 500},
		{"PNG", []File{{"a.png", aPNG(t)}}, 1000},
	} {
		img, err := Draw(t.Context(), 128, tt.files...)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if n := inked(img); n < tt.least || img.Bounds().Dx() > 128 || img.Bounds().Dy() > 128 {
			t.Errorf("%s: %d pixels in %v", tt.name, n, img.Bounds())
		}
	}
}

// edge is a STEP file of one edge with the given curve, from (1,0,0) to (0,1,0).
func edge(curve string) []byte {
	return []byte("ISO-10303-21;HEADER;ENDSEC;DATA;\n/* remark; */#1=CARTESIAN_POINT('',(1.,0.,0.));#2=CARTESIAN_POINT('it''s; one',(0.,1.,0.));" +
		"#3=VERTEX_POINT('',#1);#4=VERTEX_POINT('',#2);#5=CARTESIAN_POINT('',(0.,0.,0.));#6=DIRECTION('',(0.,0.,1.));#7=DIRECTION('',(1.,0.,0.));" +
		"#8=AXIS2_PLACEMENT_3D('',#5,#6,#7);#9=CARTESIAN_POINT('',(1.,1.,0.));#10=" + curve + ";#11=EDGE_CURVE('',#3,#4,#10,.T.);ENDSEC;END-ISO-10303-21;")
}

func TestCurves(t *testing.T) {
	for _, tt := range []struct {
		name, curve string
		middle      vec // of the curve
		least       int // points
	}{
		{"a line", "LINE('',#1,#99)", vec{0.5, 0.5, 0}, 2},
		{"a circle", "CIRCLE('',#8,1.)", vec{math.Sqrt2 / 2, math.Sqrt2 / 2, 0}, 9},
		{"an ellipse", "ELLIPSE('',#8,1.,1.)", vec{math.Sqrt2 / 2, math.Sqrt2 / 2, 0}, 9},
		{"on a surface", "SURFACE_CURVE('',#8,(#7),.PCURVE_S1.)", vec{0.5, 0.5, 0}, 2},
		{"a B-spline", "B_SPLINE_CURVE_WITH_KNOTS('',2,(#1,#9,#2),.UNSPECIFIED.,.F.,.F.,(3,3),(0.,1.),.UNSPECIFIED.)", vec{0.75, 0.75, 0}, 9},
		{
			"a rational B-spline", "(BOUNDED_CURVE()B_SPLINE_CURVE(2,(#1,#9,#2),.CIRCULAR_ARC.,.F.,.F.)B_SPLINE_CURVE_WITH_KNOTS((3,3),(0.,1.),.UNSPECIFIED.)" +
				"CURVE()GEOMETRIC_REPRESENTATION_ITEM()RATIONAL_B_SPLINE_CURVE((1.,0.70710678118,1.))REPRESENTATION_ITEM(''))", vec{math.Sqrt2 / 2, math.Sqrt2 / 2, 0}, 9,
		},
		{"a Bézier curve", "BEZIER_CURVE('',2,(#1,#9,#2),.UNSPECIFIED.,.F.,.F.)", vec{0.75, 0.75, 0}, 9},
		{"a curve of itself", "TRIMMED_CURVE('',#10,(),(),.T.,.CARTESIAN.)", vec{0.5, 0.5, 0}, 2},
		{"a curve that is not there", "TRIMMED_CURVE('',#77,(),(),.T.,.CARTESIAN.)", vec{0.5, 0.5, 0}, 2},
		{"knots without end", "B_SPLINE_CURVE_WITH_KNOTS('',2,(#1,#9,#2),.UNSPECIFIED.,.F.,.F.,(3,1000000000),(0.,1.),.UNSPECIFIED.)", vec{0.75, 0.75, 0}, 9},
	} {
		f, err := scanStep(t.Context(), edge(tt.curve))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		c := curves{f}
		points := c.edge(arg2(c.parts(11)))
		if len(points) < tt.least || points[0].sub(vec{1, 0, 0}).length() > 1e-6 || points[len(points)-1].sub(vec{0, 1, 0}).length() > 1e-6 {
			t.Errorf("%s: %v", tt.name, points)
			continue
		}
		best := math.Inf(1)
		for i := 1; i < len(points); i++ {
			for _, at := range []float64{0, 0.5, 1} {
				best = min(best, points[i-1].towards(points[i], at).sub(tt.middle).length())
			}
		}
		if best > 0.02 {
			t.Errorf("%s passes %v only at a distance of %v", tt.name, tt.middle, best)
		}
	}
}

func TestAnAssemblyIsPlaced(t *testing.T) {
	content := "DATA;#1=CARTESIAN_POINT('',(0.,0.,0.));#2=DIRECTION('',(0.,0.,1.));#3=DIRECTION('',(1.,0.,0.));#4=AXIS2_PLACEMENT_3D('',#1,#2,#3);" +
		"#5=CARTESIAN_POINT('',(100.,0.,0.));#6=DIRECTION('',(1.,0.,0.));#7=DIRECTION('',(0.,0.,-1.));#8=AXIS2_PLACEMENT_3D('',#5,#6,#7);" +
		"#9=CARTESIAN_POINT('',(0.,0.,10.));#10=POLYLINE('',(#1,#9));#11=GEOMETRIC_CURVE_SET('',(#10));" +
		"#12=SHAPE_REPRESENTATION('part',(#11,#4),#99);#13=SHAPE_REPRESENTATION('whole',(#4,#8),#99);#14=ITEM_DEFINED_TRANSFORMATION('','',#4,#8);" +
		"#15=(REPRESENTATION_RELATIONSHIP('','',#12,#13)REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#14)SHAPE_REPRESENTATION_RELATIONSHIP());" +
		"#16=SHAPE_REPRESENTATION('once more',(#11),#99);ENDSEC;"
	s, err := readStep(t.Context(), []byte(content))
	want := segment{vec{100, 0, 0}, vec{110, 0, 0}}
	if err != nil || len(s.segments) != 1 || s.segments[0][0].sub(want[0]).length() > 1e-9 || s.segments[0][1].sub(want[1]).length() > 1e-9 {
		t.Errorf("%v, %v", s.segments, err)
	}
}

// hostile is what somebody may put into the cloud to harm who looks at it.
func hostile() map[string]File {
	circle := "DATA;"
	for i := 1; i <= 50; i++ {
		circle += fmt.Sprintf("#%d=SHAPE_REPRESENTATION('',(#%d),#9);#%d=SHAPE_REPRESENTATION_RELATIONSHIP('','',#%d,#%d);", i, i%50+1, i+100, i, i%50+1)
		circle += fmt.Sprintf("#%d=SHAPE_REPRESENTATION_RELATIONSHIP('','',#%d,#%d);", i+200, i, (i+1)%50+1)
	}
	nodes := `{"nodes":[`
	for i := range 60 {
		nodes += fmt.Sprintf(`{"children":[%d,%d]},`, (i+1)%60, (i+2)%60)
	}
	return map[string]File{
		"nothing":                       {"a.step", nil},
		"no STEP":                       {"a.step", []byte("hello; #; #1; #=; #x=A();")},
		"a text without end":            {"a.step", []byte("DATA;#1=A('never")},
		"a remark without end":          {"a.step", []byte("DATA;/* never")},
		"brackets without end":          {"a.step", append(append([]byte("DATA;#1=EDGE_CURVE("), bytes.Repeat([]byte("("), 100_000)...), ';')},
		"an assembly in itself":         {"a.step", []byte(circle)},
		"numbers beyond all":            {"a.step", edge("CIRCLE('',#8,1.E999)")},
		"a radius that is none":         {"a.step", edge("CIRCLE('',#8,NAN)")},
		"a placement of itself":         {"a.step", []byte("DATA;#1=AXIS2_PLACEMENT_3D('',#1,#1,#1);#2=EDGE_CURVE('',#1,#1,#1,.T.);")},
		"a huge degree":                 {"a.step", edge("B_SPLINE_CURVE_WITH_KNOTS('',2000000000,(#1,#9,#2),.U.,.F.,.F.,(3,3),(0.,1.),.U.)")},
		"knots that fall":               {"a.step", edge("B_SPLINE_CURVE_WITH_KNOTS('',2,(#1,#9,#2),.U.,.F.,.F.,(3,3),(1.,0.),.U.)")},
		"ids beyond all":                {"a.step", []byte("DATA;#99999999999999999999=A(#88888888888888888888);#-1=B();#1=EDGE_CURVE('',#99999999999,#2,#3,.T.);")},
		"an STL that promises more":     {"a.stl", append(make([]byte, 80), 0xff, 0xff, 0xff, 0xff)},
		"an STL of nothing but NaN":     {"a.stl", []byte("solid\nvertex NaN NaN NaN\nvertex Inf 0 0\nvertex 1e300 0 0\n")},
		"no JSON":                       {"a.gltf", []byte("{{{{")},
		"deep JSON":                     {"a.gltf", bytes.Repeat([]byte("["), 1<<20)},
		"very many objects":             {"a.gltf", []byte(`{"nodes":[` + strings.Repeat("{},", 2_000_000) + `{}]}`)},
		"nodes in circles":              {"a.gltf", []byte(nodes + `{}],"scenes":[{"nodes":[0,0,0,-1,99]}]}`)},
		"an accessor beyond its buffer": {"a.gltf", bytes.Replace(triangle(""), []byte(`"count":3,"type":"VEC3"`), []byte(`"count":2147483647,"type":"VEC3"`), 1)},
		"an accessor that is negative":  {"a.gltf", bytes.Replace(triangle(""), []byte(`"count":3,"type":"VEC3"`), []byte(`"count":3,"byteOffset":-36,"type":"VEC3"`), 1)},
		"a stride that is negative":     {"a.gltf", bytes.Replace(triangle(""), []byte(`"byteLength":36}`), []byte(`"byteLength":36,"byteStride":-9}`), 1)},
		"indices that lead nowhere":     {"a.gltf", bytes.Replace(triangle(`,"indices":1`), []byte(`"byteOffset":36`), []byte(`"byteOffset":4`), 1)},
		"a GLB that promises more":      {"a.glb", glb([]byte("{}"))[:16]},
		"a PNG of a thousand million":   {"a.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x80\x00\x00\x00\x80\x00\x08\x06\x00\x00\x00\x00\x00\x00\x00")},
		"another format than it says":   {"a.jpg", []byte("<svg/>")},
		"a format that is not drawn":    {"a.exe", []byte("MZ")},
	}
}

// hang is what no input may take on any machine: far beyond MaxTime, so that a
// busy one fails no test.
const hang = time.Minute

func TestWhatIsHostileEndsInTime(t *testing.T) {
	for name, f := range hostile() {
		began := time.Now()
		img, err := Draw(t.Context(), 128, f)
		if took := time.Since(began); took > hang {
			t.Errorf("%s took %v", name, took)
		}
		if err == nil && inked(img) == 0 {
			t.Errorf("%s gives an empty picture", name)
		}
	}
}

func TestLimits(t *testing.T) {
	if _, err := Draw(t.Context(), 128, File{"a.step", make([]byte, MaxBytes+1)}); err == nil {
		t.Error("more than MaxBytes is read")
	}
	if _, err := Draw(t.Context(), 1<<20, File{"a.stl", []byte(square)}); err == nil {
		t.Error("a picture of any size is drawn")
	}
	if _, err := Draw(t.Context(), 128); err == nil {
		t.Error("nothing is drawn")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Draw(ended, 128, sample(t, "bracket/bracket.step")); err == nil {
		t.Error("it is drawn for nobody")
	}
	for name, want := range map[string]bool{"a.STEP": true, "a.p21": true, "a.glb": true, "a.jpeg": true, "a.txt": false, "a": false} {
		if got := Drawable(name, 1); got != want || Drawable(name, MaxBytes+1) || Drawable(name, 0) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzDraw(f *testing.F) {
	for _, x := range hostile() {
		f.Add(filepath.Ext(x.Name), x.Content[:min(len(x.Content), 1<<12)])
	}
	f.Add(".step", sample(f, "bracket/bracket.step").Content)
	f.Add(".step", edge("CIRCLE('',#8,1.)"))
	f.Add(".glb", glb(triangle(`,"indices":1`)))
	f.Add(".stl", binarySquare())
	f.Fuzz(func(t *testing.T, ext string, content []byte) {
		began := time.Now()
		name := "a" + ext
		read := map[string]func(context.Context, []byte) (scene, error){"step": readStep, "gltf": readGLTF, "stl": readSTL}[kindOf(name)]
		ctx, cancel := context.WithTimeout(t.Context(), MaxTime)
		defer cancel()
		if read != nil { // without the recovery of Draw: nothing may panic
			if s, err := read(ctx, content); err == nil && !s.empty() {
				_, _ = s.draw(ctx, 16)
			}
		}
		if took := time.Since(began); took > hang {
			t.Errorf("it took %v", took)
		}
	})
}
