package licensing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/vendor"
	"iscdesk.dev/marketplace/internal/web"
)

const patience = 10 * time.Second

// clock is a time that the test moves.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	waiters map[chan time.Time]time.Time
	last    time.Time     // what was waited for last; earlier waiters have gone on
	changed chan struct{} // closed and renewed whenever someone waits
}

func newClock() *clock {
	return &clock{now: time.Now().Truncate(time.Second), waiters: map[chan time.Time]time.Time{}, changed: make(chan struct{})}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Until(t time.Time) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	c.last = t
	if !t.After(c.now) {
		ch <- c.now
		return ch
	}
	c.waiters[ch] = t
	close(c.changed)
	c.changed = make(chan struct{})
	return ch
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, t := range c.waiters {
		if !t.After(c.now) {
			ch <- c.now
			delete(c.waiters, ch)
		}
	}
}

// awaitSleeper waits until the worker waits for the time that is d from now.
func (c *clock) awaitSleeper(t *testing.T, d time.Duration) {
	t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		changed, found := c.changed, c.last.Equal(c.now.Add(d))
		c.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("nobody waits for %v from now", d)
		}
	}
}

// pushes records what agents are told.
type pushes chan pushed

type pushed struct {
	users   []string
	message agentapi.PushMessage
}

func (p pushes) Send(users []string, m agentapi.PushMessage) { p <- pushed{users, m} }

// await waits for a message of the type and gives it.
func (p pushes) await(t *testing.T, kind agentapi.PushMessageType) pushed {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case got := <-p:
			if got.message.Type == kind {
				return got
			}
		case <-deadline:
			t.Fatalf("no push %s", kind)
		}
	}
}

// users is the directory of the tests.
type users map[string]web.User

func (u users) UserByName(_ context.Context, name string) (web.User, error) {
	if user, ok := u[name]; ok {
		return user, nil
	}
	return web.User{}, fault.New(fault.NotFound, "what", name)
}

func ann() web.User { return web.User{ID: "u-ann", UserName: "ann", Tenant: "t", TenantName: "Sample"} }

func bob() web.User { return web.User{ID: "u-bob", UserName: "bob", Tenant: "t", TenantName: "Sample"} }

// market is a marketplace with real HTTP.
type market struct {
	*licensing.Service
	t      *testing.T
	url    string
	clock  licensing.Clock
	pushes pushes
	stop   func()
}

type options struct {
	dir    string
	clock  licensing.Clock
	timing licensing.Timing
	listen string
}

const accessKey = "callback-access-key"

func credentials() isv.Credentials { return isv.Credentials{AK: "AKsample", SK: "SKsample"} }

func start(t *testing.T, o options) *market {
	t.Helper()
	if o.dir == "" {
		o.dir = t.TempDir()
	}
	db, err := database.OpenSQLite(filepath.Join(o.dir, "market.db"))
	must(t, err)
	store, err := objects.OpenFolder(filepath.Join(o.dir, "objects"))
	must(t, err)
	now := time.Now
	if o.clock != nil {
		now = o.clock.Now
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	m := &market{t: t, clock: o.clock, pushes: make(pushes, 4096)}
	server := httptest.NewUnstartedServer(nil)
	if o.listen != "" {
		_ = server.Listener.Close()
		server.Listener, err = net.Listen("tcp", o.listen)
		must(t, err)
	}
	m.url = "http://" + server.Listener.Addr().String()
	callbacks := isv.NewCallbacks(nil, time.Second, now)
	m.Service, err = licensing.New(t.Context(), licensing.Config{
		DB: db, Objects: store, Push: m.pushes, Callbacks: callbacks, Issuer: m.url, Timing: o.timing, Clock: o.clock, Log: log,
		Users: users{"ann": ann(), "bob": bob()}, TempDir: o.dir,
	})
	must(t, err)
	bearer := func(r *http.Request) (context.Context, error) {
		for _, u := range []web.User{ann(), bob()} {
			if r.Header.Get("Authorization") == "Bearer "+u.UserName {
				return web.WithUser(r.Context(), u), nil
			}
		}
		return nil, fault.New(fault.SignedOut)
	}
	mux := web.NewMux(log, map[web.Access]web.Guard{web.Bearer: bearer, web.Signed: m.Guard, web.Admin: bearer})
	m.Routes(mux)
	server.Config.Handler, err = mux.Handler()
	must(t, err)
	server.Start()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve: %v", err)
		}
		server.Close()
		callbacks.Close()
		must(t, errors.Join(db.Close(), store.Close()))
	})
	t.Cleanup(m.stop)
	return m
}

// stock adds a vendor with a product, and an order of it for the users.
func (m *market) stock(o licensing.Order) string {
	m.t.Helper()
	must(m.t, m.AddVendor(m.t.Context(), licensing.Vendor{ID: "v", Name: "Vendor", AccessKey: accessKey, Credentials: credentials()}))
	must(m.t, m.AddProduct(m.t.Context(), licensing.Product{ID: "cad", Name: "CAD", Vendor: "v"}))
	o.Product, o.Buyer = "cad", ann()
	if o.Users == nil {
		o.Users = []string{ann().ID}
	}
	id, err := m.PlaceOrder(m.t.Context(), o)
	must(m.t, err)
	return id
}

