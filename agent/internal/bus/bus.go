// Package bus carries what happens to one user from the engines to those who
// want to hear it. Events that are meant for an application are kept in the
// user's database until the application has had them, so that neither its
// reconnecting nor a restart of the service loses one; watches hear everything
// and are told when they fell behind.
package bus

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
)

// The limits of what is kept.
const (
	keptFor        = 7 * 24 * time.Hour
	keptPerSession = 1000
	keptSessions   = 10_000
	// publishWait bounds the writing of one event to the disk.
	publishWait = 30 * time.Second
)

// Config is what a Bus needs.
type Config struct {
	DB *sql.DB
	// Keep is how many events are kept for one session or product; 0: 1,000.
	Keep int
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: none
}

// Bus is the events of one user.
type Bus struct {
	shelf shelf
	now   func() time.Time
	log   *slog.Logger

	mu       sync.Mutex // also orders the numbers, the disk and the readers
	numbers  numbers
	streams  map[*Stream]struct{}
	watches  map[*Watch]struct{}
	untilOld int // events until the next clearing out
}

// New opens the events of the user whose database it is.
func New(ctx context.Context, cfg Config) (*Bus, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Keep == 0 {
		cfg.Keep = keptPerSession
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bus{
		shelf: shelf{db: cfg.DB, keep: cfg.Keep}, now: cfg.Now, log: cfg.Log,
		streams: make(map[*Stream]struct{}), watches: make(map[*Watch]struct{}),
	}
	if err := b.shelf.open(ctx); err != nil {
		return nil, err
	}
	last, err := b.shelf.reserved(ctx)
	if err != nil {
		return nil, err
	}
	b.numbers = numbers{last: last, reserved: last}
	return b, b.shelf.clear(ctx, b.now().Add(-keptFor))
}

// Publish numbers an event, keeps it where it is meant for an application,
// and tells everyone who listens. It returns when that is done; a caller that
// gives up does not undo it. A disk that fails costs the event its keeping,
// never its delivery.
func (b *Bus) Publish(ctx context.Context, e api.Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishWait)
	defer cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Time == 0 {
		e.Time = b.now().UnixMilli()
	}
	number, err := b.numbers.next(ctx, &b.shelf)
	if err != nil {
		b.log.Error("number an event", "event", e.Name, "err", err)
	}
	e.Seq = number
	keep := kept(e)
	if keep {
		if err := b.shelf.put(ctx, e); err != nil {
			b.log.Error("keep an event", "event", e.Name, "err", err)
		}
		b.clearOld(ctx)
	}
	for s := range b.streams {
		if s.wants(e) {
			s.push(e, keep)
		}
	}
	for w := range b.watches {
		w.push(e)
	}
}

// Changed tells the watches that a section of the state is another now.
func (b *Bus) Changed(section string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watches {
		w.change(section)
	}
}

// Since gives the kept events for a session and its product after seq, and
// follows them. Those up to seq the session has had: they are forgotten.
func (b *Bus) Since(ctx context.Context, app api.Session, seq uint64) (*Stream, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first, err := b.shelf.meet(ctx, app.ID, b.numbers.last, b.now())
	if err != nil {
		return nil, err
	}
	if seq > 0 {
		if err := b.shelf.forget(ctx, app.ID, seq); err != nil {
			return nil, err
		}
	}
	s := &Stream{
		bus: b, session: app.ID, product: app.Product, after: min(seq, b.numbers.last), first: first,
		behind: true, wake: make(chan struct{}, 1),
	}
	b.streams[s] = struct{}{}
	return s, nil
}

// Watch follows every event and changed section from now on.
func (b *Bus) Watch(context.Context) (*Watch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &Watch{bus: b, wake: make(chan struct{}, 1)}
	b.watches[w] = struct{}{}
	return w, nil
}

// clearOld throws away what is too old, now and then.
func (b *Bus) clearOld(ctx context.Context) {
	const every = 256
	if b.untilOld--; b.untilOld > 0 {
		return
	}
	b.untilOld = every
	if err := b.shelf.clear(ctx, b.now().Add(-keptFor)); err != nil {
		b.log.Error("clear old events", "err", err)
	}
}

// kept tells whether an event outlives the moment: it does where it is meant
// for an application, unless the next one of its kind replaces it anyway.
func kept(e api.Event) bool {
	switch e.Name {
	case api.EventUploadProgress, api.EventInstallProgress, api.EventHeartbeat, api.EventServiceClosing:
		return false
	}
	return e.Session != "" || e.Product != ""
}
