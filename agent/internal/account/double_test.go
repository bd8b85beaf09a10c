package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// market is a marketplace's authorization server with knobs. Every secret that
// it issues holds the word canary.
type market struct {
	*httptest.Server
	mu         sync.Mutex
	number     int
	codes      map[string]url.Values // the query with which the browser came, by code
	refresh    map[string]bool       // the refresh tokens that are good
	user       string
	refreshes  int
	revoked    []string
	device     string        // pending, approved, denied, expired
	expiresIn  int           // seconds
	keep       bool          // refresh tokens are not rotated
	fail       int           // status of every answer, 0: none
	hold       chan struct{} // a refresh waits for it
	holdRevoke chan struct{}
	asked      chan string
}

func newMarket(t *testing.T) *market {
	t.Helper()
	m := &market{codes: make(map[string]url.Values), refresh: make(map[string]bool), user: "u1", expiresIn: 7200, asked: make(chan string, 1000)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/oauth2/token", m.token)
	mux.HandleFunc("POST /api/v1/oauth2/revoke", m.revoke)
	mux.HandleFunc("POST /api/v1/oauth2/device_authorization", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"device_code":"canary-device","user_code":"ABCD-EFGH","verification_uri":"https://m/device","expires_in":600,"interval":1}`)
	})
	mux.HandleFunc("GET /api/agent/v1/me", func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer canary-access-") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(agentapi.Me{ID: m.user, UserName: m.user + "@x", Name: "Li Lei", Tenant: "t1", TenantName: "Tenant"})
	})
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked <- r.URL.Path
		m.mu.Lock()
		fail := m.fail
		m.mu.Unlock()
		if fail != 0 {
			w.WriteHeader(fail)
			_, _ = fmt.Fprint(w, "canary in a body")
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

// browse plays the user in the browser: it signs in at address and gives what
// the redirect carries.
func (m *market) browse(t *testing.T, address string) (code, state string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, m.URL+"/api/v1/oauth2/authorize?") {
		t.Fatalf("%s, %v", address, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number++
	code = fmt.Sprintf("canary-code-%d", m.number)
	m.codes[code] = u.Query()
	return code, u.Query().Get("state")
}

func (m *market) token(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	refuse := func(code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":"canary-description"}`, code)
	}
	if r.FormValue("client_id") != "iscdesk" || r.FormValue("client_secret") != "" {
		refuse("invalid_client")
		return
	}
	switch r.FormValue("grant_type") {
	case "authorization_code":
		query, ok := m.codes[r.FormValue("code")]
		delete(m.codes, r.FormValue("code"))
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || query.Get("code_challenge_method") != "S256" || query.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) ||
			query.Get("redirect_uri") != r.FormValue("redirect_uri") {
			refuse("invalid_grant")
			return
		}
	case "refresh_token":
		m.refreshes++
		if hold := m.hold; hold != nil {
			m.mu.Unlock()
			<-hold
			m.mu.Lock()
		}
		if !m.refresh[r.FormValue("refresh_token")] {
			refuse("invalid_grant")
			return
		}
		if !m.keep {
			delete(m.refresh, r.FormValue("refresh_token"))
		}
	case "urn:ietf:params:oauth:grant-type:device_code":
		switch m.device {
		case "pending":
			refuse("authorization_pending")
			return
		case "denied":
			refuse("access_denied")
			return
		case "expired":
			refuse("expired_token")
			return
		}
	}
	m.number++
	answer := map[string]any{"access_token": fmt.Sprintf("canary-access-%d", m.number), "token_type": "Bearer", "expires_in": m.expiresIn}
	if r.FormValue("grant_type") != "refresh_token" || !m.keep {
		token := fmt.Sprintf("canary-refresh-%d", m.number)
		m.refresh[token] = true
		answer["refresh_token"] = token
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (m *market) revoke(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	hold := m.holdRevoke
	m.revoked = append(m.revoked, r.FormValue("token"))
	delete(m.refresh, r.FormValue("token"))
	m.mu.Unlock()
	if hold != nil {
		<-hold
	}
	w.WriteHeader(http.StatusOK)
}

func (m *market) set(f func(*market)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

// memory is a Store that survives the engine.
type memory struct {
	mu      sync.Mutex
	secret  []byte
	failing error
	saves   int
}

func (s *memory) Load() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secret, s.failing
}

func (s *memory) Save(secret []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing == nil {
		s.secret = bytes.Clone(secret)
		s.saves++
	}
	return s.failing
}

func (s *memory) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = nil
	return s.failing
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

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type ear struct{ changes chan string }

func (e ear) Publish(context.Context, api.Event) {}
func (e ear) Changed(section string)             { e.changes <- section }

// bench is an engine at a marketplace, with everything at hand.
type bench struct {
	*Engine
	market    *market
	store     *memory
	clock     *clock
	ear       ear
	log       *bytes.Buffer
	loggedOut []string
	leftWith  error // what Token said while leaving
	config    Config
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		market: newMarket(t), store: &memory{}, clock: &clock{now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)},
		ear: ear{make(chan string, 1000)}, log: &bytes.Buffer{},
	}
	web := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(web.CloseIdleConnections)
	b.config = Config{
		Marketplace: b.market.URL, HTTP: web, Store: b.store, Notify: b.ear, Now: b.clock.Now,
		Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Leaving: func(ctx context.Context, account api.Account) {
			b.loggedOut = append(b.loggedOut, account.UserID)
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("leaving may hang")
			}
			if _, err := b.Token(ctx); err != nil && account.State == api.AccountSignedIn && b.store.failing == nil {
				b.leftWith = err
			}
		},
	}
	b.restart(t)
	return b
}

// restart is a service that starts on what was kept.
func (b *bench) restart(t *testing.T) {
	t.Helper()
	engine, err := New(b.config)
	if err != nil {
		t.Fatal(err)
	}
	b.Engine = engine
}

const redirect = "http://127.0.0.1:43210/callback"

func (b *bench) signIn(t *testing.T) {
	t.Helper()
	begun, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect})
	if err != nil {
		t.Fatal(err)
	}
	code, state := b.market.browse(t, begun.URL)
	account, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code})
	if err != nil || account.State != api.AccountSignedIn {
		t.Fatalf("%+v, %v", account, err)
	}
}
