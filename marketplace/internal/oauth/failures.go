package oauth

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// failures slows down whoever guesses. Only failures count, so that a busy
// office behind one address signs in unhindered.
type failures struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]*rate.Limiter
}

// allowance is how many failures a key may have at once, and how soon the
// next is forgiven.
type allowance struct {
	burst int
	every time.Duration
}

// maxKeys bounds the memory that guessers cost. When it is reached, keys whose
// failures are all forgiven are dropped, then any, so that there is room for
// a while.
const maxKeys = 10_000

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, by: map[string]*rate.Limiter{}}
}

// guesses gives the keys that an attempt counts for: this user from this
// address, the address, and the user from anywhere.
func guesses(userName, address string) map[string]allowance {
	return map[string]allowance{
		"both " + address + " " + userName: {burst: 5, every: 30 * time.Second},
		"from " + address:                  {burst: 30, every: 5 * time.Second},
		"user " + userName:                 {burst: 50, every: 5 * time.Second},
	}
}

// blocked tells how long to wait before another attempt; 0: not at all.
func (f *failures) blocked(keys map[string]allowance) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	var wait time.Duration
	for key, a := range keys {
		if l := f.by[key]; l != nil && l.TokensAt(f.now()) < 1 {
			wait = max(wait, a.every)
		}
	}
	return wait
}

// count takes a failure down.
func (f *failures) count(keys map[string]allowance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, a := range keys {
		l := f.by[key]
		if l == nil {
			f.makeRoom()
			l = rate.NewLimiter(rate.Every(a.every), a.burst)
			f.by[key] = l
		}
		l.AllowN(f.now(), 1)
	}
}

func (f *failures) makeRoom() {
	if len(f.by) < maxKeys {
		return
	}
	for key, l := range f.by {
		if l.TokensAt(f.now()) >= float64(l.Burst()) {
			delete(f.by, key)
		}
	}
	for key := range f.by {
		if len(f.by) < maxKeys*3/4 {
			return
		}
		delete(f.by, key)
	}
}
