package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/internal/server/servertest"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
)

func TestMain(m *testing.M) { ipctest.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// service is a server with engines in memory that can be stopped and started
// again on the same socket.
type service struct {
	t       *testing.T
	socket  string
	users   *servertest.Users
	engines *servertest.Engines
	stop    func()
}

func newService(t *testing.T) *service {
	s := &service{t: t, socket: ipctest.Path(t), users: &servertest.Users{}, stop: func() {}}
	s.engines = s.users.Engines(ipc.CurrentUser())
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *service) start() {
	s.t.Helper()
	l, err := ipc.Listen(s.socket, false)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	local := server.New(server.Config{Users: s.users, Service: api.ServiceInfo{Protocol: api.ProtocolVersion}})
	go func() { ended <- local.Serve(ctx, l) }()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
		s.stop = func() {}
	}
}

func (s *service) client() *client.Client {
	c := client.New(s.socket)
	s.t.Cleanup(c.Close)
	return c
}

func TestEveryCallReachesItsRoute(t *testing.T) {
	s := newService(t)
	s.engines.Put("/a b/ü.step", []byte("x"))
	c, ctx := s.client(), t.Context()
	for name, call := range map[string]func() error{
		"State": func() error {
			st, err := c.State(ctx)
			return check(err, st.Account.UserName == s.engines.Owner)
		},
		"Service": func() error {
			i, err := c.Service(ctx)
			return check(err, i.Protocol == api.ProtocolVersion)
		},
		"LoginBegin": func() error {
			b, err := c.LoginBegin(ctx, api.LoginBegin{RedirectURI: "http://127.0.0.1:1/x"})
			return check(err, b.URL != "")
		},
		"LoginComplete": func() error {
			a, err := c.LoginComplete(ctx, api.LoginComplete{State: "s", Code: "c"})
			return check(err, a.State == api.AccountSignedIn)
		},
		"DeviceBegin": func() error { d, err := c.DeviceBegin(ctx); return check(err, d.ID == "device-1") },
		"DeviceAwait": func() error {
			a, err := c.DeviceAwait(ctx, "device/1?")
			return check(err, a.State == api.AccountSignedIn)
		},
		"Logout":   func() error { return c.Logout(ctx) },
		"Licenses": func() error { l, err := c.Licenses(ctx); return check(err, len(l) == 1) },
		"List": func() error {
			l, err := c.List(ctx, "/a b")
			return check(err, l.Path == "/a b" && len(l.Entries) == 1)
		},
		"History":      func() error { v, err := c.History(ctx, "/a b/ü.step"); return check(err, v != nil) },
		"CreateFolder": func() error { return c.CreateFolder(ctx, "/new") },
		"Restore": func() error {
			v, err := c.Restore(ctx, api.RestoreRequest{Path: "/a", Version: 2, Operation: "o"})
			return check(err, v.Number == 3)
		},
		"CheckOut":      func() error { e, err := c.CheckOut(ctx, "/a"); return check(err, e.Mine) },
		"CheckIn":       func() error { e, err := c.CheckIn(ctx, "/a"); return check(err, e.Path == "/a") },
		"Picks":         func() error { p, err := c.Picks(ctx); return check(err, p != nil) },
		"AnswerPick":    func() error { return c.AnswerPick(ctx, "pick/../1", api.PickAnswer{Path: "/a"}) },
		"Transfers":     func() error { l, err := c.Transfers(ctx); return check(err, l != nil) },
		"Retry":         func() error { return c.Retry(ctx, "o") },
		"Redirect":      func() error { return c.Redirect(ctx, "o", api.Redirect{Path: "/p/f.stp"}) },
		"Discard":       func() error { return c.Discard(ctx, "o") },
		"Apps":          func() error { l, err := c.Apps(ctx); return check(err, l != nil) },
		"Install":       func() error { return c.Install(ctx, "cad pro") },
		"AnswerUpgrade": func() error { return c.AnswerUpgrade(ctx, api.UserUpgradeAnswer{Product: "cad"}) },
		"Solves":        func() error { l, err := c.Solves(ctx); return check(err, l != nil) },
		"CancelSolve":   func() error { return c.CancelSolve(ctx, "s") },
		"Doctor":        func() error { l, err := c.Doctor(ctx); return check(err, len(l) == 1) },
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, want := range []string{"logout", "picked pick/../1 /a", "install cad pro"} {
		if !slices.Contains(s.engines.Log(), want) {
			t.Errorf("the engines did not hear %q but %q", want, s.engines.Log())
		}
	}
}

func check(err error, ok bool) error {
	if err == nil && !ok {
		return errors.New("another answer")
	}
	return err
}

func TestErrorsComeBackAsTheyWere(t *testing.T) {
	s := newService(t)
	c := s.client()
	for _, row := range api.Table() {
		s.engines.Fault = api.Fail(row.Code, "what", "中文")
		e, ok := errors.AsType[*api.Error](c.Logout(t.Context()))
		if row.HTTP < 300 { // pending is no refusal: it never fails a call
			continue
		}
		if !ok || e.Code != row.Code || e.Params["what"] != "中文" {
			t.Errorf("%s came back as %v", row.Code, e)
		}
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	s := newService(t)
	c := s.client()
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() {
		_, err := c.DeviceAwait(ctx, "never")
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, api.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
	short, done := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer done()
	if _, err := c.DeviceAwait(short, "never"); !errors.Is(err, api.Timeout) {
		t.Errorf("no time left: %v", err)
	}
	s.stop()
	if _, err := c.State(t.Context()); !errors.Is(err, api.ServiceUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := c.Watch(t.Context()); !errors.Is(err, api.ServiceUnavailable) {
		t.Errorf("a watch of nobody: %v", err)
	}
	if _, err := c.Transfer(t.Context()); !errors.Is(err, api.ServiceUnavailable) {
		t.Errorf("a transfer to nobody: %v", err)
	}
	s.start()
	if _, err := c.State(t.Context()); err != nil {
		t.Errorf("the same client after a restart: %v", err)
	}
}

func TestTransfer(t *testing.T) {
	s := newService(t)
	x, err := s.client().Transfer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	s.engines.Put("/doc", []byte("content"))
	if err := x.Call(t.Context(), api.CallFetchBegin, api.FetchBegin{Path: "/doc"}, nil); err != nil {
		t.Error(err)
	}
}

func next(t *testing.T, w *client.Watch) api.WatchMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := w.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWatchReconnects(t *testing.T) {
	s := newService(t)
	w, err := s.client().Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if m := next(t, w); m.State == nil {
		t.Fatalf("first: %+v", m)
	}
	s.engines.Events.Publish(t.Context(), api.Event{Name: "one"})
	if m := next(t, w); m.Event == nil || m.Event.Name != "one" {
		t.Fatalf("event: %+v", m)
	}
	for range 2 {
		s.stop()
		s.start()
		if m := next(t, w); m.State == nil {
			t.Fatalf("after a restart: %+v", m)
		}
		s.engines.Events.Publish(t.Context(), api.Event{Name: "again"})
		if m := next(t, w); m.Event == nil || m.Event.Name != "again" {
			t.Fatalf("event after a restart: %+v", m)
		}
	}
}

func TestWatchEnds(t *testing.T) {
	s := newService(t)
	w, err := s.client().Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next(t, w)
	short, done := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer done()
	if _, err := w.Next(short); !errors.Is(err, api.Timeout) {
		t.Errorf("nothing happens: %v", err)
	}
	if m := next(t, w); m.State == nil {
		t.Errorf("it goes on with %+v", m)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := w.Next(context.Background())
		waiting <- err
	}()
	w.Close()
	select {
	case err := <-waiting:
		if !errors.Is(err, api.Cancelled) {
			t.Errorf("closed: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Next waits on after Close")
	}
}

func TestCloseEndsTheConnectionThoughNobodyReads(t *testing.T) {
	s := newService(t)
	w, err := s.client().Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	for deadline := time.Now().Add(patience); s.engines.Events.Watching() > 0; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the service still has it")
		}
	}
}

func TestWatchOfARefusedUser(t *testing.T) {
	s := newService(t)
	s.users.Refuse = []string{ipc.CurrentUser()}
	_, err := s.client().Watch(t.Context())
	if !errors.Is(err, api.PermissionDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := s.client().State(t.Context()); !errors.Is(err, api.PermissionDenied) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}
