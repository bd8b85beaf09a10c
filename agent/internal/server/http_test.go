package server_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/ipc"
)

// exchange writes a request as it stands and reads the answer.
func exchange(t *testing.T, c net.Conn, request string) (int, string) {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(body)
}

func TestEveryRouteRefusesForeignRequests(t *testing.T) {
	r := newRig(t)
	for _, pattern := range r.server.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		for _, row := range []struct{ name, head string }{
			{"Origin", method + " " + path + " HTTP/1.1\r\nHost: " + api.Host + "\r\nOrigin: http://evil.example\r\n"},
			{"own Origin", method + " " + path + " HTTP/1.1\r\nHost: " + api.Host + "\r\nOrigin: http://" + api.Host + "\r\n"},
			{"empty Origin", method + " " + path + " HTTP/1.1\r\nHost: " + api.Host + "\r\nOrigin:\r\n"},
			{"null Origin", method + " " + path + " HTTP/1.1\r\nHost: " + api.Host + "\r\nOrigin: null\r\n"},
			{"Referer", method + " " + path + " HTTP/1.1\r\nHost: " + api.Host + "\r\nReferer: http://evil.example/\r\n"},
			{"localhost", method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"},
			{"rebound Host", method + " " + path + " HTTP/1.1\r\nHost: evil.example\r\n"},
			{"Host with port", method + " " + path + " HTTP/1.1\r\nHost: " + api.Host + ":80\r\n"},
			{"no Host", method + " " + path + " HTTP/1.0\r\n"},
			{"foreign target", method + " http://evil.example" + path + " HTTP/1.1\r\nHost: " + api.Host + "\r\n"},
			{"own target", method + " http://" + api.Host + path + " HTTP/1.1\r\nHost: evil.example\r\n"},
		} {
			t.Run(pattern+"/"+row.name, func(t *testing.T) {
				c := r.dial(alice)
				defer c.Close()
				upgrade := "Connection: Upgrade\r\nUpgrade: " + api.SessionUpgrade + "\r\n"
				if pattern == api.RouteWatch {
					upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
				}
				status, body := exchange(t, c, row.head+upgrade+"\r\n")
				if status != http.StatusForbidden || code(body) != api.PermissionDenied {
					t.Fatalf("%d %s", status, body)
				}
			})
		}
	}
	if log := r.Engines(alice).Log(); len(log) > 0 {
		t.Errorf("engines were asked: %v", log)
	}
}

func TestHostIsAskedForByHTTPItself(t *testing.T) {
	r := newRig(t)
	if status, _ := exchange(t, r.dial(alice), "GET /v1/state HTTP/1.1\r\n\r\n"); status != http.StatusBadRequest {
		t.Errorf("HTTP/1.1 without Host: %d", status)
	}
}

func TestAccessOfEveryRoute(t *testing.T) {
	r := newRig(t)
	r.Refuse = []string{bob}
	for _, pattern := range r.server.Patterns() {
		if pattern == api.RouteSession || pattern == api.RouteWatch {
			continue // their own tests
		}
		for _, row := range []struct {
			user    string
			allowed bool
		}{{alice, true}, {root, true}, {bob, pattern == api.RouteService || pattern == api.RoutePolicy}} {
			status, body := r.call(row.user, pattern, "{}")
			if denied := code(body) == api.PermissionDenied; denied == row.allowed {
				t.Errorf("%s as %s: %d %s", pattern, row.user, status, body)
			}
		}
	}
	for _, upgrade := range []string{api.RouteSession, api.RouteWatch} {
		if status, body := r.call(bob, upgrade, ""); status != http.StatusForbidden {
			t.Errorf("%s as bob: %d %s", upgrade, status, body)
		}
	}
}

func TestAccessLevelsAtTheDoor(t *testing.T) {
	for _, row := range []struct {
		name   string
		access actor.Access
		user   string
		want   int
	}{
		{"anyone", actor.Anyone, alice, 200},
		{"anyone, whom the service does not serve", actor.Anyone, bob, 200},
		{"self", actor.Self, alice, 200},
		{"self, whom the service does not serve", actor.Self, bob, 403},
		{"admin", actor.Admin, root, 200},
		{"admin, but a user", actor.Admin, alice, 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			r.Refuse = []string{bob}
			r.server.Table("GET /v1/test", row.access, true, false)
			if status, body := r.call(row.user, "GET /v1/test", ""); status != row.want {
				t.Fatalf("%d %s", status, body)
			}
		})
	}
}

