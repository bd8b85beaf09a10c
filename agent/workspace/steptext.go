package workspace

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// decodeStep resolves the control directives of a string of ISO 10303-21:
// \X2\…\X0\ (UTF-16), \X4\…\X0\ (UTF-32), \X\hh and \S\c (ISO 8859-1), \\.
// What it cannot make sense of stays as it is.
func decodeStep(s string) string {
	if !strings.ContainsRune(s, '\\') {
		return s
	}
	var b strings.Builder
	for s != "" {
		text, rest, ok := directive(s)
		if !ok {
			text, rest = s[:1], s[1:]
		}
		b.WriteString(text)
		s = rest
	}
	return b.String()
}

func directive(s string) (text, rest string, ok bool) {
	switch {
	case strings.HasPrefix(s, `\\`):
		return `\`, s[2:], true
	case strings.HasPrefix(s, `\X2\`):
		return wide(s[4:], 4)
	case strings.HasPrefix(s, `\X4\`):
		return wide(s[4:], 8)
	case strings.HasPrefix(s, `\X\`) && len(s) >= 5:
		v, err := strconv.ParseUint(s[3:5], 16, 8)
		return string(rune(v)), s[5:], err == nil
	case strings.HasPrefix(s, `\S\`) && len(s) >= 4:
		return string(rune(s[3]) + 128), s[4:], true
	}
	return "", "", false
}

func wide(s string, digits int) (text, rest string, ok bool) {
	hex, rest, ok := strings.Cut(s, `\X0\`)
	if !ok || len(hex)%digits != 0 {
		return "", "", false
	}
	var units []uint16
	var b strings.Builder
	for ; hex != ""; hex = hex[digits:] {
		v, err := strconv.ParseUint(hex[:digits], 16, 32)
		if err != nil {
			return "", "", false
		}
		if digits == 4 {
			units = append(units, uint16(v)) // four digits
		} else {
			b.WriteRune(rune(v)) // WriteRune replaces what is none
		}
	}
	b.WriteString(string(utf16.Decode(units)))
	return b.String(), rest, true
}
