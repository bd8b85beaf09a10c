package sdkbridge

import (
	"context"
	"runtime"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
)

const (
	// maxQueued is how many events wait for the application at most. Beyond it
	// events of the service stay in the service.
	maxQueued = 4096
	// maxProgress is how many waiting events leave room for reports of
	// progress, which the next report makes worthless.
	maxProgress = 512
)

// queue holds the events until the application takes them, in whatever way it
// chose, and knows whether a callback is running.
type queue struct {
	mu       sync.Mutex
	events   []Event
	callback Callback
	closed   bool
	signal   signal        // readable while events wait; the zero signal is none
	changed  chan struct{} // closed and replaced when anything above changes

	delivering sync.Mutex // held while a callback runs: one at a time
}

func newQueue(withSignal bool, callback Callback) (*queue, error) {
	q := &queue{changed: make(chan struct{}), callback: callback}
	if withSignal {
		var err error
		if q.signal, err = newSignal(); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// wake tells everyone who waits for a change. The caller holds mu.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// push adds an event. Reports of progress are dropped where many events wait.
func (q *queue) push(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.events) >= maxProgress && worthless(e.Type) {
		return
	}
	q.events = append(q.events, e)
	q.signal.set()
	q.wake()
}

func worthless(t EventType) bool {
	return t == EventUploadProgress || t == EventSolutionProgress || t == EventInstallProgress || t == EventHeartbeat
}

// waitRoom waits until the queue takes more events of the service.
func (q *queue) waitRoom(ctx context.Context) error {
	return q.waitUntil(ctx, func() bool { return len(q.events) < maxQueued })
}

// waitEmpty waits until every event was taken.
func (q *queue) waitEmpty(ctx context.Context) error {
	return q.waitUntil(ctx, func() bool { return len(q.events) == 0 || q.callback == nil })
}

// waitUntil waits until ready, or the queue is closed. ready is called with mu
// held.
func (q *queue) waitUntil(ctx context.Context, ready func() bool) error {
	for {
		q.mu.Lock()
		ok, changed := ready() || q.closed, q.changed
		q.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return api.Fail(api.Timeout)
		}
	}
}

// descriptor is readable while events wait.
func (q *queue) descriptor() (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.signal.descriptor()
}

func (q *queue) setCallback(c Callback) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.callback = c
	q.wake()
}

// next takes the next event if accept says so; it gets EventNone where none
// waits.
func (q *queue) next(accept func(Event) bool) (Event, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.events) == 0 || q.closed {
		return Event{}, true
	}
	e := q.events[0]
	if !accept(e) {
		return e, false
	}
	q.drop()
	return e, true
}

// drop removes the first event. The caller holds mu.
func (q *queue) drop() {
	q.events[0] = Event{}
	if q.events = q.events[1:]; len(q.events) == 0 {
		q.events = nil
		q.signal.clear()
	}
	q.wake()
}

// deliver calls the callback for one event, if there are both, and tells
// whether it did.
func (q *queue) deliver() bool {
	if !q.delivering.TryLock() {
		return false
	}
	defer q.delivering.Unlock()
	q.mu.Lock()
	if q.closed || q.callback == nil || len(q.events) == 0 {
		q.mu.Unlock()
		return false
	}
	callback, e := q.callback, q.events[0]
	q.drop()
	q.mu.Unlock()
	callback(e.Type, e.Message)
	return true
}

// serve delivers on a thread of its own until the queue is closed.
func (q *queue) serve(ctx context.Context) {
	runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
	for {
		for q.deliver() {
		}
		q.mu.Lock()
		closed := q.closed
		q.mu.Unlock()
		if closed || q.waitUntil(ctx, func() bool { return len(q.events) > 0 && q.callback != nil }) != nil {
			return
		}
	}
}

// pump delivers what waits on the calling goroutine, after waiting for a first
// event where nothing does. It stops after the events that were there, so that
// a callback that leads to new events cannot keep it for ever.
func (q *queue) pump(ctx context.Context) uint32 {
	_ = q.waitUntil(ctx, func() bool { return len(q.events) > 0 && q.callback != nil }) // a timeout delivers nothing
	q.mu.Lock()
	rest := len(q.events)
	q.mu.Unlock()
	var done uint32
	for ; rest > 0 && q.deliver(); rest-- {
		done++
	}
	return done
}

// stop begins no other callback and waits for one that runs, for at most
// patience.
func (q *queue) stop(patience time.Duration) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		q.events = nil
		q.signal.close()
		q.wake()
	}
	q.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		q.delivering.Lock() // for good: nothing is delivered any more
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-idle:
		return nil
	case <-timer.C:
		return api.Fail(api.Busy)
	}
}
