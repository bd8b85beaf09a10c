package gb18030

import (
	"bytes"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestSameAsTheLibrary compares every code of one, two and four bytes, and
// what is none, with golang.org/x/text. Left out is a second byte between ':'
// and '?', which that library takes for a digit and the standard does not.
func TestSameAsTheLibrary(t *testing.T) {
	d, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var codes bytes.Buffer
	compare := func() {
		t.Helper()
		want, err := simplifiedchinese.GB18030.NewDecoder().String(codes.String())
		if err != nil {
			t.Fatal(err)
		}
		if got := d.String(codes.String()); got != want {
			t.Fatalf("% x: got %q, want %q", codes.Bytes()[:min(codes.Len(), 16)], got, want)
		}
		codes.Reset()
	}
	for a := range 256 {
		codes.WriteByte(byte(a)) // cut off
		compare()
		for b := range 256 {
			if ':' <= b && b <= '?' {
				continue
			}
			codes.Write([]byte{byte(a), byte(b)})
			compare()
			if a <= 0x80 || b < 0x30 || b > 0x39 {
				continue
			}
			codes.Write([]byte{byte(a), byte(b), 0x81}) // cut off
			compare()
			for c := range 256 {
				for e := 0x2F; e <= 0x3A; e++ {
					codes.Write([]byte{byte(a), byte(b), byte(c), byte(e)})
				}
				compare()
			}
		}
	}
}

func TestWhatIsNoDigitIsNoCharacter(t *testing.T) {
	d, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if got := d.String("\x81:\x81\x30"); got != "\ufffd:\ufffd0" {
		t.Fatalf("got %q", got)
	}
}
