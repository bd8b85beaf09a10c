package sdkbridge

import (
	"sync/atomic"
	"time"
)

// leaseClock is the time that leases are checked against. Once a lease was
// issued for a call of this process, its signed time of issue sets the clock,
// and the machine's uptime carries it on: from then on neither a wrong wall
// clock nor one that is set while the application runs ends a good lease, or
// prolongs a bad one. Before that the wall clock is all there is.
type leaseClock struct {
	uptime func() int64 // seconds, never goes back
	wall   func() int64 // Unix seconds

	origin atomic.Int64 // Unix time at uptime 0; 0: not set
}

func newLeaseClock() *leaseClock {
	return &leaseClock{uptime: uptime, wall: func() int64 { return time.Now().Unix() }}
}

// now is the time in Unix seconds.
func (c *leaseClock) now() int64 {
	if origin := c.origin.Load(); origin != 0 {
		return origin + c.uptime()
	}
	return c.wall()
}

// set makes t, in Unix seconds, the time of this moment.
func (c *leaseClock) set(t int64) { c.origin.Store(t - c.uptime()) }
