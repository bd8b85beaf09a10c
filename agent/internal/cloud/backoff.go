package cloud

import (
	"math/rand/v2"
	"time"
)

// The bounds of the pause between attempts.
const (
	backoffFirst = 2 * time.Second
	backoffMost  = 2 * time.Minute
)

// Backoff is the pause before the next attempt after attempt failures (from
// 0): a random time between nothing and a bound that doubles up to two
// minutes. Full jitter spreads a whole site over the bound, so that a
// marketplace that comes back is not knocked over again.
func Backoff(attempt int) time.Duration {
	return rand.N(backoffBound(attempt)) + time.Millisecond
}

func backoffBound(attempt int) time.Duration {
	bound := backoffFirst
	for range attempt {
		if bound *= 2; bound >= backoffMost {
			return backoffMost
		}
	}
	return bound
}
