package daemon

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// failing is a service that panics, then fails, then goes on.
type failing struct {
	runs   int
	runsOn chan struct{}
}

func (*failing) String() string { return "files" }

func (f *failing) Serve(ctx context.Context) error {
	f.runs++
	switch f.runs {
	case 1:
		panic("no such thing")
	case 2:
		return errors.New("not yet")
	}
	close(f.runsOn)
	<-ctx.Done()
	return ctx.Err()
}

// written is a buffer that goroutines share.
type written struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.Write(p)
}

// A failure of a user's engine belongs to that user, though suture reports it
// through the tree at the top.
func TestWhatASupervisorTellsNamesTheUser(t *testing.T) {
	out := new(written)
	log := slog.New(slog.NewTextHandler(out, nil))
	top, below, f := newTree(root, log), newTree("uid:7", log), &failing{runsOn: make(chan struct{})}
	below.Add(f)
	top.Add(below)
	ctx, stop := context.WithCancel(t.Context())
	ended := top.ServeBackground(ctx)
	<-f.runsOn
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	lines := strings.Split(strings.TrimSpace(out.all.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "level=ERROR") || !strings.Contains(lines[1], "level=WARN") {
		t.Fatalf("%q", lines)
	}
	for _, line := range lines {
		if !strings.Contains(line, " os_user=uid:7 ") {
			t.Error(line)
		}
	}
}
