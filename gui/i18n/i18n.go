// Package i18n puts what the tray app says into the user's language: texts,
// errors, sizes, times.
package i18n

import (
	"fmt"
	"strconv"
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
// value. A key without a text is its own text; a test keeps such keys away.
func (w *Words) T(key string, pairs ...any) string {
	text, ok := w.texts[key]
	if !ok {
		return key
	}
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(old...).Replace(text)
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
		return e.Text(w.lang)
	}
	pairs := make([]any, 0, 2*len(e.Params))
	for name, value := range e.Params {
		pairs = append(pairs, name, value)
	}
	return w.T(key, pairs...)
}

// Bytes tells a size in units of 1,000.
func (w *Words) Bytes(n int64) string {
	const step = 1000
	if n < step {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if value /= step; value < step-0.05 {
			break
		}
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + unit
}

// Date tells a day.
func (w *Words) Date(unix int64) string {
	return time.Unix(unix, 0).In(w.zone).Format(time.DateOnly)
}

// Time tells a day and a time of day.
func (w *Words) Time(unix int64) string {
	return time.Unix(unix, 0).In(w.zone).Format("2006-01-02 15:04")
}
