package logs

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// The numbers of the events in the event log of Windows.
const (
	EventInfo    = 1
	EventWarning = 2
	EventError   = 3
)

// Sink takes events, as the event log of Windows does.
type Sink interface {
	Info(id uint32, text string) error
	Warning(id uint32, text string) error
	Error(id uint32, text string) error
}

// What an event log of a whole machine is spared: more than burst events at
// once, and after those more than one a minute.
const (
	burst   = 30
	perhaps = time.Minute
)

// Events is a handler that writes warnings and errors into sink. Every user of
// a machine may read its event log, so of a line that belongs to one user it
// tells the message and whose it is, and nothing else.
func Events(sink Sink) slog.Handler {
	return &events{sink: sink, limit: rate.NewLimiter(rate.Every(perhaps), burst), left: new(atomic.Int64)}
}

type events struct {
	sink  Sink
	limit *rate.Limiter
	left  *atomic.Int64 // events that the limit left out since the last one
	attrs []slog.Attr
	group string // dotted, with a dot at the end
}

func (*events) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (e *events) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *e
	more.attrs = append([]slog.Attr{}, e.attrs...)
	for _, a := range attrs {
		more.attrs = append(more.attrs, slog.Attr{Key: e.group + a.Key, Value: a.Value})
	}
	return &more
}

func (e *events) WithGroup(name string) slog.Handler {
	more := *e
	if name != "" {
		more.group += name + "."
	}
	return &more
}

func (e *events) Handle(ctx context.Context, r slog.Record) error {
	if !e.limit.Allow() {
		e.left.Add(1)
		return nil
	}
	text, err := e.text(ctx, r)
	if err != nil {
		return err
	}
	if n := e.left.Swap(0); n > 0 {
		text += fmt.Sprintf("\n(%d events before this one are in the log file only)", n)
	}
	if r.Level >= slog.LevelError {
		return e.sink.Error(EventError, text)
	}
	return e.sink.Warning(EventWarning, text)
}

// text is what an event says: its message, and the rest below it.
func (e *events) text(ctx context.Context, r slog.Record) (string, error) {
	attrs := append([]slog.Attr{}, e.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, slog.Attr{Key: e.group + a.Key, Value: a.Value})
		return true
	})
	for _, a := range attrs {
		if a.Key == UserKey {
			attrs = []slog.Attr{a}
			break
		}
	}
	var out bytes.Buffer
	bare := slog.NewRecord(time.Time{}, r.Level, "", 0)
	bare.AddAttrs(attrs...)
	err := slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: attributesOnly}).Handle(ctx, bare)
	return strings.TrimRight(clean(r.Message)+"\n"+out.String(), "\n"), err
}

// attributesOnly leaves out what the event log says itself.
func attributesOnly(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return redact(groups, a)
}
