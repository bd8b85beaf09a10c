package bus

import (
	"context"
	"slices"

	"iscdesk.dev/agent/api"
)

// Watch follows everything. Changed sections are a set; events queue up to a
// limit, beyond which the reader is told how many it missed and starts again
// from the whole state. All fields are guarded by the bus's lock.
type Watch struct {
	bus      *Bus
	queue    []api.Event
	sections []string
	skipped  int
	wake     chan struct{}
}

func (w *Watch) push(e api.Event) {
	defer signal(w.wake)
	if len(w.queue) >= watchQueue {
		w.skipped += len(w.queue)
		w.queue, w.sections = nil, nil
	}
	if w.skipped > 0 {
		w.skipped++ // until the reader has been told, and has the whole state
		return
	}
	w.queue = append(w.queue, e)
}

func (w *Watch) change(section string) {
	defer signal(w.wake)
	if w.skipped == 0 && !slices.Contains(w.sections, section) {
		w.sections = append(w.sections, section)
	}
}

// Next waits for the next change: how many events were missed, or which
// sections are others now, or an event.
func (w *Watch) Next(ctx context.Context) (*api.Event, []string, int, error) {
	for {
		if event, sections, skipped := w.take(); event != nil || sections != nil || skipped > 0 {
			return event, sections, skipped, nil
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return nil, nil, 0, ctx.Err()
		}
	}
}

func (w *Watch) take() (event *api.Event, sections []string, skipped int) {
	w.bus.mu.Lock()
	defer w.bus.mu.Unlock()
	switch {
	case w.skipped > 0:
		skipped, w.skipped = w.skipped, 0
		return nil, nil, skipped
	case len(w.sections) > 0:
		sections, w.sections = w.sections, nil
		return nil, sections, 0
	case len(w.queue) > 0:
		event = &w.queue[0]
		w.queue = w.queue[1:]
		return event, nil, 0
	}
	return nil, nil, 0
}

// Close ends the watch.
func (w *Watch) Close() {
	w.bus.mu.Lock()
	defer w.bus.mu.Unlock()
	delete(w.bus.watches, w)
}
