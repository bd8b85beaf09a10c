package sdkbridge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/session"
)

// callbackPatience is how long Close waits for a callback that is running.
const callbackPatience = 5 * time.Second

// Session is an application's session with the service. It outlives the
// connection, which is made again whenever it is lost.
type Session struct {
	options Options
	id      string // random; the service knows the session by it
	lang    api.Language

	queue     *queue
	leases    *leaseHolder
	requests  *requests // licences and picks that wait for their event
	jobs      *jobs     // saves and downloads
	overdue   overdue   // saves whose calls were left waiting
	documents documents

	client    atomic.Pointer[session.Client] // nil while there is no connection
	beats     atomic.Int64                   // seconds between heartbeats
	lastEvent atomic.Uint64
	notice    atomic.Pointer[string] // tag of the last CheckNewVersions

	ctx     context.Context // the session is the lifetime
	cancel  context.CancelFunc
	running sync.WaitGroup
	closing atomic.Bool
}

// Start begins a session and waits until it is connected, for at most the
// timeout of the options. It returns a Session together with
// api.ServiceUnavailable where no service answers yet: the
// Session goes on trying. With any other error there is no Session.
func Start(options Options) (*Session, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(options.LeaseKeys)
	if err != nil {
		return nil, err
	}
	q, err := newQueue(options.Delivery != DeliverThread, options.Callback)
	if err != nil {
		return nil, err
	}
	s := &Session{options: options, id: randomID(), lang: api.ParseLanguage(options.Language), queue: q}
	s.leases = newLeaseHolder(options.Product, keys)
	s.requests = newRequests()
	s.jobs = newJobs()
	s.documents = documents{root: options.Workspace, usual: options.usual}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	client, err := s.firstConnection()
	if client == nil && !errors.Is(err, api.ServiceUnavailable) {
		s.cancel()
		_ = q.stop(callbackPatience) // nothing runs in it
		return nil, err
	}
	s.serve(client)
	return s, err
}

// serve starts everything that runs as long as the session.
func (s *Session) serve(first *session.Client) {
	s.spawn("connection", func() { s.keepConnected(first); first = nil })
	s.spawn("heartbeat", s.keepBeating)
	s.spawn("saves", func() { s.jobs.serve(s.ctx, s.jobs.saves) })
	s.spawn("downloads", func() { s.jobs.serve(s.ctx, s.jobs.fetches) })
	if s.options.Delivery == DeliverThread {
		s.running.Go(func() { s.queue.serve(s.ctx) })
	}
}

// spawn runs f until it returns. A panic is reported and f begun again after a
// second: it must never reach the host.
func (s *Session) spawn(name string, f func()) {
	s.running.Go(func() {
		for s.recovered(name, f) && s.sleep(time.Second) {
		}
	})
}

// recovered runs f and tells whether it panicked.
func (s *Session) recovered(name string, f func()) (panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
			s.failure(name, api.Fail(api.Internal).Because(fmt.Errorf("panic: %v", r)))
		}
	}()
	f()
	return false
}

// sleep waits for d and tells whether the session still lives.
func (s *Session) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// failure reports what no other event reports.
func (s *Session) failure(during string, err error) {
	s.queue.push(newEnvelope(EventFailure, "").text("during", during).because(err, s.lang).event())
}

// Language is the language of the session's texts.
func (s *Session) Language() api.Language { return s.lang }

// Product is what the session took the application for.
func (s *Session) Product() string { return s.options.Product }

// call makes a call within the session's timeout.
func (s *Session) call(name string, args, out any) error {
	if s.closing.Load() {
		return api.Fail(api.ShuttingDown)
	}
	c := s.client.Load()
	if c == nil {
		return api.Fail(api.ServiceUnavailable)
	}
	return c.CallWithin(s.options.Timeout, name, args, out)
}

// transfer opens a connection for content.
func (s *Session) transfer(ctx context.Context) (*session.Client, error) {
	c, _, err := session.Dial(ctx, s.socket(), s.hello(api.RoleTransfer))
	return c, err
}

func (s *Session) socket() string {
	if s.options.Socket != "" {
		return s.options.Socket
	}
	if path := s.options.Getenv(ipc.SocketEnv); path != "" {
		return path
	}
	return ipc.DefaultPath()
}

func (s *Session) hello(role api.Role) api.Hello {
	return api.Hello{
		Protocol: api.ProtocolVersion, Role: role, Session: s.id, Product: s.options.Product,
		Version: s.options.Version, Library: Version, LastEvent: s.lastEvent.Load(),
	}
}

// SetCallback sets who receives the events; nil keeps them.
func (s *Session) SetCallback(c Callback) { s.queue.setCallback(c) }

// RunCallbacks delivers the events that wait, on the calling goroutine, after
// waiting up to wait for a first one.
func (s *Session) RunCallbacks(wait time.Duration) (uint32, error) {
	if s.options.Delivery != DeliverPump {
		return 0, api.Fail(api.Unsupported, "what", "isc_run_callbacks in this delivery")
	}
	ctx, cancel := context.WithTimeout(s.ctx, wait)
	defer cancel()
	return s.queue.pump(ctx), nil
}

// EventDescriptor is a descriptor that is readable while events wait.
func (s *Session) EventDescriptor() (int, error) { return s.queue.descriptor() }

// NextEvent takes the next event if accept says so, and else leaves it the next
// one and fails with api.BufferTooSmall. It gives EventNone where none waits.
func (s *Session) NextEvent(accept func(Event) bool) (Event, error) {
	if s.options.Delivery == DeliverThread {
		return Event{}, api.Fail(api.Unsupported, "what", "isc_next_event in this delivery")
	}
	e, taken := s.queue.next(accept)
	if !taken {
		return e, api.Fail(api.BufferTooSmall, "needed", fmt.Sprint(len(e.Message)+1))
	}
	return e, nil
}

// Close ends the session: it waits until what was saved is safe, gives the
// lease back and stops the delivery of events. inCallback tells that a callback
// of the session is calling; the work is then done in the background.
func (s *Session) Close(inCallback bool) error {
	if !s.jobs.refuseMore() {
		return nil // somebody else is closing it
	}
	if inCallback {
		go func() { s.recovered("shutdown", func() { _ = s.close() }) }() // nobody is left to tell
		return nil
	}
	return s.close()
}

func (s *Session) close() error {
	err := s.jobs.drain(s.ctx, s.options.ShutdownTimeout)
	s.flush(time.Second)
	s.leases.release(s.releaseCall)
	s.closing.Store(true)
	s.cancel()
	if c := s.client.Load(); c != nil {
		_ = c.Close() // it only has to be closed
	}
	stopErr := s.queue.stop(callbackPatience)
	if stopErr != nil {
		return stopErr // the thread that delivers is the host's for as long as it likes
	}
	s.running.Wait()
	return err
}

// flush gives the thread of delivery a moment for the last events.
func (s *Session) flush(patience time.Duration) {
	if s.options.Delivery != DeliverThread {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	_ = s.queue.waitEmpty(ctx) // what is left then is dropped
}

func (s *Session) releaseCall(id string) {
	if c := s.client.Load(); c != nil {
		_ = c.CallWithin(time.Second, api.CallLeaseRelease, api.LeaseRelease{ID: id}, nil) // else the service sees the connection go
	}
}

func randomID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
