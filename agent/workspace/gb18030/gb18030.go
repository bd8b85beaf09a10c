// Package gb18030 reads text in GB 18030, and with it in GBK and code page
// 936: the names in the .zip archives of Chinese systems.
//
// It gives what golang.org/x/text/encoding/simplifiedchinese gives, which a
// test compares character by character. That package costs 150 KB in every
// program that opens archives, the SDK library in CAD processes among them;
// its tables are kept here as differences, packed: 16 KB.
package gb18030

import (
	"bufio"
	"compress/flate"
	_ "embed" // of the table
	"encoding/binary"
	"sort"
	"strings"
	"unicode/utf8"
)

// packed is what maketable writes: deflated varints. First the runs of the
// four-byte codes: their number, and of each the distance from the one before,
// of the codes and of the characters. Then the two-byte codes, in two blocks:
// the left halves of all rows, where Unicode's order rules, and the right
// ones. A character is the difference from the one before, 0 for no character.
//
//go:generate go run ./maketable table.bin
//go:embed table.bin
var packed string

// The cells of a row of two-byte codes, and those that make its left half.
const (
	Leads  = 0xFE - 0x81 + 1
	Trails = 190
	Left   = 96
)

// Plane is how many four-byte codes stand for characters below U+10000.
const Plane = 39420

// Run is a run of four-byte codes that stand for characters in a row.
type Run struct{ Code, Char rune }

// Decoder holds the unpacked tables, about 50 KB. It is safe for use by any
// number of goroutines.
type Decoder struct {
	cells []uint16
	runs  []Run
}

// New unpacks the tables, which takes about a millisecond.
func New() (*Decoder, error) {
	r := bufio.NewReader(flate.NewReader(strings.NewReader(packed)))
	var failed error
	number := func() rune {
		n, err := binary.ReadVarint(r)
		if err != nil {
			failed = err
		}
		return rune(n) // the table is ours
	}
	d := &Decoder{cells: make([]uint16, Leads*Trails)}
	last := Run{}
	for range number() {
		last.Code += number()
		last.Char += number()
		d.runs = append(d.runs, last)
	}
	char := rune(0)
	for _, half := range [][2]int{{0, Left}, {Left, Trails}} {
		for lead := range Leads {
			for trail := half[0]; trail < half[1]; trail++ {
				if step := number(); step != 0 {
					char += step
					d.cells[lead*Trails+trail] = uint16(char) // as above
				}
			}
		}
	}
	return d, failed
}

// String gives s in UTF-8, with U+FFFD for what is no character.
func (d *Decoder) String(s string) string {
	var b strings.Builder
	for s != "" {
		char, size := d.first(s)
		b.WriteRune(char)
		s = s[size:]
	}
	return b.String()
}

// first gives the first character of s and its length there.
func (d *Decoder) first(s string) (char rune, size int) {
	lead := s[0]
	switch {
	case lead < utf8.RuneSelf:
		return rune(lead), 1
	case lead == 0x80:
		return '€', 1 // code page 936
	case lead == 0xFF || len(s) < 2:
		return utf8.RuneError, 1
	}
	switch trail := s[1]; {
	case 0x30 <= trail && trail <= 0x39:
		return d.four(s)
	case trail < 0x40 || trail == 0x7F || trail == 0xFF:
		return utf8.RuneError, 1
	default:
		if char = rune(d.cells[Cell(lead, trail)]); char == 0 {
			char = utf8.RuneError
		}
		return char, 2
	}
}

// Cell is the place of a two-byte code in the table.
func Cell(lead, trail byte) int {
	at := int(trail) - 0x40
	if trail > 0x7F {
		at--
	}
	return int(lead-0x81)*Trails + at
}

func (d *Decoder) four(s string) (char rune, size int) {
	if len(s) < 4 || s[2] < 0x81 || s[2] == 0xFF || s[3] < 0x30 || s[3] > 0x39 {
		return utf8.RuneError, 1
	}
	code := ((rune(s[0]-0x81)*10+rune(s[1]-0x30))*126+rune(s[2]-0x81))*10 + rune(s[3]-0x30)
	if code < Plane {
		after := sort.Search(len(d.runs), func(i int) bool { return d.runs[i].Code > code })
		run := d.runs[after-1]
		return run.Char + code - run.Code, 4
	}
	const beyond = 189000 // the code of U+10000
	if char = code - beyond + 0x10000; char < 0x10000 || char > utf8.MaxRune {
		return utf8.RuneError, 1
	}
	return char, 4
}
