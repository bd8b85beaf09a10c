package cli

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
)

// runNumbers is the picker for a terminal that cannot draw, and for pipes: a
// numbered list, one line of answer.
func (w *walker) runNumbers(ctx context.Context, in io.Reader) (api.PickAnswer, error) {
	lines := bufio.NewScanner(in)
	for {
		items := w.items()
		w.printNumbers(items)
		if !lines.Scan() {
			return api.PickAnswer{Cancelled: true}, nil
		}
		if ctx.Err() != nil {
			return api.PickAnswer{}, ctx.Err()
		}
		answer, done := w.answerLine(ctx, items, strings.TrimSpace(lines.Text()))
		if done {
			return answer, nil
		}
	}
}

func (w *walker) printNumbers(items []item) {
	p := w.term
	for _, line := range w.heading() {
		p.line(p.err, line)
	}
	for i, it := range items {
		p.line(p.err, strconv.Itoa(i+1)+"  "+w.label(it))
	}
	if w.problem != "" {
		p.line(p.err, w.problem)
	}
	if w.pick.Kind == api.PickSaveAs {
		p.note("pick.prompt.save")
	} else {
		p.note("pick.prompt.open")
	}
}

// answerLine reads one line: a number, q to cancel, u for up, c to check out,
// s and a name to save here.
func (w *walker) answerLine(ctx context.Context, items []item, line string) (api.PickAnswer, bool) {
	command, rest, _ := strings.Cut(line, " ")
	switch command {
	case "q", "Q", "\x1b":
		return api.PickAnswer{Cancelled: true}, true
	case "u":
		w.up(ctx)
		return api.PickAnswer{}, false
	case "c":
		w.checkout = !w.checkout
		return api.PickAnswer{}, false
	case "s":
		if w.pick.Kind == api.PickSaveAs && w.folder != "/" {
			name := strings.TrimSpace(rest)
			if name == "" {
				name = w.pick.SuggestedName
			}
			return w.saveHere(name)
		}
	}
	n, err := strconv.Atoi(line)
	if err != nil || n < 1 || n > len(items) {
		w.problem = w.term.text("pick.no_such_line", "line", line)
		return api.PickAnswer{}, false
	}
	return w.take(ctx, items[n-1])
}