// call makes a call of the agent API and decodes the answer.
func call[T any](m *market, user, method, path string, body any) (int, T) {
	m.t.Helper()
	var answer T
	text, err := json.Marshal(body)
	must(m.t, err)
	req, err := http.NewRequest(method, m.url+path, bytes.NewReader(text))
	must(m.t, err)
	req.Header.Set("Authorization", "Bearer "+user)
	resp, err := http.DefaultClient.Do(req)
	must(m.t, err)
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	must(m.t, err)
	if len(content) > 0 && resp.Header.Get("Content-Type") == "application/json" {
		must(m.t, json.Unmarshal(content, &answer))
	}
	return resp.StatusCode, answer
}

func (m *market) apply(user string, kind agentapi.LicenseApplicationKind, fingerprint string) agentapi.LicenseDecision {
	m.t.Helper()
	status, d := call[agentapi.LicenseDecision](m, user, "POST", "/api/agent/v1/license-requests",
		agentapi.LicenseApplication{Product: "cad", Kind: kind, DeviceFingerprint: fingerprint})
	if status != http.StatusOK {
		m.t.Fatalf("apply: HTTP %d", status)
	}
	return d
}

// awaitState follows the pushes until the event has the state.
func (m *market) awaitState(user, event string, state agentapi.LicenseDecisionState) agentapi.LicenseDecision {
	m.t.Helper()
	return m.awaitDecision(user, event, func(d agentapi.LicenseDecision) bool { return d.State == state })
}

func (m *market) awaitDecision(user, event string, ok func(agentapi.LicenseDecision) bool) agentapi.LicenseDecision {
	m.t.Helper()
	for {
		status, d := call[agentapi.LicenseDecision](m, user, "GET", "/api/agent/v1/license-requests/"+event, nil)
		if status != http.StatusOK {
			m.t.Fatalf("decision: HTTP %d", status)
		}
		if ok(d) {
			return d
		}
		for m.pushes.await(m.t, agentapi.LicenseDecided).message.ID != event {
		}
	}
}

// sample runs the sample vendor against a market.
func sample(t *testing.T, m *market, dir string, knobs vendor.Knobs) *vendor.Server {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	var now func() time.Time
	if m.clock != nil {
		now = m.clock.Now
	}
	s, err := vendor.Open(t.Context(), vendor.Config{
		Credentials: vendor.Credentials{Marketplace: m.url, Vendor: "v", AccessKey: accessKey, Credentials: credentials()},
		State:       dir, Knobs: knobs, RetryEvery: 20 * time.Millisecond, Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener, "") }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
		must(t, s.Close())
	})
	return s
}

// fakeVendor answers callbacks as a function says and tells the test of each.
type fakeVendor struct {
	calls  chan isv.Call
	mu     sync.Mutex
	answer func(isv.Call) isv.Answer
}

func (f *fakeVendor) set(answer func(isv.Call) isv.Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// next waits for the next call of an activity.
func (f *fakeVendor) next(t *testing.T, activity string) isv.Call {
	t.Helper()
	select {
	case c := <-f.calls:
		if c.Activity != activity {
			t.Fatalf("call %s, want %s", c.Activity, activity)
		}
		return c
	case <-time.After(patience):
		t.Fatalf("no call %s", activity)
		return isv.Call{}
	}
}

func fake(t *testing.T, m *market) *fakeVendor {
	t.Helper()
	f := &fakeVendor{calls: make(chan isv.Call, 4096)}
	now := time.Now
	if m.clock != nil {
		now = m.clock.Now
	}
	verifier := &isv.Verifier{AccessKey: accessKey, Nonces: isv.NewNonces(), Now: now}
	f.set(good)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var c isv.Call
		if err := errors.Join(err, verifier.Verify(r.URL.Query(), body), json.Unmarshal(body, &c), c.Validate()); err != nil {
			t.Errorf("callback: %v", err)
		}
		f.mu.Lock()
		a := f.answer(c)
		f.mu.Unlock()
		if a.ResultCode == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
		} else {
			_ = json.NewEncoder(w).Encode(a)
		}
		f.calls <- c
	}))
	t.Cleanup(server.Close)
	must(t, m.SetProductionURL(t.Context(), "v", server.URL+"/produce"))
	return f
}

func good(c isv.Call) isv.Answer {
	a := isv.Answer{ResultCode: isv.ResultSuccess}
	if c.Activity == isv.ActivityNewInstance {
		a.InstanceID = "isv-" + c.OrderID
	}
	return a
}

// answering gives a code for licences and success for the rest.
func answering(code string) func(isv.Call) isv.Answer {
	return func(c isv.Call) isv.Answer {
		if c.Activity == isv.ActivityGetLicense {
			return isv.Answer{ResultCode: code, ResultMsg: "because"}
		}
		return good(c)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
