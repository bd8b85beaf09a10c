package sdkbridge

import (
	"context"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
)

const (
	// maxSaves is how many saves may wait.
	maxSaves = 256
	// serviceWait is how long a save or download waits for a service.
	serviceWait = time.Minute
)

// jobs is the work that calls leave to threads of the library: saves, one after
// the other in the order of the calls, and downloads.
type jobs struct {
	saves   *line
	fetches *line
}

// line is a queue of work for one goroutine.
type line struct {
	mu      sync.Mutex
	waiting []func(context.Context)
	busy    bool
	refuse  bool
	changed chan struct{} // closed and replaced when anything above changes
}

func newJobs() *jobs { return &jobs{saves: newLine(), fetches: newLine()} }

func newLine() *line { return &line{changed: make(chan struct{})} }

// wake tells everyone who waits for a change. The caller holds mu.
func (l *line) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *line) add(limit int, job func(context.Context)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse {
		return api.Fail(api.ShuttingDown)
	}
	if len(l.waiting) >= limit {
		return api.Fail(api.Busy)
	}
	l.waiting = append(l.waiting, job)
	l.wake()
	return nil
}

// save queues a save. It fails with api.Busy and api.ShuttingDown.
func (j *jobs) save(job func(context.Context)) error { return j.saves.add(maxSaves, job) }

// fetch queues a download that an event led to. There are as many as the
// service sends; they wait in a list because the events behind must go on.
func (j *jobs) fetch(job func(context.Context)) { _ = j.fetches.add(1<<16, job) }

// serve does the work of a line until ctx is over.
func (j *jobs) serve(ctx context.Context, l *line) {
	for {
		l.mu.Lock()
		l.busy = false
		var job func(context.Context)
		if len(l.waiting) > 0 {
			job, l.waiting, l.busy = l.waiting[0], l.waiting[1:], true
		}
		l.wake()
		changed := l.changed
		l.mu.Unlock()
		if job != nil {
			job(ctx)
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// refuseMore takes no more work and tells whether it was the first to say so.
func (j *jobs) refuseMore() bool {
	j.saves.mu.Lock()
	defer j.saves.mu.Unlock()
	first := !j.saves.refuse
	j.saves.refuse = true
	return first
}

// drain waits until every save that was accepted is done, for at most patience;
// it then fails with api.Timeout.
func (j *jobs) drain(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l := j.saves
	for {
		l.mu.Lock()
		done, changed := !l.busy && len(l.waiting) == 0, l.changed
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return api.Fail(api.Timeout)
		}
	}
}

// transferWhenUp opens a connection for content; while no service answers it
// waits for one, for at most serviceWait.
func (s *Session) transferWhenUp(ctx context.Context) (*session.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, serviceWait)
	defer cancel()
	for failures := 0; ; failures++ {
		c, err := s.transfer(ctx)
		if err == nil || !transient(err) || ctx.Err() != nil {
			return c, err
		}
		if !s.sleep(min(pause(failures, 0.5), time.Second)) {
			return nil, api.Fail(api.ShuttingDown)
		}
	}
}
