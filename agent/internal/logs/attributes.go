package logs

import (
	"iter"
	"strconv"
	"strings"
)

// attributes gives the key=value pairs of a line as slog.TextHandler writes
// it. Values with spaces, quotes or equal signs are quoted there, so no value
// can pretend to be an attribute.
func attributes(line string) iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		for line != "" {
			key, rest, found := strings.Cut(line, "=")
			if !found {
				return
			}
			key = strings.TrimLeft(key, " ")
			var value string
			if quoted, err := strconv.QuotedPrefix(rest); err == nil {
				line = rest[len(quoted):]
				value, _ = strconv.Unquote(quoted) // a quoted prefix can be unquoted
			} else {
				value, line, _ = strings.Cut(rest, " ")
			}
			if !yield(key, value) {
				return
			}
		}
	}
}
