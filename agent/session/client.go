package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
)

const (
	// DefaultTimeout bounds a call or a Dial whose context has no deadline.
	DefaultTimeout = 30 * time.Second
	// frameGrace is how long a frame that has begun to arrive may take. A peer
	// that stalls inside a frame is cut off.
	frameGrace = time.Second
	// writePatience bounds a write on a session to a service that does not read.
	writePatience = 2 * time.Second
	// maxEvents is how many events may wait for the reader of Events. A session
	// that falls further behind is cut off; the service keeps its events and
	// sends them again after LastEvent.
	maxEvents = 1024
)

// Client is the application's side of a framed session. Any number of
// goroutines may call at once on a connection of RoleSession; a connection of
// RoleTransfer has one owner, who calls and moves content by turns.
//
// On a session the goroutine that calls reads its own answer from the socket
// where it can, because every hop between goroutines costs microseconds in a
// process that entered Go from C. While nobody calls, one goroutine of the
// client's own waits for events.
type Client struct {
	conn *Conn
	link *link

	// reading is held by who reads from the connection; arrived tells the
	// holder that something came in that another reader left to him.
	reading sync.Mutex
	arrived atomic.Bool

	mu       sync.Mutex
	nextID   uint64
	waiting  map[uint64]chan Message
	err      error
	done     chan struct{} // closed when the connection is over
	finished chan struct{} // closed when nothing reads from it any more
	events   chan api.Event
}

// Dial connects to the service at socket, upgrades the connection and says
// hello. The context bounds the whole; without a deadline it is
// DefaultTimeout. Errors are api.ServiceUnavailable, api.ServiceImpostor,
// api.ServiceTooOld, api.ServiceTooNew, api.Timeout, api.Protocol, or what the
// service answered.
func Dial(ctx context.Context, socket string, hello api.Hello) (*Client, api.HelloReply, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	raw, err := ipc.Dial(ctx, socket)
	if err != nil {
		return nil, api.HelloReply{}, err
	}
	l, err := newLink(raw, hello.Role)
	if err != nil {
		return nil, api.HelloReply{}, errors.Join(api.Fail(api.ServiceUnavailable).Because(err), raw.Close())
	}
	c := &Client{
		conn: NewConn(l, l.in), link: l,
		waiting: map[uint64]chan Message{},
		done:    make(chan struct{}), finished: make(chan struct{}),
	}
	reply, err := c.open(ctx, hello)
	if err != nil {
		_ = l.Close() // the reason for closing is the error to tell
		return nil, api.HelloReply{}, err
	}
	if hello.Role == api.RoleTransfer {
		c.conn.AllowManifests()
		close(c.finished)
		return c, reply, nil
	}
	c.link.bound(c.conn)
	c.events = make(chan api.Event, maxEvents)
	go c.follow()
	return c, reply, nil
}

func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, DefaultTimeout)
}

// open upgrades the connection and says hello.
func (c *Client) open(ctx context.Context, hello api.Hello) (api.HelloReply, error) {
	var reply api.HelloReply
	err := c.link.during(ctx, func() error {
		if err := upgrade(c.link, c.link.in); err != nil {
			return err
		}
		return c.exchange(api.CallHello, hello, &reply)
	})
	if err != nil {
		return reply, transportError(ctx, err)
	}
	if reply.Protocol < api.ProtocolOldest {
		return reply, api.Fail(api.ServiceTooOld,
			"service", strconv.Itoa(reply.Protocol), "client", strconv.Itoa(api.ProtocolOldest))
	}
	if reply.Protocol > api.ProtocolVersion {
		return reply, api.Fail(api.ServiceTooNew,
			"service", strconv.Itoa(reply.Protocol), "client", strconv.Itoa(api.ProtocolVersion))
	}
	return reply, nil
}

// exchange sends a call and reads until its answer. Only the one owner of the
// connection uses it.
func (c *Client) exchange(name string, args, out any) error {
	id, _, err := c.send(name, args, nil)
	if err != nil {
		return err
	}
	for {
		f, err := c.conn.ReadFrame()
		if err != nil {
			return err
		}
		if f.Kind != KindMessage {
			return api.Fail(api.Protocol)
		}
		if m := f.Message; m.ID == id || (m.Error != nil && m.ID == 0) {
			return result(m, out)
		}
	}
}

