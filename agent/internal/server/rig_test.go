package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/internal/server/servertest"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
	"iscdesk.dev/agent/session"
)

func TestMain(m *testing.M) { ipctest.VerifyTestMain(m) }

const (
	alice = "uid:1001"
	bob   = "uid:1002"
	root  = "uid:0"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// rig is a server on a real socket, with engines in memory. Tests connect as
// whoever they like: the server's word for who comes is the rig's.
type rig struct {
	*servertest.Users
	t      testing.TB
	socket string
	server *server.Server
	stop   context.CancelFunc
	ended  chan error

	mu    sync.Mutex
	peers chan ipc.Peer // in the order in which they dial
}

func newRig(t testing.TB, change ...func(*server.Config)) *rig {
	t.Helper()
	r := &rig{
		t: t, Users: &servertest.Users{}, socket: ipctest.Path(t),
		ended: make(chan error, 1), peers: make(chan ipc.Peer, 1024),
	}
	cfg := server.Config{
		Users: r.Users, Identify: r.identify, Limits: server.DefaultLimits(),
		Service: api.ServiceInfo{Version: "1.2.3", Protocol: api.ProtocolVersion},
	}
	for _, f := range change {
		f(&cfg)
	}
	l, err := ipc.Listen(r.socket, false)
	if err != nil {
		t.Fatal(err)
	}
	r.server = server.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() { r.ended <- r.server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		r.await("the server's end", r.ended)
	})
	return r
}

// limits changes the limits of a rig.
func limits(f func(*server.Limits)) func(*server.Config) {
	return func(c *server.Config) { f(&c.Limits) }
}

func (r *rig) await(what string, c <-chan error) {
	r.t.Helper()
	select {
	case err := <-c:
		if err != nil {
			r.t.Errorf("%s: %v", what, err)
		}
		r.ended <- nil // for whoever waits next
	case <-time.After(patience):
		r.t.Fatalf("%s did not come", what)
	}
}

func (r *rig) identify(net.Conn) (actor.Actor, error) {
	return actor.FromPeer(<-r.peers), nil
}

func peer(user string) ipc.Peer { return ipc.Peer{User: user, PID: 4711, Admin: user == root} }

// dial connects as a user.
func (r *rig) dial(user string) net.Conn {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := ipc.Dial(context.Background(), r.socket)
	if err != nil {
		r.t.Fatal(err)
	}
	r.peers <- peer(user)
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// http is a client that calls as a user.
func (r *rig) http(user string) *http.Client {
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return r.dial(user), nil }}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// call makes a request as a user and gives the status and the body.
func (r *rig) call(user, pattern, body string) (int, string) {
	r.t.Helper()
	return r.send(r.http(user), pattern, body)
}

func (r *rig) send(c *http.Client, pattern, body string) (int, string) {
	r.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{id}", "some-id", "{product}", "cad").Replace(path)
	q, err := http.NewRequest(method, "http://"+api.Host+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	a, err := c.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

// code is the error code in a body.
func code(body string) api.Code {
	var e api.Error
	if json.Unmarshal([]byte(body), &e) != nil {
		return "no error: " + api.Code(body)
	}
	return e.Code
}

func hello(id string) api.Hello {
	return api.Hello{Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: id, Product: "cad", Version: "1.0"}
}

// open opens a session or a transfer as a user.
func (r *rig) open(user string, h api.Hello) (*session.Client, api.HelloReply, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.peers <- peer(user)
	c, reply, err := session.Dial(context.Background(), r.socket, h)
	if err == nil {
		r.t.Cleanup(func() { _ = c.Close() })
	}
	return c, reply, err
}

func (r *rig) session(user, id string) *session.Client {
	r.t.Helper()
	c, _, err := r.open(user, hello(id))
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *rig) transfer(user string) *session.Client {
	r.t.Helper()
	h := hello("transfer-of-" + user)
	h.Role = api.RoleTransfer
	c, _, err := r.open(user, h)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// raw is a framed connection after its upgrade, without a client's manners.
func (r *rig) raw(user string) net.Conn {
	r.t.Helper()
	c := r.dial(user)
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		r.t.Fatal(err)
	}
	request := "GET /v1/session HTTP/1.1\r\nHost: " + api.Host + "\r\nConnection: Upgrade\r\nUpgrade: " + api.SessionUpgrade + "\r\n\r\n"
	if _, err := io.WriteString(c, request); err != nil {
		r.t.Fatal(err)
	}
	want := "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + api.SessionUpgrade + "\r\n\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		r.t.Fatalf("%q, %v", got, err)
	}
	return c
}

// eventually waits until a condition holds that has no channel of its own.
func (r *rig) eventually(what string, holds func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			r.t.Fatalf("never: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}