func TestARouteWithAHoleDoesNotStart(t *testing.T) {
	s := server.New(server.Config{})
	for _, row := range []struct {
		name             string
		access           actor.Access
		handler, upgrade bool
	}{
		{"no access", 0, true, false},
		{"an access that is none", actor.Admin + 1, true, false},
		{"nothing to do", actor.Self, false, false},
		{"two things to do", actor.Self, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it started")
				}
			}()
			s.Table("GET /v1/test", row.access, row.handler, row.upgrade)
		})
	}
}

func TestConnectionsWithoutAnIdentityAreClosed(t *testing.T) {
	for _, row := range []struct {
		name string
		who  actor.Identify
	}{
		{"unknown", func(net.Conn) (actor.Actor, error) { return actor.Actor{}, errors.New("no credentials") }},
		{"empty", func(net.Conn) (actor.Actor, error) { return actor.FromPeer(ipc.Peer{}), nil }},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, func(c *server.Config) { c.Identify = row.who })
			c, err := ipc.Dial(t.Context(), r.socket)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			_, _ = io.WriteString(c, "GET /v1/state HTTP/1.1\r\nHost: "+api.Host+"\r\n\r\n")
			if b, err := io.ReadAll(c); len(b) > 0 {
				t.Errorf("answered %q, %v", b, err)
			}
		})
	}
}

func TestErrorsAreRendered(t *testing.T) {
	r := newRig(t)
	for _, row := range []struct {
		name, pattern, body string
		status              int
		code                api.Code
	}{
		{"unknown route", "GET /v1/nothing", "", 404, api.NotFound},
		{"unknown method", "DELETE /v1/state", "", 404, api.NotFound},
		{"not JSON", api.RouteFolder, "{", 400, api.InvalidArgument},
		{"wrong type", api.RouteFolder, `{"path":7}`, 400, api.InvalidArgument},
		{"two values", api.RouteFolder, `{"path":"/a"} {}`, 400, api.InvalidArgument},
		{"junk after the value", api.RouteFolder, `{"path":"/a"} x`, 400, api.InvalidArgument},
		{"nothing", api.RouteFolder, "", 400, api.InvalidArgument},
		{"deep", api.RouteFolder, strings.Repeat("[", 500_000), 400, api.InvalidArgument},
		{"relative path", api.RouteFolder, `{"path":"a"}`, 400, api.InvalidArgument},
		{"path with a line break", api.RouteFolder, `{"path":"/a\nb"}`, 400, api.InvalidArgument},
		{"path in the query", "GET /v1/files?path=..%2Fetc", "", 400, api.InvalidArgument},
		{"long path", api.RouteFolder, `{"path":"/` + strings.Repeat("x", 5000) + `"}`, 400, api.InvalidArgument},
		{"version 0", api.RouteRestore, `{"path":"/a","version":0,"operation":"o"}`, 400, api.InvalidArgument},
		{"redirect elsewhere", api.RouteLoginBegin, `{"redirectUri":"http://evil.example:80/"}`, 400, api.InvalidArgument},
		{"redirect to a name", api.RouteLoginBegin, `{"redirectUri":"http://localhost:80/"}`, 400, api.InvalidArgument},
		{"redirect", api.RouteLoginBegin, `{"redirectUri":"http://127.0.0.1:4000/x"}`, 200, ""},
		{"too large", api.RouteFolder, `{"path":"/` + strings.Repeat("x", 1<<20) + `"}`, 413, api.TooLarge},
		{"well", api.RouteFolder, `{"path":"/a"}`, 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, body := r.call(alice, row.pattern, row.body)
			if status != row.status || code(body) != row.code {
				t.Fatalf("%d %.200s", status, body)
			}
		})
	}
}