// Call makes a call and waits for its answer, which it decodes into out unless
// out is nil. It returns the service's error, api.Timeout when the context's
// deadline (DefaultTimeout where it has none) passes first, api.Cancelled with
// the context, and api.ServiceUnavailable when the connection is over.
func (c *Client) Call(ctx context.Context, name string, args, out any) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	if c.events == nil {
		return c.callTransfer(ctx, name, args, out)
	}
	answer := make(chan Message, 1)
	id, err := c.begin(name, args, answer)
	if err != nil {
		return err
	}
	c.link.listen()
	select {
	case m := <-answer:
		return result(m, out)
	case <-c.done:
		return c.lastWord(answer, out)
	case <-ctx.Done():
		c.forget(id)
		return contextError(ctx.Err())
	}
}

// CallWithin is Call with a timeout in place of a context. It is the fast one:
// the calling goroutine reads the answer itself where it can. It may take
// frameGrace longer than timeout when the service stalls inside a frame.
func (c *Client) CallWithin(timeout time.Duration, name string, args, out any) error {
	if c.events == nil || !c.link.direct() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		return c.Call(ctx, name, args, out)
	}
	deadline := time.Now().Add(timeout)
	c.link.hush()
	answer := make(chan Message, 1)
	id, err := c.begin(name, args, answer)
	if err != nil {
		return err
	}
	if c.reading.TryLock() {
		c.readUntil(deadline, answer)
		c.tend()
		c.attend()
	}
	select {
	case m := <-answer:
		return result(m, out)
	case <-c.done:
		return c.lastWord(answer, out)
	default:
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case m := <-answer:
		return result(m, out)
	case <-c.done:
		return c.lastWord(answer, out)
	case <-timer.C:
		c.forget(id)
		return api.Fail(api.Timeout)
	}
}

// readUntil reads frames until one of them was the answer, or the deadline.
// The caller holds reading; it is released.
func (c *Client) readUntil(deadline time.Time, answer chan Message) {
	defer c.reading.Unlock()
	defer func() {
		if c.link.buffered() { // others' answers that came in the same read: the kernel tells nobody of them
			c.arrived.Store(true)
		}
	}()
	for len(answer) == 0 {
		if !c.link.await(deadline) {
			return
		}
		if err := c.readOne(); err != nil {
			c.fail(err)
			return
		}
	}
}

// attend makes sure that those who found another reading get their answers now
// that he has his own.
func (c *Client) attend() {
	c.mu.Lock()
	others := len(c.waiting) > 0
	c.mu.Unlock()
	if others {
		c.link.listen()
	}
}

// tend reads what has arrived, unless somebody else is reading: he calls tend
// when he is done and then finds arrived set.
func (c *Client) tend() {
	for c.arrived.Load() && c.reading.TryLock() {
		c.drain()
	}
}

// drain reads what has arrived. The caller holds reading; it is released.
func (c *Client) drain() {
	defer c.reading.Unlock()
	c.arrived.Store(false)
	for c.link.await(time.Time{}) {
		if err := c.readOne(); err != nil {
			c.fail(err)
			return
		}
	}
}

// readOne reads one frame of a session and hands it to whom it belongs. The
// caller holds reading.
func (c *Client) readOne() error {
	c.link.setDeadline(time.Now().Add(frameGrace))
	f, err := c.conn.ReadFrame()
	if err != nil {
		return err
	}
	if f.Kind != KindMessage {
		return api.Fail(api.Protocol)
	}
	return c.deliver(f.Message)
}

func (c *Client) deliver(m Message) error {
	if m.Event != nil {
		select {
		case c.events <- *m.Event:
			return nil
		default:
			return api.Fail(api.Busy)
		}
	}
	c.mu.Lock()
	answer := c.waiting[m.ID]
	delete(c.waiting, m.ID)
	c.mu.Unlock()
	if answer != nil { // nil: its caller has given up
		answer <- m
	}
	return nil
}

