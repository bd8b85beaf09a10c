package licensing

import (
	"context"
	"sync"
	"time"
)

// How many vendors' answers are awaited at once, and how many of one vendor,
// so that a slow one does not keep the others waiting.
const (
	maxCalls       = 16
	maxVendorCalls = 4
	idle           = time.Hour
)

// running knows the calls under way.
type running struct {
	mu      sync.Mutex
	jobs    map[int64]bool
	vendors map[string]int
}

func (r *running) enter(j job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs[j.Seq] || len(r.jobs) >= maxCalls || r.vendors[j.vendor] >= maxVendorCalls {
		return false
	}
	r.jobs[j.Seq] = true
	r.vendors[j.vendor]++
	return true
}

func (r *running) leave(j job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.jobs, j.Seq)
	if r.vendors[j.vendor]--; r.vendors[j.vendor] == 0 {
		delete(r.vendors, j.vendor)
	}
}

// Serve calls the vendors about what is due, until ctx ends; it returns when
// no call is under way any more. It is the only one that does so.
func (s *Service) Serve(ctx context.Context) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	under := &running{jobs: map[int64]bool{}, vendors: map[string]int{}}
	for {
		jobs, next, err := s.due(ctx)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if !under.enter(j) {
				continue
			}
			calls.Go(func() {
				defer s.nudge()
				defer under.leave(j)
				s.do(ctx, j)
			})
		}
		if next.IsZero() {
			next = s.now().Add(idle)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		case <-s.Clock.Until(next):
		}
	}
}

// do performs one job. What fails in the database stays in the table; it is
// tried again, a little later so that a broken disk does not spin.
func (s *Service) do(ctx context.Context, j job) {
	if err := s.perform(ctx, j.Seq); err != nil && ctx.Err() == nil {
		s.Log.Error("vendor job failed", "job", j.ID, "error", err)
		select {
		case <-ctx.Done():
		case <-s.Clock.Until(s.now().Add(time.Second)):
		}
	}
}
