package preview

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"strconv"
	"strings"
	"testing"
	"time"
)

// step is a STEP file of a data section.
func step(data string) []byte {
	return []byte("ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n" + data + "ENDSEC;\nEND-ISO-10303-21;\n")
}

// TestSmallFilesThatAskForMuch holds that time and memory are bounded by what
// is asked of a file, not by what it holds: each of these few megabytes would
// take minutes or gigabytes if one of its entities were read as often as it is
// named.
func TestSmallFilesThatAskForMuch(t *testing.T) {
	numbers := strings.Repeat("1,", 2<<20) + "1"
	bombs := map[string]File{
		"many lines that lead to one huge point": {"a.step", step("#1=CARTESIAN_POINT('',(" + numbers + "));\n" +
			"#2=POLYLINE('',(" + strings.Repeat("#1,", 4000) + "#1));\n#3=SHAPE_REPRESENTATION('',(#2),#9);\n")},
		"many edges that lead to one huge point": {"a.step", step("#1=CARTESIAN_POINT('',(" + numbers + "));\n#2=VERTEX_POINT('',#1);\n" +
			many(200_000, func(i int) string { return "#" + strconv.Itoa(i+10) + "=EDGE_CURVE('',#2,#2,#1,.T.);\n" }))},
		"one huge representation many times": {"a.step", step("#1=SHAPE_REPRESENTATION('',(" + numbers + "),#9);\n" +
			many(200_000, func(int) string { return "#1=SHAPE_REPRESENTATION('',(),#9);\n" }) +
			"#5=SHAPE_REPRESENTATION_RELATIONSHIP('','',#6,#7);\n")},
		"one huge relation many times": {"a.step", step("#1=REPRESENTATION_RELATIONSHIP('','',(" + numbers + "),#9);\n" +
			many(200_000, func(int) string { return "#1=REPRESENTATION_RELATIONSHIP('','',#2,#3);\n" }))},
		"blanks at the end of one that is named often": {"a.step", step("#1=CARTESIAN_POINT('',(1,2,3))" + strings.Repeat(" ", 8<<20) + ";\n" +
			"#2=POLYLINE('',(" + strings.Repeat("#1,", 4000) + "#1));\n#3=SHAPE_REPRESENTATION('',(#2),#9);\n")},
		"a picture in a hundred thousand passes": {"a.jpg", progressive(4096, 4096, 12<<20)},
	}
	for name, file := range bombs {
		t.Run(name, func(t *testing.T) {
			if len(file.Content) > MaxBytes {
				t.Fatalf("%d bytes would not be read at all", len(file.Content))
			}
			began := time.Now()
			_, err := Draw(t.Context(), 320, file)
			took := time.Since(began)
			t.Logf("%v: %v", took.Round(time.Millisecond), err)
			if took > hang {
				t.Errorf("took %v", took)
			}
		})
	}
}

func many(n int, line func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
	}
	return b.String()
}

// progressive is a JPEG that repaints all of a large picture with every few of
// its bytes.
func progressive(width, height, size int) []byte {
	var base bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.Set(3, 3, color.White)
	if err := jpeg.Encode(&base, img, nil); err != nil {
		panic(err)
	}
	b := base.Bytes()
	frame := bytes.Index(b, []byte{0xff, 0xc0})
	scan := bytes.Index(b, []byte{0xff, 0xda})
	out := bytes.Clone(b[:scan])
	out[frame+1] = 0xc2 // progressive
	binary.BigEndian.PutUint16(out[frame+5:], uint16(height))
	binary.BigEndian.PutUint16(out[frame+7:], uint16(width))
	// A table of which the code 0 means a run of 2^14 and more empty blocks.
	out = append(out, 0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0)
	blocks := width / 8 * (height / 8)
	var bits []byte
	for ; blocks > 0; blocks -= 1 << 14 {
		bits = append(bits, 0, 0) // 15 bits each: the code, and 14 of how long the run is beyond 2^14
	}
	pass := append([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0}, bits...)
	for len(out) < size {
		out = append(out, pass...)
	}
	return append(out, 0xff, 0xd9)
}
