package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/agent/session"
)

// defaultHeartbeat is the interval while the marketplace has not said one.
const defaultHeartbeat = 30

// wire is one framed connection of an application.
type wire struct {
	server *Server
	conn   *session.Conn
	who    actor.Actor
	user   *User
	tenant *tenant
	app    api.Session

	calls sync.WaitGroup // everything this connection has set going
	slots chan struct{}  // one per call that may be under way
}

// openSession turns a request into a framed session and follows it to its end.
func (s *Server) openSession(c *call) {
	if !upgrades(c.r.Header) {
		s.fail(c.w, c.r, api.Fail(api.Protocol))
		return
	}
	raw, buffered, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		s.fail(c.w, c.r, err)
		return
	}
	defer func() { _ = raw.Close() }()
	w := &wire{
		server: s, who: c.conn.who, user: c.user, tenant: c.tenant,
		slots: make(chan struct{}, s.cfg.Limits.SessionCalls),
	}
	if err := raw.SetDeadline(time.Now().Add(s.cfg.Limits.HelloWait)); err != nil {
		return
	}
	if _, err := io.WriteString(raw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+api.SessionUpgrade+"\r\n\r\n"); err != nil {
		return
	}
	// The inner connection can send head and content in one system call.
	w.conn = session.NewConn(c.conn.Conn, unread(c, buffered.Reader))
	if !s.wires.add(w) {
		return
	}
	defer s.wires.remove(w)
	if err := w.run(c.r.Context()); err != nil && !errors.Is(err, io.EOF) {
		s.cfg.Log.Debug("session ended", logs.UserKey, w.who.User(), "pid", w.who.PID(), "err", err)
	}
}

func upgrades(h http.Header) bool {
	for field := range strings.SplitSeq(h.Get("Connection"), ",") {
		if strings.EqualFold(strings.TrimSpace(field), "upgrade") {
			return h.Get("Upgrade") == api.SessionUpgrade
		}
	}
	return false
}

// unread is where the frames come from: straight from the connection, unless
// the peer has sent some along with its request.
func unread(c *call, buffered *bufio.Reader) *bufio.Reader {
	if buffered.Buffered() > 0 {
		return buffered
	}
	return bufio.NewReaderSize(c.conn.Conn, 4<<10)
}

// run follows the connection from hello to its end.
func (w *wire) run(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	defer w.calls.Wait()
	defer cancel()
	id, hello, err := w.hello()
	if err != nil {
		w.refuse(id, err)
		return err
	}
	w.app = api.Session{
		ID: hello.Session, Product: hello.Product, Version: hello.Version,
		PID: w.who.PID(), Since: time.Now().Unix(),
	}
	if err := w.conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	w.conn.Bound(w.server.cfg.Limits.FrameWait, w.server.cfg.Limits.WriteWait)
	if hello.Role == api.RoleTransfer {
		if err := w.welcome(id); err != nil {
			return err
		}
		w.conn.AllowManifests()
		return w.transfer(ctx)
	}
	if err := w.attach(); err != nil {
		w.refuse(id, err)
		return err
	}
	defer w.detach()
	if err := w.welcome(id); err != nil {
		return err
	}
	w.calls.Go(func() { w.forward(ctx, hello.LastEvent) })
	err = w.converse(ctx)
	if w.server.stopping() {
		w.finish(w.server.cfg.Limits.StopWait)
	}
	return err
}

// hello reads and checks the first call.
func (w *wire) hello() (uint64, api.Hello, error) {
	var h api.Hello
	f, err := w.conn.ReadFrame()
	if err != nil {
		return 0, h, err
	}
	m := f.Message
	if f.Kind != session.KindMessage || m.Call != api.CallHello || m.ID == 0 {
		return m.ID, h, api.Fail(api.Protocol)
	}
	if err := json.Unmarshal(m.Args, &h); err != nil {
		return m.ID, h, api.Fail(api.Protocol).Because(err)
	}
	if err := speaks(h.Protocol); err != nil {
		return m.ID, h, err
	}
	return m.ID, h, checkHello(h)
}

// speaks is the version handshake.
func speaks(client int) error {
	versions := []string{"service", strconv.Itoa(api.ProtocolVersion), "client", strconv.Itoa(client)}
	switch {
	case client > api.ProtocolVersion:
		return api.Fail(api.ServiceTooOld, versions...)
	case client < api.ProtocolOldest:
		return api.Fail(api.ServiceTooNew, versions...)
	}
	return nil
}

// refuse answers a hello that leads to nothing.
func (w *wire) refuse(id uint64, reason error) {
	if errors.Is(reason, io.EOF) || errors.Is(reason, io.ErrUnexpectedEOF) {
		return
	}
	_ = w.conn.WriteMessage(session.Message{ID: id, Error: w.server.logged(w.who, api.CallHello, reason)})
}

func (w *wire) welcome(id uint64) error {
	beat := w.heartbeat()
	return w.answer(id, api.HelloReply{
		Protocol: api.ProtocolVersion, Service: w.server.cfg.Service.Version,
		HeartbeatSeconds: beat.IntervalSeconds, State: beat,
	}, nil)
}

func (w *wire) heartbeat() api.Heartbeat {
	beat := api.Heartbeat{State: api.StateSignedOut, IntervalSeconds: defaultHeartbeat}
	if account := w.user.Account.State(); account.State == api.AccountSignedIn {
		beat.State = api.StateOffline
		if account.Online {
			beat.State = api.StateOnline
		}
	}
	if w.user.Heartbeat != nil {
		if s := w.user.Heartbeat(); s > 0 {
			beat.IntervalSeconds = s
		}
	}
	if w.app.ID != "" {
		beat.LeaseDeadline = w.user.Licenses.Deadline(w.app.ID)
	}
	return beat
}

// bye tells the application that the service stops, and takes no more from it.
func (w *wire) bye() {
	now := time.Now()
	_ = w.conn.SetWriteDeadline(now.Add(byeWait))
	_ = w.conn.WriteMessage(session.Message{Event: &api.Event{Name: api.EventServiceClosing, Time: now.UnixMilli()}})
	_ = w.conn.SetReadDeadline(now)
}

// cut closes the connection under the feet of whoever uses it.
func (w *wire) cut() { _ = w.conn.Close() }

// finish waits for the calls that are under way to give their answers.
func (w *wire) finish(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for range cap(w.slots) {
		select {
		case w.slots <- struct{}{}:
		case <-timer.C:
			return
		}
	}
}