func TestEngineErrorsHaveTheStatusOfTheTable(t *testing.T) {
	r := newRig(t)
	e := r.Engines(alice)
	for _, row := range api.Table() {
		e.Fault = api.Fail(row.Code, "what", "x").Because(errors.New("secret cause"))
		status, body := r.call(alice, api.RouteLogout, "")
		if status != row.HTTP || code(body) != row.Code || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", row.Code, status, body)
		}
	}
	e.Fault = errors.New("secret cause")
	if status, body := r.call(alice, api.RouteLogout, ""); status != 500 || code(body) != api.Internal || strings.Contains(body, "secret") {
		t.Errorf("%d %s", status, body)
	}
}

func TestAPanicIsOneCallsFailure(t *testing.T) {
	r := newRig(t)
	r.Engines(alice).Panic = true
	c := r.http(alice)
	if status, body := r.send(c, api.RouteDoctor, ""); status != 500 || code(body) != api.Internal {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := r.send(c, api.RouteState, ""); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
}

func TestSlowPeersAreCutOff(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.HeaderWait, l.BodyWait = 50*time.Millisecond, 50*time.Millisecond }))
	head := "POST /v1/files/folder HTTP/1.1\r\nHost: " + api.Host + "\r\n"
	for _, row := range []struct{ name, request string }{
		{"nothing", ""},
		{"half a header", "POST /v1/files/folder HTTP/1.1\r\nHo"},
		{"half a body", head + "Content-Length: 100\r\n\r\n{\"path\":"},
		{"half a chunk", head + "Transfer-Encoding: chunked\r\n\r\n40\r\n{"},
		{"a body that nobody asked for", "GET /v1/state HTTP/1.1\r\nHost: " + api.Host + "\r\nContent-Length: 100\r\n\r\n{"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := r.dial(alice)
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			_, _ = io.WriteString(c, row.request)
			if _, err := io.Copy(io.Discard, c); err != nil {
				t.Fatalf("still open: %v", err)
			}
		})
	}
}

func TestHeadersAreLimited(t *testing.T) {
	r := newRig(t)
	request := "GET /v1/state HTTP/1.1\r\nHost: " + api.Host + "\r\nX-Large: " + strings.Repeat("x", 12<<10) + "\r\n\r\n"
	status, _ := exchange(t, r.dial(alice), request)
	if status != http.StatusRequestHeaderFieldsTooLarge {
		t.Fatalf("%d", status)
	}
}

func TestConnectionsAreLimitedPerUser(t *testing.T) {
	const limit = 3
	r := newRig(t, limits(func(l *server.Limits) { l.Connections = limit }))
	get := "GET /v1/state HTTP/1.1\r\nHost: " + api.Host + "\r\n\r\n"
	var open []net.Conn
	for range limit {
		c := r.dial(alice)
		open = append(open, c)
		if status, body := exchange(t, c, get); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
	}
	if status, body := exchange(t, r.dial(alice), get); status != 429 || code(body) != api.Busy {
		t.Errorf("one too many: %d %s", status, body)
	}
	if status, body := exchange(t, r.dial(bob), get); status != 200 {
		t.Errorf("another user: %d %s", status, body)
	}
	for range 100 { // beyond the spare ones there is no answer at all
		open = append(open, r.dial(alice))
	}
	over := r.dial(alice)
	_ = over.SetDeadline(time.Now().Add(patience))
	if b, _ := io.ReadAll(over); len(b) > 0 {
		t.Errorf("far too many: %q", b)
	}
	for _, c := range open {
		_ = c.Close()
	}
	r.eventually("connections are counted off", func() bool {
		c := r.dial(alice)
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(c, get) // it may be closed already
		line, _ := bufio.NewReader(c).ReadString('\n')
		return strings.Contains(line, " 200 ")
	})
}

func TestStateIsTheUsersOwn(t *testing.T) {
	r := newRig(t)
	r.Engines(alice).Put("/secret-of-alice", []byte("x"))
	_, body := r.call(alice, api.RouteState, "")
	if !strings.Contains(body, "instance-of-"+alice) || strings.Contains(body, bob) || strings.Contains(body, "null") {
		t.Errorf("alice's state: %s", body)
	}
	for _, pattern := range r.server.Patterns() {
		if pattern == api.RouteSession || pattern == api.RouteWatch {
			continue
		}
		if _, body := r.call(bob, pattern, "{}"); strings.Contains(body, alice) || strings.Contains(body, "alice") {
			t.Errorf("%s shows bob what is alice's: %s", pattern, body)
		}
	}
}
