// Command maketable writes the table of package gb18030 from the one of
// golang.org/x/text: go run ./maketable FILE.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"log"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"iscdesk.dev/agent/workspace/gb18030"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: maketable FILE")
	}
	packed, err := pack(cells(runs(nil)))
	if err == nil {
		err = os.WriteFile(os.Args[1], packed, 0o644) // a source file
	}
	if err != nil {
		log.Fatal(err)
	}
}

// runs appends the four-byte codes.
func runs(out []byte) []byte {
	var list []gb18030.Run
	for code := range rune(gb18030.Plane) {
		char := decode(byte(code/12600)+0x81, byte(code/1260%10)+0x30, byte(code/10%126)+0x81, byte(code%10)+0x30)
		if n := len(list); n == 0 || list[n-1].Char-list[n-1].Code != char-code {
			list = append(list, gb18030.Run{Code: code, Char: char})
		}
	}
	out = binary.AppendVarint(out, int64(len(list)))
	last := gb18030.Run{}
	for _, r := range list {
		out = binary.AppendVarint(out, int64(r.Code-last.Code))
		out = binary.AppendVarint(out, int64(r.Char-last.Char))
		last = r
	}
	return out
}

// cells appends the two-byte codes.
func cells(out []byte) []byte {
	table := make([]rune, gb18030.Leads*gb18030.Trails)
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if trail != 0x7F {
				table[gb18030.Cell(byte(lead), byte(trail))] = decode(byte(lead), byte(trail))
			}
		}
	}
	last := rune(0)
	for _, half := range [][2]int{{0, gb18030.Left}, {gb18030.Left, gb18030.Trails}} {
		for lead := range gb18030.Leads {
			for _, char := range table[lead*gb18030.Trails+half[0] : lead*gb18030.Trails+half[1]] {
				if char == utf8.RuneError {
					char = last // no character
				}
				out = binary.AppendVarint(out, int64(char-last))
				last = char
			}
		}
	}
	return out
}

func decode(code ...byte) rune {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(code)
	if err != nil {
		log.Fatal(err)
	}
	char, _ := utf8.DecodeRune(text)
	return char
}

func pack(table []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(table); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
