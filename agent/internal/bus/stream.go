package bus

import (
	"context"

	"iscdesk.dev/agent/api"
)

// Sizes of what waits for one reader, in events.
const (
	streamQueue = 256
	watchQueue  = 256
	pageSize    = 64
)

// Stream gives a session its events. While it is behind it reads them from
// the disk; when it has caught up they come to it directly. All fields are
// guarded by the bus's lock.
type Stream struct {
	bus              *Bus
	session, product string
	after            uint64 // the last event that was handed out or queued
	first            uint64 // product events up to here are not for it
	behind           bool
	queue            []api.Event
	wake             chan struct{}
}

func (s *Stream) wants(e api.Event) bool {
	switch {
	case e.Session != "":
		return e.Session == s.session
	case e.Product != "":
		return e.Product == s.product
	}
	return false
}

// push takes an event that has just happened. One that is on the disk may be
// left there; one that is not goes missing if the stream has no room.
func (s *Stream) push(e api.Event, onDisk bool) {
	defer signal(s.wake)
	if s.behind {
		return
	}
	if len(s.queue) >= streamQueue {
		s.behind = s.behind || onDisk
		return
	}
	s.queue = append(s.queue, e)
	s.after = e.Seq
}

// Next waits for the next event, or for ctx.
func (s *Stream) Next(ctx context.Context) (api.Event, error) {
	for {
		e, ok, err := s.take(ctx)
		if ok || err != nil {
			return e, err
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return api.Event{}, ctx.Err()
		}
	}
}

func (s *Stream) take(ctx context.Context) (api.Event, bool, error) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if len(s.queue) == 0 && s.behind {
		page, err := s.bus.shelf.page(ctx, s.session, s.product, s.after, s.first, pageSize)
		if err != nil {
			return api.Event{}, false, err
		}
		s.queue = page
		s.behind = len(page) == pageSize
		if len(page) > 0 {
			s.after = page[len(page)-1].Seq
		}
	}
	if len(s.queue) == 0 {
		return api.Event{}, false, nil
	}
	e := s.queue[0]
	s.queue = s.queue[1:]
	return e, true, nil
}

// Close ends the stream.
func (s *Stream) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	delete(s.bus.streams, s)
}

func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
