// Package awake notices that the machine slept or that its clock was set, so
// that what waits for a time is looked at again at once: while a machine
// sleeps its connections die unheard, and timers stand still on some systems.
//
// It hears of it in up to two ways. Whoever starts the service may be told by
// the system (Windows tells services) and passes that on. And it looks itself:
// on Linux the kernel wakes it whenever the clock jumps, which sleep causes
// too; elsewhere it compares clocks twice a minute.
package awake

import (
	"context"
	"log/slog"
	"time"
)

const (
	// period is how often clocks are compared where the kernel tells nothing.
	period = 30 * time.Second
	// tolerance is how far the clocks may drift apart in a period: a clock that
	// is slewed is not set.
	tolerance = 5 * time.Second
)

// Watcher calls Wake after the machine slept or its clock was set. It is a
// service of the supervisor.
type Watcher struct {
	// Told hears of it from the system; nil: from nobody.
	Told <-chan struct{}
	// Wake must not wait for anything; it may be called for nothing.
	Wake func()
	Log  *slog.Logger
}

// Serve watches until ctx ends.
func (w Watcher) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	noticed, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() { ended <- watch(ctx, noticed) }()
	for {
		select {
		case <-ctx.Done():
			return <-ended
		case err := <-ended:
			return err
		case _, open := <-w.Told:
			if !open {
				w.Told = nil
				continue
			}
			w.Log.Info("the machine is awake again")
		case <-noticed:
			w.Log.Info("the machine slept, or its clock was set")
		}
		w.Wake()
	}
}

// compare sends to noticed when the clocks say that something was missed.
func compare(ctx context.Context, noticed chan<- struct{}) error {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		now := time.Now()
		if missed(now.Round(0).Sub(last.Round(0)), now.Sub(last)) {
			tell(noticed)
		}
		last = now
	}
}

// missed tells whether between two looks, meant to be a period apart, the
// machine slept or its clock was set. wall is what passed by the clock on the
// wall; steady by the one that nobody sets, which counts sleep on some systems
// and does not on others.
func missed(wall, steady time.Duration) bool {
	return (wall-steady).Abs() > tolerance || steady > 2*period
}

func tell(noticed chan<- struct{}) {
	select {
	case noticed <- struct{}{}:
	default: // it is known already
	}
}
