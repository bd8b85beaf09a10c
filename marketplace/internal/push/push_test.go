package push_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/push"
	"iscdesk.dev/marketplace/internal/web"
)

// market is a hub behind real HTTP. Agents name their user and tenant in a
// header, as "user@tenant".
type market struct {
	*testing.T
	hub      *push.Hub
	server   *httptest.Server
	lifetime time.Duration
	dead     atomic.Bool
}

func open(t *testing.T, timing push.Timing) *market {
	t.Helper()
	m := &market{T: t, hub: push.NewHub(), lifetime: time.Hour}
	mux := web.NewMux(slog.New(slog.NewTextHandler(t.Output(), nil)), map[web.Access]web.Guard{web.Bearer: func(r *http.Request) (context.Context, error) {
		user, tenant, ok := strings.Cut(r.Header.Get("Test-User"), "@")
		if !ok {
			return nil, fault.New(fault.SignedOut)
		}
		ctx := web.WithUser(r.Context(), web.User{ID: user, Tenant: tenant})
		return web.WithCredential(ctx, web.Credential{Grant: "grant of " + user, Expires: time.Now().Add(m.lifetime)}), nil
	}})
	mux.Handle("GET /push", web.Bearer, m.hub.Handler(timing, func(context.Context, string) bool { return !m.dead.Load() }))
	handler, err := mux.Handler()
	m.must(err)
	m.server = httptest.NewServer(handler)
	t.Cleanup(func() {
		m.hub.Close()
		m.server.Close()
		goleak.VerifyNone(t, goleak.IgnoreCurrent())
	})
	return m
}

func (m *market) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// agent is a connected agent.
type agent struct {
	*market
	conn *websocket.Conn
}

