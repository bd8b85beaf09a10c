package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

// printer is the only way to the user's terminal. Results go to out, notes
// and errors to err. In JSON mode out carries JSON alone.
type printer struct {
	out, err io.Writer
	lang     api.Language
	texts    locale.Catalogue
	json     bool
}

// text is the text of a key with its placeholders filled; the values are made
// safe for a terminal.
func (p *printer) text(key string, pairs ...any) string {
	t, ok := p.texts[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		t = strings.ReplaceAll(t, "{"+fmt.Sprint(pairs[i])+"}", safe(fmt.Sprint(pairs[i+1])))
	}
	return t
}

// has tells whether a text exists.
func (p *printer) has(key string) bool {
	_, ok := p.texts[key]
	return ok
}

// say prints a result for people; in JSON mode it prints nothing.
func (p *printer) say(key string, pairs ...any) {
	if !p.json {
		p.line(p.out, p.text(key, pairs...))
	}
}

// note prints what is no result: progress, hints. It goes to the error stream
// in JSON mode too.
func (p *printer) note(key string, pairs ...any) { p.line(p.err, p.text(key, pairs...)) }

// value prints a line that is data and no sentence, such as a path.
func (p *printer) value(s string) {
	if !p.json {
		p.line(p.out, safe(s))
	}
}

// emit prints v as JSON, indented; only in JSON mode.
func (p *printer) emit(v any) error {
	if !p.json {
		return nil
	}
	return p.encode(p.out, v, "  ")
}

// emitLine prints v as one line of JSON; only in JSON mode.
func (p *printer) emitLine(v any) error {
	if !p.json {
		return nil
	}
	return p.encode(p.out, v, "")
}

// encode writes JSON in which what could act on a terminal is escaped; it
// stays the same JSON.
func (p *printer) encode(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return api.Fail(api.Internal).Because(err)
	}
	if _, err := io.WriteString(w, escapeJSON(strings.TrimSuffix(b.String(), "\n"))+"\n"); err != nil {
		return api.Fail(api.FileUnwritable, "path", "stdout", "reason", err.Error()).Because(err)
	}
	return nil
}

func escapeJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func (p *printer) line(w io.Writer, s string) {
	_, _ = io.WriteString(w, s+"\n") // nobody is left to tell of a closed terminal
}

// failure is an error in JSON mode.
type failure struct {
	*api.Error
	Text string `json:"text"`
	Exit int    `json:"exit"`
}

// fail prints an error: "iscdesk: ", the text for people and the way out. In
// JSON mode it is an object on the error stream.
func (p *printer) fail(err error) {
	text := p.errorText(err)
	if !p.json {
		p.line(p.err, "iscdesk: "+text)
		return
	}
	_ = p.encode(p.err, failure{api.AsError(err), text, ExitCode(err)}, "") // strings always encode
}

func (p *printer) errorText(err error) string {
	if e, ok := asUsage(err); ok {
		return p.text(e.key, e.pairs...) + " " + p.text("usage.hint", "command", e.command)
	}
	return p.reason(api.AsError(err))
}

// reason is the text of an error with its parameters made safe.
func (p *printer) reason(e *api.Error) string {
	clean := &api.Error{Code: e.Code, Params: make(map[string]string, len(e.Params))}
	for k, v := range e.Params {
		clean.Params[k] = safe(v)
	}
	return clean.Text(p.lang)
}

// when is a moment for people, in the user's own time zone.
func (p *printer) when(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).Format("2006-01-02 15:04")
}

// size is a number of bytes for people.
func (p *printer) size(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefix := float64(n)/unit, "K"
	for _, next := range []string{"M", "G", "T"} {
		if value < unit {
			break
		}
		value, prefix = value/unit, next
	}
	return fmt.Sprintf("%.1f %siB", value, prefix)
}
