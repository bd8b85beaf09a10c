package i18n

import (
	"strings"
	"unicode"
)

// What people and programs elsewhere have written, release notes or a reason,
// is shown within these bounds, in characters: wrapping a paragraph takes time
// that grows with the square of its length, on the thread that draws.
const (
	mostValue = 600    // of what stands in a sentence
	mostLine  = 160    // of a line of prose, which is broken there
	mostProse = 4_000  // of all of it
	mostLog   = 10_000 // of what a program has printed, in lines anyway
)

// Prose is a text from elsewhere as it can be shown: lines of some length, an
// end, and no characters that control how others are read.
func Prose(text string) string { return lines(clipped(text, mostProse)) }

// Printed is what a program has printed, likewise.
func Printed(text string) string { return lines(clipped(text, mostLog)) }

func lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, end := strings.TrimRight(line, "\r\n"), strings.HasSuffix(line, "\n")
		broken(&b, []rune(strings.Map(plainRune, line)))
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// broken writes a line, as several where it is too long, at blanks where there
// are any.
func broken(b *strings.Builder, line []rune) {
	for len(line) > mostLine {
		at := mostLine
		for i := mostLine; i > mostLine/2; i-- {
			if unicode.IsSpace(line[i]) {
				at = i
				break
			}
		}
		b.WriteString(string(line[:at]))
		b.WriteByte('\n')
		if line = line[at:]; unicode.IsSpace(line[0]) {
			line = line[1:]
		}
	}
	b.WriteString(string(line))
}

// plainRune leaves out what has no picture of its own.
func plainRune(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}

// value is what is put into a sentence.
func value(text string) string { return clipped(text, mostValue) }

// clipped is a text of at most so many characters.
func clipped(text string, most int) string {
	if len(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}
