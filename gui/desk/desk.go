// Package desk follows the service for the tray app and asks it to do what the
// user wants, never on the thread that draws.
//
// It holds what the service said last, so that the window has something to
// show while the service restarts, and nothing of its own.
package desk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
)

// Link is how the service can be reached.
type Link string

// The states of the link.
const (
	Connecting Link = "connecting" // since the start; nothing is known yet
	Connected  Link = "connected"
	Lost       Link = "lost" // State is what was known last
)

// Snapshot is what is known at one moment. It is never changed: any goroutine
// may keep it.
type Snapshot struct {
	Link Link
	// Since is when Link became what it is.
	Since time.Time
	// Reason is why the service cannot be reached, where Link is not Connected.
	Reason *api.Error
	State  api.State
}

// Known tells whether the service has said anything yet.
func (s Snapshot) Known() bool { return s.State.Service.Version != "" }

// Config is what a Desk needs.
type Config struct {
	Service Service
	// Patience bounds how long what the user has asked for waits for a service
	// that restarts; 0: 30 seconds.
	Patience time.Duration
	Now      func() time.Time // nil: time.Now
	Log      *slog.Logger     // nil: none
}

// Change is what a listener hears: the new snapshot with the names of the
// sections that are others now (all of them after a connection), or an event.
type Change struct {
	Snapshot Snapshot
	Sections []string
	Event    *api.Event
}

// Desk follows one service. It is safe for any number of goroutines.
type Desk struct {
	cfg Config

	life   context.Context // of what Do has begun
	cancel context.CancelFunc
	calls  sync.WaitGroup

	mu        sync.Mutex // guards what follows
	now       Snapshot
	met       chan struct{} // closed, and made anew, when the service is reached
	listeners map[int]func(Change)
	next      int
	ended     bool
}

// New makes a desk. Serve has to run for it to hear anything.
func New(cfg Config) *Desk {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Patience == 0 {
		cfg.Patience = 30 * time.Second
	}
	d := &Desk{cfg: cfg, now: Snapshot{Link: Connecting, Since: cfg.Now()}, listeners: map[int]func(Change){}, met: make(chan struct{})}
	d.life, d.cancel = context.WithCancel(context.Background())
	return d
}

// Snapshot is what is known now.
func (d *Desk) Snapshot() Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Listen calls f with every change until stop is called. f runs on the
// goroutine of Serve, in order, and must return at once.
func (d *Desk) Listen(f func(Change)) (stop func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.next
	d.next++
	d.listeners[id] = f
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.listeners, id)
	}
}
