package cli

import (
	"context"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"

	"iscdesk.dev/agent/api"
)

// key is one press: a name such as "up", or the character that was typed.
type key string

// keysOf splits what a terminal sent in one go into keys. A lone escape is
// the Esc key; one with more behind it is an arrow.
func keysOf(chunk string) (keys []key) {
	sequences := map[string]key{
		"\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left",
		"\x1bOA": "up", "\x1bOB": "down", "\x1bOC": "right", "\x1bOD": "left",
	}
	names := map[rune]key{'\r': "enter", '\n': "enter", 0x7f: "backspace", 0x08: "backspace", 0x1b: "esc", 0x03: "esc", 0x04: "esc", '\t': "tab"}
	for len(chunk) > 0 {
		if k, ok := sequences[chunk[:min(3, len(chunk))]]; ok {
			keys, chunk = append(keys, k), chunk[3:]
			continue
		}
		r, size := utf8.DecodeRuneInString(chunk)
		if r == 0x1b && size < len(chunk) && (chunk[1] == '[' || chunk[1] == 'O') {
			return keys // a key that means nothing here
		}
		if k, ok := names[r]; ok {
			keys = append(keys, k)
		} else if unicode.IsPrint(r) {
			keys = append(keys, key(string(r)))
		}
		chunk = chunk[size:]
	}
	return keys
}

// press applies one key. done tells that the pick is answered.
func (w *walker) press(ctx context.Context, k key) (answer api.PickAnswer, done bool) {
	items := w.items()
	switch k {
	case "up":
		w.cursor = max(0, w.cursor-1)
	case "down":
		w.cursor = max(0, min(len(items)-1, w.cursor+1))
	case "left":
		w.up(ctx)
	case "enter", "right":
		if w.cursor < len(items) {
			return w.take(ctx, items[w.cursor])
		}
	case "tab":
		w.checkout = !w.checkout && w.pick.Kind == api.PickOpen
	case "esc":
		if w.filter == "" {
			return api.PickAnswer{Cancelled: true}, true
		}
		w.setFilter("")
	case "backspace":
		if w.filter == "" {
			w.up(ctx)
			break
		}
		_, size := utf8.DecodeLastRuneInString(w.filter)
		w.setFilter(w.filter[:len(w.filter)-size])
	case "q":
		if w.filter == "" {
			return api.PickAnswer{Cancelled: true}, true
		}
		w.setFilter(w.filter + "q")
	default:
		w.setFilter(w.filter + strings.TrimPrefix(string(k), "/"))
	}
	return api.PickAnswer{}, false
}

func (w *walker) setFilter(filter string) {
	w.filter, w.cursor, w.problem = filter, 0, ""
}

// screen is what is drawn: at most height lines of at most width columns.
func (w *walker) screen(width, height int) []string {
	lines := w.heading()
	if w.filter != "" {
		lines = append(lines, w.term.text("pick.filter", "text", w.filter))
	}
	items := w.items()
	room := max(1, height-len(lines)-3)
	first := max(0, min(w.cursor-room/2, len(items)-room))
	for i := first; i < min(first+room, len(items)); i++ {
		mark := "  "
		if i == w.cursor {
			mark = "> "
		}
		lines = append(lines, mark+w.label(items[i]))
	}
	if len(items) == 0 {
		lines = append(lines, w.term.text("files.empty"))
	}
	if w.problem != "" {
		lines = append(lines, w.problem)
	}
	lines = append(lines, w.term.text("pick.keys"))
	for i := range lines {
		lines[i] = runewidth.Truncate(lines[i], max(10, width-1), "…")
	}
	return lines
}

// runKeys is the picker on a terminal. The terminal is put back as it was.
func (w *walker) runKeys(ctx context.Context, in *os.File, out io.Writer) (api.PickAnswer, error) {
	old, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return w.runNumbers(ctx, in)
	}
	defer func() { _ = term.Restore(int(in.Fd()), old) }()
	canvas := &canvas{out: out}
	defer canvas.clear()
	buf := make([]byte, 256)
	for {
		width, height, err := term.GetSize(int(in.Fd()))
		if err != nil {
			width, height = 80, 24
		}
		canvas.draw(w.screen(width, height))
		n, err := in.Read(buf)
		if err != nil || ctx.Err() != nil {
			return api.PickAnswer{Cancelled: true}, nil
		}
		for _, k := range keysOf(string(buf[:n])) {
			if answer, done := w.press(ctx, k); done {
				return answer, nil
			}
		}
	}
}

// canvas draws lines over the lines that it drew before.
type canvas struct {
	out   io.Writer
	drawn int
}

func (c *canvas) draw(lines []string) {
	c.clear()
	_, _ = io.WriteString(c.out, strings.Join(lines, "\r\n")+"\r\n")
	c.drawn = len(lines)
}

// clear moves to the first drawn line and erases to the end of the screen.
func (c *canvas) clear() {
	_, _ = io.WriteString(c.out, strings.Repeat("\x1b[A", c.drawn)+"\r\x1b[J")
	c.drawn = 0
}
