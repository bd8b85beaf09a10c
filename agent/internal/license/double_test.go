package license

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

// market is a marketplace with knobs: real HTTP, rules as documented.
type market struct {
	*httptest.Server
	mu        sync.Mutex
	number    int
	decisions map[string]*agentapi.LicenseDecision // by event id
	keys      map[string]string                    // event id by user, product, kind, fingerprint
	asked     map[string]agentapi.LicenseApplication
	files     map[string][]byte
	verdicts  map[string]agentapi.Verdict
	licenses  []agentapi.LicenseInfo
	leases    map[string]string // lease id by session
	life      time.Duration
	grace     time.Duration
	seats     int
	refuse    map[string]*api.Error // by method and path prefix
	status    int                   // of every answer, 0: none
	vendor    func(agentapi.LicenseApplication, *agentapi.LicenseDecision)
	now       func() time.Time
	hold      chan struct{} // every answer waits for it
	calls     chan string
}

func newMarket(t *testing.T, now func() time.Time) *market {
	t.Helper()
	m := &market{
		decisions: make(map[string]*agentapi.LicenseDecision), keys: make(map[string]string), files: make(map[string][]byte),
		asked: make(map[string]agentapi.LicenseApplication), verdicts: make(map[string]agentapi.Verdict), leases: make(map[string]string),
		life: time.Hour, grace: 24 * time.Hour, seats: 2, refuse: make(map[string]*api.Error), now: now, calls: make(chan string, 10_000),
	}
	m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) { m.grant(d, "0078-"+d.EventID) }
	mux := http.NewServeMux()
	const root = cloud.Prefix
	mux.HandleFunc("POST "+root+"/license-requests", m.apply)
	mux.HandleFunc("GET "+root+"/license-requests/{id}", func(w http.ResponseWriter, r *http.Request) {
		d, ok := m.decisions[r.PathValue("id")]
		m.answer(w, d, ok)
	})
	mux.HandleFunc("GET "+root+"/license-requests/{id}/file", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(m.files[r.PathValue("id")])
	})
	mux.HandleFunc("POST "+root+"/license-requests/{id}/verdict", func(w http.ResponseWriter, r *http.Request) {
		var v agentapi.Verdict
		_ = json.NewDecoder(r.Body).Decode(&v)
		m.verdicts[r.PathValue("id")] = v
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+root+"/licenses", func(w http.ResponseWriter, _ *http.Request) {
		m.answer(w, agentapi.LicenseList{Licenses: m.licenses}, true)
	})
	mux.HandleFunc("POST "+root+"/leases", m.acquire)
	mux.HandleFunc("POST "+root+"/leases/{id}/renew", func(w http.ResponseWriter, r *http.Request) {
		m.answer(w, m.sign(r.PathValue("id"), "renewed"), m.holds(r.PathValue("id")))
	})
	mux.HandleFunc("DELETE "+root+"/leases/{id}", func(w http.ResponseWriter, r *http.Request) {
		for session, id := range m.leases {
			if id == r.PathValue("id") {
				delete(m.leases, session)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	})
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := r.Method + " " + strings.TrimPrefix(r.URL.Path, root)
		m.calls <- call
		m.mu.Lock()
		hold := m.hold
		m.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
				return
			}
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		for prefix, e := range m.refuse {
			if strings.HasPrefix(call, prefix) {
				row, _ := api.Lookup(e.Code)
				w.WriteHeader(row.HTTP)
				_ = json.NewEncoder(w).Encode(e)
				return
			}
		}
		if m.status != 0 {
			w.WriteHeader(m.status)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *market) answer(w http.ResponseWriter, v any, ok bool) {
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"code":"not_found","params":{"what":"it"}}`)
		return
	}
	_ = json.NewEncoder(w).Encode(v)
}

func (m *market) apply(w http.ResponseWriter, r *http.Request) {
	var in agentapi.LicenseApplication
	_ = json.NewDecoder(r.Body).Decode(&in)
	key := fmt.Sprintf("%s %s %s %s", r.Header.Get("Authorization"), in.Product, in.Kind, in.DeviceFingerprint)
	d := m.decisions[m.keys[key]]
	if d == nil || d.State == agentapi.Refused {
		m.number++
		d = &agentapi.LicenseDecision{
			EventID: fmt.Sprintf("event-%d", m.number), Product: in.Product, Kind: agentapi.LicenseDecisionKind(in.Kind),
			State: agentapi.Pending, Instance: "instance-" + in.Product,
		}
		m.keys[key], m.decisions[d.EventID], m.asked[d.EventID] = d.EventID, d, in
		m.vendor(in, d)
	}
	m.answer(w, d, true)
}

// grant decides an application; the content is a string or a file.
func (m *market) grant(d *agentapi.LicenseDecision, content string) {
	d.State, d.Reason = agentapi.Granted, agentapi.Error{}
	if d.Kind == agentapi.LicenseDecisionKindString {
		d.Characters = content
		return
	}
	sum := sha256.Sum256([]byte(content))
	m.files[d.EventID] = []byte(content)
	d.FileName, d.Size, d.Sha256 = "minicad.lic", int64(len(content)), hex.EncodeToString(sum[:])
}

func (m *market) acquire(w http.ResponseWriter, r *http.Request) {
	var in agentapi.LeaseApplication
	_ = json.NewDecoder(r.Body).Decode(&in)
	id, held := m.leases[in.Session]
	if !held {
		if len(m.leases) >= m.seats {
			w.WriteHeader(http.StatusConflict)
			_ = json.NewEncoder(w).Encode(api.Fail(api.LeaseNoSeat, "total", fmt.Sprint(m.seats), "product", in.Product))
			return
		}
		m.number++
		id = fmt.Sprintf("lease-%d", m.number)
		m.leases[in.Session] = id
	}
	w.WriteHeader(http.StatusCreated)
	m.answer(w, m.sign(id, in.Nonce), true)
}

func (m *market) sign(id, nonce string) agentapi.SignedLease {
	m.number++
	return agentapi.SignedLease{
		ID: id, Token: fmt.Sprintf("token-%d %s %s", m.number, id, nonce), Expires: m.now().Add(m.life), Grace: m.now().Add(m.life + m.grace),
	}
}

func (m *market) holds(id string) bool {
	for _, held := range m.leases {
		if held == id {
			return true
		}
	}
	return false
}

// set turns knobs.
func (m *market) set(f func(*market)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

// look reads a state of the marketplace.
func look[T any](m *market, f func(*market) T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	return f(m)
}

// await waits for a call whose name begins so.
func (m *market) await(t *testing.T, prefix string) {
	t.Helper()
	for {
		select {
		case call := <-m.calls:
			if strings.HasPrefix(call, prefix) {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no %s", prefix)
		}
	}
}

// forgetCalls empties what was called so far.
func (m *market) forgetCalls() {
	for len(m.calls) > 0 {
		<-m.calls
	}
}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// ear takes events down.
type ear struct {
	events  chan api.Event
	changes chan string
}

func (n *ear) Publish(_ context.Context, e api.Event) { n.events <- e }

func (n *ear) Changed(section string) {
	select {
	case n.changes <- section:
	default: // the test looks at the last ones only
	}
}

// bench is an engine with everything around it.
type bench struct {
	*Engine
	market  *market
	clock   *clock
	ear     *ear
	dir     string
	mu      sync.Mutex
	account api.Account
	offline bool
	finger  string
	db      *sql.DB
	stop    func()
	wire    *http.Transport
}

var errUnplugged = errors.New("unplugged")

// RoundTrip is the network, which can be unplugged.
func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	offline := b.offline
	b.mu.Unlock()
	if offline {
		return nil, errUnplugged
	}
	return b.wire.RoundTrip(r)
}

// Token makes bench the signed-in user of the marketplace's client.
func (b *bench) Token(context.Context) (string, error) {
	if a := b.who(); a.State != api.AccountSignedIn {
		return "", api.Fail(api.SignedOut)
	} else {
		return a.UserID, nil
	}
}

func (b *bench) Rejected(string) {}

func (b *bench) who() api.Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.account
}

func (b *bench) signIn(user string) {
	b.mu.Lock()
	b.account = api.Account{State: api.AccountSignedIn, UserID: user, Marketplace: "m"}
	b.mu.Unlock()
	if b.Engine != nil {
		b.Wake()
	}
}

// signedOut leaves the account in a state without a token; user is who is
// still known.
func (b *bench) signedOut(state api.AccountState, user string) {
	b.mu.Lock()
	b.account = api.Account{State: state, UserID: user, Marketplace: "m"}
	b.mu.Unlock()
	b.Wake()
}

func (b *bench) unplug() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offline = true
}

// plug brings the network back; the push connection says hello.
func (b *bench) plug() {
	b.mu.Lock()
	b.offline = false
	b.mu.Unlock()
	b.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
}

// advance moves the clock.
func (b *bench) advance(d time.Duration) {
	b.clock.mu.Lock()
	b.clock.now = b.clock.now.Add(d)
	b.clock.mu.Unlock()
	b.look()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		clock: &clock{now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}, dir: t.TempDir(), finger: "MAC|DISK||CPU",
		wire: &http.Transport{}, ear: &ear{events: make(chan api.Event, 1000), changes: make(chan string, 1)},
	}
	b.market = newMarket(t, b.clock.Now)
	b.signIn("u1")
	b.start(t)
	t.Cleanup(func() { b.stop(); b.wire.CloseIdleConnections() })
	return b
}

// start starts a service on what the last one left.
func (b *bench) start(t *testing.T) {
	t.Helper()
	db, err := store.Open(filepath.Join(b.dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := cloud.New(b.market.URL, &http.Client{Transport: b}, b)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := New(t.Context(), Config{
		DB: db, Market: client, Notify: b.ear, Now: b.clock.Now, OSUser: "uid:1000", Account: b.who, Log: slog.New(slog.DiscardHandler),
		Fingerprint: func(context.Context) (string, error) { return b.finger, nil },
		Device:      func(product string) (string, error) { return "device of " + product, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Engine, b.db = engine, db
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- engine.Serve(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve ended with %v", err)
		}
		_ = db.Close()
	})
}

// restart is a service that was stopped, or killed: what counts is in the
// database either way.
func (b *bench) restart(t *testing.T) {
	t.Helper()
	b.stop()
	b.start(t)
}

// event waits for the next event of a name and reads its data.
func event[T any](t *testing.T, b *bench, name string) (T, api.Event) {
	t.Helper()
	for {
		select {
		case e := <-b.ear.events:
			if e.Name != name {
				t.Fatalf("event %s %s, want %s", e.Name, e.Data, name)
			}
			var data T
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			return data, e
		case <-time.After(10 * time.Second):
			t.Fatalf("no event %s", name)
		}
	}
}

// answer waits for the next answer to a licence request.
func (b *bench) answer(t *testing.T) api.LicenseAnswer {
	t.Helper()
	a, e := event[api.LicenseAnswer](t, b, api.EventLicenseVerify)
	if e.Session == "" || e.Product == "" || e.Time == 0 {
		t.Fatalf("the event is for nobody: %+v", e)
	}
	return a
}

// quiet makes sure that nothing else was said: it lets the loop do a whole
// round and looks.
func (b *bench) quiet(t *testing.T) {
	t.Helper()
	b.settleDown(t)
	select {
	case e := <-b.ear.events:
		t.Fatalf("unexpected event %s %s", e.Name, e.Data)
	default:
	}
}

// settleDown waits until the loop has nothing under way and nothing to do.
func (b *bench) settleDown(t *testing.T) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for idle := 0; idle < 3; {
		b.look()
		select {
		case <-b.ear.changes: // something moved
			idle = 0
		case <-time.After(10 * time.Millisecond):
			b.Engine.mu.Lock()
			if len(b.busy) == 0 && len(b.inbox) == 0 && !b.resync {
				idle++
			} else {
				idle = 0
			}
			b.Engine.mu.Unlock()
		case <-deadline:
			t.Fatal("the engine does not come to rest")
		}
	}
}

func minicad(session string) api.Session {
	return api.Session{ID: session, Product: "minicad", Version: "1.0"}
}

// request asks for a licence.
func (b *bench) request(t *testing.T, session string, kind api.LicenseKind) string {
	t.Helper()
	ticket, err := b.Request(t.Context(), minicad(session), api.LicenseRequest{Kind: kind, Tag: "tag"})
	if err != nil || ticket.Request == "" {
		t.Fatalf("%+v, %v", ticket, err)
	}
	return ticket.Request
}
