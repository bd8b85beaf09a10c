// Package i18n puts what the tray app says into the user's language: texts,
// errors, sizes, times.
package i18n

import (
	"fmt"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

// Words speaks one language. It never changes, so that any goroutine may use it.
type Words struct {
	lang  api.Language
	texts locale.Catalogue
	zone  *time.Location
}

// New speaks lang. Times are told in zone; nil: that of this machine.
func New(lang api.Language, zone *time.Location) (*Words, error) {
	texts, err := locale.GUI(string(lang))
	if err != nil {
		return nil, err
	}
	if zone == nil {
		zone = time.Local
	}
	return &Words{lang: lang, texts: texts, zone: zone}, nil
}

// Language is the language spoken.
func (w *Words) Language() api.Language { return w.lang }

// T is the text of a key with its placeholders filled from pairs of name and
// value: {name} becomes the value, {name:one|more} the first word where the
// value is 1 and the second otherwise. A key without a text is its own text; a
// test keeps such keys away.
func (w *Words) T(key string, pairs ...any) string {
	text, ok := w.texts[key]
	if !ok {
		return key
	}
	values := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = value(fmt.Sprint(pairs[i+1]))
	}
	return fill(text, values)
}

// fill replaces the placeholders of a text once, so that a value with braces
// stays as it is. One without a value stays visible: a sentence with a hole
// misleads more than a brace.
func fill(text string, values map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "}")
		name, words, counts := strings.Cut(inside, ":")
		with, known := values[name]
		switch {
		case !closed || !known:
			b.WriteString("{")
			text = rest
			continue
		case counts:
			one, more, _ := strings.Cut(words, "|")
			if with == "1" {
				more = one
			}
			b.WriteString(more)
		default:
			b.WriteString(with)
		}
		text = after
	}
}

// Has tells whether a key has a text.
func (w *Words) Has(key string) bool {
	_, ok := w.texts[key]
	return ok
}

// Error is what a failure tells people. The table of errors speaks of
// commands where a command mends it; the texts error.<code> of the tray app
// speak of its buttons instead, and go first.
func (w *Words) Error(err error) string {
	if err == nil {
		return ""
	}
	e := api.AsError(err)
	key := "error." + string(e.Code)
	if !w.Has(key) {
		return clipped(e.Text(w.lang), 2*mostValue)
	}
	params := map[string]string{}
	for name, text := range e.TextParams(w.lang) {
		params[name] = value(text)
	}
	return fill(w.texts[key], params)
}