// begin sends a call whose answer goes to answer.
func (c *Client) begin(name string, args any, answer chan Message) (uint64, error) {
	id, broken, err := c.send(name, args, answer)
	if broken {
		c.fail(err)
		return 0, unavailable(err)
	}
	return id, err
}

// send writes a call. broken tells that the connection, not the call, is at
// fault.
func (c *Client) send(name string, args any, answer chan Message) (id uint64, broken bool, err error) {
	var raw []byte
	if args != nil {
		if raw, err = json.Marshal(args); err != nil {
			return 0, false, api.Fail(api.Internal).Because(err)
		}
	}
	c.mu.Lock()
	if c.err != nil {
		err = unavailable(c.err)
		c.mu.Unlock()
		return 0, false, err
	}
	c.nextID++
	id = c.nextID
	if answer != nil {
		c.waiting[id] = answer
	}
	c.mu.Unlock()
	body := appendCall(make([]byte, 0, 64+len(raw)), id, name, raw)
	if limit := c.conn.messageLimit(); len(body) > limit {
		c.forget(id)
		return 0, false, api.Fail(api.TooLarge, "what", name, "limit", strconv.Itoa(limit>>20)+" MiB")
	}
	if err := c.conn.write(KindMessage, body); err != nil {
		return 0, true, err
	}
	return id, false, nil
}

// appendCall writes the JSON of a call. Names are plain identifiers of package
// api and args is JSON already.
func appendCall(b []byte, id uint64, name string, args []byte) []byte {
	b = append(b, `{"id":`...)
	b = strconv.AppendUint(b, id, 10)
	b = append(b, `,"call":"`...)
	b = append(b, name...)
	b = append(b, '"')
	if args != nil {
		b = append(b, `,"args":`...)
		b = append(b, args...)
	}
	return append(b, '}')
}

func result(m Message, out any) error {
	if m.Error != nil {
		return m.Error
	}
	if out == nil || len(m.OK) == 0 {
		return nil
	}
	if err := json.Unmarshal(m.OK, out); err != nil {
		return api.Fail(api.Protocol).Because(err)
	}
	return nil
}

// lastWord is the result of a call at the end of the connection: its answer
// may have come with the last frames.
func (c *Client) lastWord(answer chan Message, out any) error {
	select {
	case m := <-answer:
		return result(m, out)
	default:
		return unavailable(c.Err())
	}
}

func (c *Client) forget(id uint64) {
	c.mu.Lock()
	delete(c.waiting, id)
	c.mu.Unlock()
}

// Events gives the events in order. It is closed when the connection is over
// and nil on a transfer connection.
func (c *Client) Events() <-chan api.Event { return c.events }

// Done is closed when the connection is over.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is why the connection is over, nil while it is not.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection, fails the calls that wait, and returns when
// nothing of the client runs any more.
func (c *Client) Close() error {
	c.fail(api.Fail(api.Cancelled))
	<-c.finished
	if c.events == nil {
		return c.link.Close()
	}
	return nil
}

// fail ends the connection for the reason err. The first reason stays.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	close(c.done)
	c.link.shutdown()
}

func (c *Client) over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// follow waits for what arrives while nobody calls, until the connection is
// over. It closes the connection, so that no file descriptor is closed under
// somebody who reads from it.
func (c *Client) follow() {
	defer c.finish()
	c.link.watch(func() bool {
		c.arrived.Store(true)
		c.tend()
		c.listen()
		return c.over()
	}, func() error {
		c.reading.Lock()
		defer c.reading.Unlock()
		return c.readOne()
	}, c.fail)
}

// listen waits for more, unless somebody reads: he would find it first.
func (c *Client) listen() {
	if c.reading.TryLock() {
		c.reading.Unlock()
		c.link.listen()
	} else {
		c.link.listenSoon()
	}
}

// finish ends what follow began. A panic ends here too, and with it the
// connection: it must not end the host.
func (c *Client) finish() {
	if r := recover(); r != nil {
		c.fail(api.Fail(api.Internal).Because(fmt.Errorf("panic: %v", r)))
	}
	c.reading.Lock() // for good: nobody reads from here on
	_ = c.link.Close()
	close(c.events)
	close(c.finished)
}
