package license

import (
	"context"
	"sync"
)

// keyed lets one at a time in per key.
type keyed struct {
	mu    sync.Mutex
	rooms map[string]*room
}

type room struct {
	turn    chan struct{}
	waiting int
}

// enter waits for its turn, or for ctx. The caller calls leave once.
func (k *keyed) enter(ctx context.Context, key string) (leave func(), err error) {
	k.mu.Lock()
	if k.rooms == nil {
		k.rooms = make(map[string]*room)
	}
	r := k.rooms[key]
	if r == nil {
		r = &room{turn: make(chan struct{}, 1)}
		k.rooms[key] = r
	}
	r.waiting++
	k.mu.Unlock()
	done := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if r.waiting--; r.waiting == 0 {
			delete(k.rooms, key)
		}
	}
	select {
	case r.turn <- struct{}{}:
		return func() { <-r.turn; done() }, nil
	case <-ctx.Done():
		done()
		return nil, ctx.Err()
	}
}