func (m *market) dial(user string, header ...string) (*websocket.Conn, int, error) {
	m.Helper()
	h := http.Header{"Test-User": {user}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	conn, response, err := websocket.DefaultDialer.DialContext(m.Context(), "ws"+strings.TrimPrefix(m.server.URL, "http")+"/push", h)
	status := 0
	if response != nil {
		status = response.StatusCode
		m.must(response.Body.Close())
	}
	return conn, status, err
}

// connect gives an agent that has had its hello.
func (m *market) connect(user string) *agent {
	m.Helper()
	conn, _, err := m.dial(user)
	m.must(err)
	m.Cleanup(func() { _ = conn.Close() })
	a := &agent{m, conn}
	if got := a.next(); got.Type != agentapi.Hello {
		m.Fatalf("the first message is %+v", got)
	}
	return a
}

func (a *agent) next() agentapi.PushMessage {
	a.Helper()
	var message agentapi.PushMessage
	a.must(a.conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
	a.must(a.conn.ReadJSON(&message))
	return message
}

// ended reads to the end and gives the code that the connection was closed
// with.
func (a *agent) ended() int {
	a.Helper()
	a.must(a.conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
	for {
		_, _, err := a.conn.ReadMessage()
		if err == nil {
			continue
		}
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code
		}
		a.Fatalf("the connection was not closed: %v", err)
	}
}

func message(id string) agentapi.PushMessage {
	return agentapi.PushMessage{Type: agentapi.DocumentChanged, ID: id}
}

func TestMessagesReachThoseTheyAreFor(t *testing.T) {
	m := open(t, push.Timing{})
	one, two, other := m.connect("u1@sample"), m.connect("u2@sample"), m.connect("u3@other")
	second := m.connect("u1@sample")
	m.hub.Send([]string{"u1", "nobody"}, message("for u1"))
	m.hub.SendTenant("sample", message("for sample"))
	m.hub.SendTenant("other", message("for other"))
	for _, a := range []*agent{one, second} {
		if got := a.next(); got != message("for u1") {
			t.Errorf("u1 got %+v", got)
		}
		if got := a.next(); got != message("for sample") {
			t.Errorf("u1 got %+v", got)
		}
	}
	if got := two.next(); got != message("for sample") {
		t.Errorf("u2 got %+v", got)
	}
	if got := other.next(); got != message("for other") {
		t.Errorf("the other tenant got %+v", got)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	m := open(t, push.Timing{})
	if _, status, err := m.dial("nobody"); err == nil || status != 401 {
		t.Errorf("without a token: %d %v", status, err)
	}
	if _, status, err := m.dial("u1@sample", "Origin", "https://evil.example"); err == nil || status != 400 {
		t.Errorf("from a web page: %d %v", status, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.server.URL+"/push", nil)
	m.must(err)
	r.Header.Set("Test-User", "u1@sample")
	response, err := http.DefaultClient.Do(r)
	m.must(err)
	m.must(response.Body.Close())
	if response.StatusCode != 400 {
		t.Errorf("without an upgrade: %s", response.Status)
	}
	for range 32 {
		m.connect("u1@sample")
	}
	if _, status, err := m.dial("u1@sample"); err == nil || status != 429 {
		t.Errorf("the 33rd connection: %d %v", status, err)
	}
	m.connect("u2@sample")
}

func TestTheEndOfTheTokenEndsTheConnection(t *testing.T) {
	t.Run("revoked", func(t *testing.T) {
		m := open(t, push.Timing{})
		one, two := m.connect("u1@sample"), m.connect("u2@sample")
		m.hub.Revoke("grant of u1")
		if code := one.ended(); code != 4401 {
			t.Errorf("closed with %d", code)
		}
		m.hub.Send([]string{"u2"}, message("still here"))
		if got := two.next(); got.ID != "still here" {
			t.Errorf("another's connection: %+v", got)
		}
	})
	t.Run("expired", func(t *testing.T) {
		m := open(t, push.Timing{})
		m.lifetime = 50 * time.Millisecond
		if code := m.connect("u1@sample").ended(); code != 4401 {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("revoked by another process", func(t *testing.T) {
		m := open(t, push.Timing{Ping: 20 * time.Millisecond})
		a := m.connect("u1@sample")
		m.dead.Store(true)
		if code := a.ended(); code != 4401 {
			t.Errorf("closed with %d", code)
		}
	})
}

// TestASlowAgentIsDisconnected: an agent that does not read costs the others
// nothing and a bounded amount of memory.
func TestASlowAgentIsDisconnected(t *testing.T) {
	m := open(t, push.Timing{Write: 200 * time.Millisecond})
	slow, quick := m.connect("u1@sample"), m.connect("u2@sample")
	large := message(strings.Repeat("x", 64<<10))
	for i := range 1000 { // 64 MiB: more than the sockets hold
		m.hub.Send([]string{"u1"}, large)
		m.hub.Send([]string{"u2"}, message(fmt.Sprint(i)))
		if got := quick.next(); got.ID != fmt.Sprint(i) {
			t.Fatalf("the quick one got %q, want %d", got.ID, i)
		}
	}
	received := 0
	m.must(slow.conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
	for {
		if _, _, err := slow.conn.ReadMessage(); err != nil {
			break
		}
		received++
	}
	if received >= 1000 {
		t.Error("the slow one was served to the end")
	}
	m.connect("u1@sample")
}

func TestASilentAgentIsDropped(t *testing.T) {
	m := open(t, push.Timing{Ping: 20 * time.Millisecond, Silence: 100 * time.Millisecond})
	a := m.connect("u1@sample")
	pings := 0
	a.conn.SetPingHandler(func(string) error { pings++; return nil }) // no pong
	m.must(a.conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
	for {
		if _, _, err := a.conn.ReadMessage(); err != nil {
			break
		}
	}
	if pings == 0 {
		t.Error("it was dropped without having been asked")
	}
}

func TestATalkativeAgentIsDropped(t *testing.T) {
	m := open(t, push.Timing{})
	a := m.connect("u1@sample")
	m.must(a.conn.WriteMessage(websocket.TextMessage, make([]byte, 5<<10)))
	if code := a.ended(); code != websocket.CloseMessageTooBig {
		t.Errorf("closed with %d", code)
	}
}

func TestCloseSendsEveryoneAway(t *testing.T) {
	m := open(t, push.Timing{})
	a := m.connect("u1@sample")
	m.hub.Close()
	if code := a.ended(); code != websocket.CloseGoingAway {
		t.Errorf("closed with %d", code)
	}
	if _, status, err := m.dial("u1@sample"); err == nil || status != 503 {
		t.Errorf("afterwards: %d %v", status, err)
	}
}
