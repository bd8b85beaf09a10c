package license

import (
	"context"
	"sync"
	"time"
)

// deadlines remembers how long the held leases last, by session: every
// heartbeat of every application asks, and the database takes longer to answer
// than everything else in a heartbeat. Whoever writes a lease calls forget
// afterwards, whether or not that worked.
type deadlines struct {
	mu      sync.Mutex
	known   map[string]int64 // nil: nothing is remembered
	forgets uint64
}

func (d *deadlines) forget() {
	d.mu.Lock()
	d.known = nil
	d.forgets++
	d.mu.Unlock()
}

// look gives what is remembered, and the mark to keep with.
func (d *deadlines) look() (known map[string]int64, mark uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known, d.forgets
}

// keep remembers what was read after the look that gave mark, unless a lease
// was written meanwhile.
func (d *deadlines) keep(known map[string]int64, mark uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forgets == mark {
		d.known = known
	}
}

// Deadline is when the session's lease ends if it is not renewed, with its
// grace period, in Unix seconds; 0 without one.
func (e *Engine) Deadline(session string) int64 {
	known, mark := e.deadlines.look()
	if known != nil {
		return known[session]
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	list, err := e.leases(ctx)
	if err != nil {
		return 0
	}
	known = make(map[string]int64, len(list))
	for _, l := range list {
		if l.state == leaseHeld {
			known[l.session] = l.grace.Unix()
		}
	}
	e.deadlines.keep(known, mark)
	return known[session]
}

// offline is for how long a lease may be used without the marketplace; 0: as
// long as it was signed for.
func (e *Engine) offline() time.Duration {
	if e.config.Offline == nil {
		return 0
	}
	return e.config.Offline()
}

// OfflineChanged tells that Config.Offline is another now. It never blocks.
func (e *Engine) OfflineChanged() {
	e.deadlines.forget()
	e.look()
}
