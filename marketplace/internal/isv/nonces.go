package isv

import (
	"sync"
	"time"
)

// maxNonces bounds the memory of a cache. At the bound the cache refuses new
// calls rather than forget old ones: only genuine callers fill it.
const maxNonces = 100_000

// Nonces remembers values that must not come twice, each until its end.
type Nonces struct {
	mu    sync.Mutex
	until map[string]time.Time
	sweep time.Time
}

// NewNonces makes an empty cache.
func NewNonces() *Nonces { return &Nonces{until: map[string]time.Time{}} }

// Add remembers nonce until end and tells whether it is new at the time now.
func (n *Nonces) Add(nonce string, end, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.After(n.sweep) || len(n.until) >= maxNonces {
		for k, t := range n.until {
			if now.After(t) {
				delete(n.until, k)
			}
		}
		n.sweep = now.Add(time.Minute)
	}
	if t, known := n.until[nonce]; known && !now.After(t) {
		return false
	}
	if len(n.until) >= maxNonces {
		return false
	}
	n.until[nonce] = end
	return true
}
