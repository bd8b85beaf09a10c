package servertest

import (
	"context"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
)

// Events keeps a user's events in memory, all of them, for ever. Since and
// Watch behave as those of the real bus do.
type Events struct {
	// WatchRoom is how many events wait for one watch; 0: 256.
	WatchRoom int

	mu      sync.Mutex
	all     []api.Event
	changed chan struct{} // closed and replaced when something happens
	watches map[*follower]struct{}
}

// NewEvents makes events of which nothing has happened.
func NewEvents() *Events {
	return &Events{changed: make(chan struct{}), watches: make(map[*follower]struct{})}
}

// Publish appends an event and gives it its number.
func (e *Events) Publish(_ context.Context, event api.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	event.Seq = uint64(len(e.all)) + 1
	e.all = append(e.all, event)
	room := e.WatchRoom
	if room == 0 {
		room = 256
	}
	for w := range e.watches {
		if len(w.queue) >= room || w.skipped > 0 {
			w.skipped += len(w.queue) + 1
			w.queue = nil
			continue
		}
		w.queue = append(w.queue, event)
	}
	e.signal()
}

// Changed tells the watches.
func (e *Events) Changed(section string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for w := range e.watches {
		w.sections = append(w.sections, section)
	}
	e.signal()
}

func (e *Events) signal() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// Watching is how many watches there are.
func (e *Events) Watching() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.watches)
}

// Since follows the events of a session.
func (e *Events) Since(_ context.Context, app api.Session, seq uint64) (server.EventStream, error) {
	return &follower{events: e, app: app, after: int(seq)}, nil
}

// Watch follows all events.
func (e *Events) Watch(context.Context) (server.Watch, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := &follower{events: e}
	e.watches[w] = struct{}{}
	return watching{w}, nil
}

type follower struct {
	events   *Events
	app      api.Session
	after    int
	queue    []api.Event
	sections []string
	skipped  int
}

// Next gives the next event of the session.
func (f *follower) Next(ctx context.Context) (api.Event, error) {
	for {
		f.events.mu.Lock()
		for f.after < len(f.events.all) {
			e := f.events.all[f.after]
			f.after++
			if e.Session == f.app.ID || e.Session == "" && e.Product == f.app.Product && e.Product != "" {
				f.events.mu.Unlock()
				return e, nil
			}
		}
		changed := f.events.changed
		f.events.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return api.Event{}, ctx.Err()
		}
	}
}

// Close ends it.
func (f *follower) Close() {
	f.events.mu.Lock()
	defer f.events.mu.Unlock()
	delete(f.events.watches, f)
}

type watching struct{ *follower }

// Next gives the next change of the user.
func (w watching) Next(ctx context.Context) (*api.Event, []string, int, error) {
	for {
		w.events.mu.Lock()
		skipped, sections := w.skipped, w.sections
		w.skipped, w.sections = 0, nil
		var event *api.Event
		if skipped == 0 && len(sections) == 0 && len(w.queue) > 0 {
			event, w.queue = &w.queue[0], w.queue[1:]
		}
		changed := w.events.changed
		w.events.mu.Unlock()
		if event != nil || skipped > 0 || len(sections) > 0 {
			return event, sections, skipped, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, 0, ctx.Err()
		}
	}
}
