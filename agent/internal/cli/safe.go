package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// safe makes text from outside fit for a terminal: control characters, bytes
// that are not UTF-8 and characters that reorder or hide what follows become
// visible escapes, so that a file name can neither move the cursor nor
// pretend to be another.
func safe(s string) string {
	if strings.IndexFunc(s, hidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case !hidden(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// hidden tells the characters that have an effect instead of a shape: Cc and
// Cf (which holds the bidirectional controls), line and paragraph separators.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029
}
