package server

import (
	"context"
	"sync"
)

// upgraded is a connection that has left HTTP behind.
type upgraded interface {
	// bye tells the peer that the service stops, and lets what is under way
	// finish. It does not wait for that.
	bye()
	// cut closes the connection at once.
	cut()
}

// wires are the upgraded connections that live now.
type wires struct {
	mu      sync.Mutex
	live    map[upgraded]struct{}
	stopped bool
	empty   chan struct{} // set by stop, closed when none is left
}

// add takes a connection in; false: the service stops, take no more.
func (w *wires) add(u upgraded) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	if w.live == nil {
		w.live = make(map[upgraded]struct{})
	}
	w.live[u] = struct{}{}
	return true
}

func (w *wires) remove(u upgraded) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.live, u)
	if w.stopped && len(w.live) == 0 && w.empty != nil {
		close(w.empty)
		w.empty = nil
	}
}

// stop says goodbye to all and waits for them, but not longer than ctx. It
// tells whether all have ended.
func (w *wires) stop(ctx context.Context) bool {
	w.mu.Lock()
	w.stopped = true
	empty := make(chan struct{})
	if len(w.live) == 0 {
		close(empty)
	} else {
		w.empty = empty
	}
	all := w.all()
	w.mu.Unlock()
	var telling sync.WaitGroup
	for _, u := range all {
		telling.Go(u.bye)
	}
	telling.Wait()
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// cut closes what is left.
func (w *wires) cut() {
	w.mu.Lock()
	all := w.all()
	w.mu.Unlock()
	for _, u := range all {
		u.cut()
	}
}

func (w *wires) all() []upgraded {
	all := make([]upgraded, 0, len(w.live))
	for u := range w.live {
		all = append(all, u)
	}
	return all
}
