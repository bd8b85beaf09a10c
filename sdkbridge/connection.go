package sdkbridge

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
)

// The pauses between attempts to connect: the first, and the longest.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// pause is how long to wait after the given number of failures: doubled each
// time, and between half and the whole of that, so that the applications of a
// machine do not all come at once. spread is in [0,1).
func pause(failures int, spread float64) time.Duration {
	d := longestPause
	if failures < 10 {
		d = min(firstPause<<failures, longestPause)
	}
	return d/2 + time.Duration(spread*float64(d/2))
}

// transient tells whether trying again may help.
func transient(err error) bool {
	for _, code := range []api.Code{api.ServiceUnavailable, api.Timeout, api.ShuttingDown} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// firstConnection tries until the timeout of the options is over.
func (s *Session) firstConnection() (*session.Client, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.options.Timeout)
	defer cancel()
	for failures := 0; ; failures++ {
		client, reply, err := session.Dial(ctx, s.socket(), s.hello(api.RoleSession))
		if err == nil {
			s.attach(client, reply)
			return client, nil
		}
		if !transient(err) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, api.Fail(api.ServiceUnavailable).Because(err)
		case <-time.After(min(pause(failures, rand.Float64()), 500*time.Millisecond)): // jitter is no secret
		}
	}
}

func (s *Session) attach(c *session.Client, reply api.HelloReply) {
	s.setInterval(reply.HeartbeatSeconds)
	s.client.Store(c)
}

// keepConnected takes the events of the connection and makes another when it
// is lost, until the session ends. first is the connection to begin with, or
// nil.
func (s *Session) keepConnected(first *session.Client) {
	client := first
	for s.ctx.Err() == nil {
		if client == nil {
			if client = s.reconnect(); client == nil {
				return
			}
		}
		s.follow(client)
		s.client.CompareAndSwap(client, nil)
		_ = client.Close() // it is over
		if s.ctx.Err() == nil {
			s.queue.push(newEnvelope(EventClosed, "").
				because(api.Fail(api.ServiceUnavailable).Because(client.Err()), s.lang).event())
		}
		client = nil
	}
	if client != nil {
		_ = client.Close() // the session ends
	}
}

// reconnect tries until it has a connection or the session ends. A service
// that refuses this library is tried again too: it may be upgraded.
func (s *Session) reconnect() *session.Client {
	var told api.Code
	for failures := 0; s.ctx.Err() == nil; failures++ {
		ctx, cancel := context.WithTimeout(s.ctx, s.options.Timeout)
		client, reply, err := session.Dial(ctx, s.socket(), s.hello(api.RoleSession))
		cancel()
		if err == nil {
			s.attach(client, reply)
			s.queue.push(newEnvelope(EventConnected, "").
				text("state", string(reply.State.State)).text("service", reply.Service).event())
			return client
		}
		if code := api.AsError(err).Code; !transient(err) && code != told && s.ctx.Err() == nil {
			told = code
			s.failure("connect", err)
		}
		s.sleep(pause(failures, rand.Float64())) // jitter is no secret
	}
	return nil
}

// follow takes the events of a connection until it is over. While the
// application does not take its own, they stay in the service.
func (s *Session) follow(client *session.Client) {
	for {
		select {
		case e, ok := <-client.Events():
			if !ok || s.queue.waitRoom(s.ctx) != nil {
				return
			}
			s.recovered("event "+e.Name, func() { s.take(e) })
			if e.Seq > s.lastEvent.Load() {
				s.lastEvent.Store(e.Seq)
			}
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *Session) setInterval(seconds int) {
	s.beats.Store(int64(min(max(seconds, 1), 3600)))
}

// keepBeating sends the automatic heartbeats. A service that leaves two
// unanswered is given up, so that another connection is tried.
func (s *Session) keepBeating() {
	missed := 0
	for s.sleep(time.Duration(s.beats.Load()) * time.Second) {
		client := s.client.Load()
		if client == nil {
			missed = 0
			continue
		}
		beat, err := s.Heartbeat()
		switch {
		case err == nil:
			missed = 0
			s.queue.push(s.heartbeatEvent(beat))
		case errors.Is(err, api.Timeout):
			if missed++; missed == 2 {
				missed = 0
				_ = client.Close() // keepConnected makes another
			}
		}
	}
}

// Heartbeat asks the service how it is.
func (s *Session) Heartbeat() (api.Heartbeat, error) {
	var beat api.Heartbeat
	err := s.call(api.CallHeartbeat, nil, &beat)
	if err == nil && beat.IntervalSeconds > 0 {
		s.setInterval(beat.IntervalSeconds)
	}
	return beat, err
}

// HeartbeatEvent asks the service how it is and delivers the answer as an
// event.
func (s *Session) HeartbeatEvent() error {
	beat, err := s.Heartbeat()
	if err == nil {
		s.queue.push(s.heartbeatEvent(beat))
	}
	return err
}

func (s *Session) heartbeatEvent(b api.Heartbeat) Event {
	return newEnvelope(EventHeartbeat, "").text("state", string(b.State)).
		number("intervalSeconds", int64(b.IntervalSeconds)).number("leaseDeadline", b.LeaseDeadline).event()
}
