package licensing

import (
	"net/http"
	"sync"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
)

// replays remembers the signed calls that changed something, for as long as
// their dates are accepted, in the memory of this process.
type replays struct {
	mu    sync.Mutex
	calls map[string]*remembered
	sweep time.Time
}

type remembered struct {
	bodyHash string
	answer   *reply // nil while the first call is under way
	until    time.Time
}

// maxReplays bounds the memory; only genuine callers fill it.
const maxReplays = 100_000

func newReplays() *replays { return &replays{calls: map[string]*remembered{}} }

// enter admits a call that is new. A repetition gives the first answer as its
// error.
func (r *replays) enter(c call, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.After(r.sweep) {
		for k, known := range r.calls {
			if now.After(known.until) {
				delete(r.calls, k)
			}
		}
		r.sweep = now.Add(time.Minute)
	}
	key := c.vendor.ID + " " + c.signature
	known := r.calls[key]
	switch {
	case known == nil && len(r.calls) >= maxReplays:
		return gateway(http.StatusTooManyRequests, "APIGW.0308", "The throttling threshold has been reached.")
	case known == nil:
		r.calls[key] = &remembered{bodyHash: c.bodyHash, until: now.Add(2 * isv.AKSKWindow)}
		return nil
	case known.bodyHash == c.bodyHash && known.answer != nil:
		return *known.answer
	default:
		return gateway(http.StatusUnauthorized, "APIGW.0301", "The signature was used before.")
	}
}

// leave keeps the answer of a call. One that failed inside may be sent again.
func (r *replays) leave(c call, answer reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := c.vendor.ID + " " + c.signature
	if answer.status >= http.StatusInternalServerError {
		delete(r.calls, key)
		return
	}
	if known := r.calls[key]; known != nil {
		known.answer = &answer
	}
}
