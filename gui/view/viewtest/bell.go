package viewtest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"iscdesk.dev/gui/desk"
)

// Bell lets a test wait for what others bring about. The zero value is ready;
// it is safe for any number of goroutines.
type Bell struct {
	mu      sync.Mutex // guards changed
	changed chan struct{}
}

// Ring lets everybody who waits look again.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

func (b *Bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.changed
}

// Until waits until ready says true, which is asked now and after every ring;
// false: ctx ended first.
func (b *Bell) Until(ctx context.Context, ready func() bool) bool {
	for {
		changed := b.next()
		if ready() {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Serve serves a desk until the test ends, and rings after each of its changes.
func Serve(t testing.TB, d *desk.Desk, b *Bell) {
	t.Helper()
	d.Listen(func(desk.Change) { b.Ring() })
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := d.Serve(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the desk ended: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		serving.Wait()
	})
}
