package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/oauth"
	"iscdesk.dev/marketplace/internal/web"
)

const (
	redirect = "http://127.0.0.1:4711/callback"
	verifier = "a-verifier-that-is-long-enough-for-the-rules-of-pkce"
	password = "correct horse"

	vendorClient   = "vendor"
	vendorSecret   = "the vendor's secret"
	vendorRedirect = "https://vendor.example/signed-in"
)

// market is an authorization server behind real HTTP, with a clock that the
// test moves.
type market struct {
	*testing.T
	server *oauth.Server
	url    string
	state  string

	mu      sync.Mutex
	ahead   time.Duration
	revoked []string
}

func (m *market) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.ahead)
}

func (m *market) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead += d
}

func open(t *testing.T) *market {
	t.Helper()
	m := &market{T: t, state: filepath.Join(t.TempDir(), "market.db")}
	db, err := database.OpenSQLite(m.state)
	m.must(err)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	m.server, err = oauth.New(t.Context(), db, log, oauth.Config{Now: m.now, Revoked: func(grant string) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.revoked = append(m.revoked, grant)
	}})
	m.must(err)
	m.must(m.server.AddTenant(t.Context(), oauth.Tenant{ID: "sample", Name: "Sample Works"}))
	for _, name := range []string{"engineer", "colleague"} {
		_, err := m.server.AddAccount(t.Context(), oauth.Account{UserName: name, Name: "N " + name, Email: name + "@x.example", Tenant: "sample", Password: password})
		m.must(err)
	}
	m.must(m.server.AddClient(t.Context(), oauth.Client{ID: oauth.DeskClient, Name: "iscdesk", Agent: true}))
	m.must(m.server.AddClient(t.Context(), oauth.Client{ID: "another", Name: "another program"}))
	m.must(m.server.AddClient(t.Context(), oauth.Client{ID: vendorClient, Name: "CAD vendor", Secret: vendorSecret, RedirectURI: vendorRedirect}))
	mux := web.NewMux(log, map[web.Access]web.Guard{web.Bearer: m.server.Guard})
	m.server.Routes(mux)
	mux.Handle("GET /private", web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, web.UserOf(r.Context()))
	})
	handler, err := mux.Handler()
	m.must(err)
	listening := httptest.NewServer(handler)
	m.url = listening.URL
	t.Cleanup(func() {
		listening.Close()
		m.must(db.Close())
	})
	return m
}

func (m *market) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// browser keeps cookies and stops where the marketplace sends it elsewhere.
type browser struct {
	*market
	client *http.Client
	header http.Header
}

func (m *market) browser() *browser {
	jar, err := cookiejar.New(nil)
	m.must(err)
	return &browser{m, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), m.url+"/") {
			return http.ErrUseLastResponse
		}
		return nil
	}}, http.Header{}}
}

// shown is what a browser ends at: a page, or an address elsewhere.
type shown struct {
	*http.Response
	body string
	to   *url.URL
}

func (b *browser) get(path string) shown {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.url+path, nil)
	b.must(err)
	return b.do(r)
}

func (b *browser) post(path string, form url.Values) shown {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
	b.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) do(r *http.Request) shown {
	b.Helper()
	for k, v := range b.header {
		r.Header[k] = v
	}
	response, err := b.client.Do(r)
	b.must(err)
	body, err := io.ReadAll(response.Body)
	b.must(errors.Join(err, response.Body.Close()))
	s := shown{Response: response, body: string(body)}
	if to := response.Header.Get("Location"); to != "" {
		s.to, err = url.Parse(to)
		b.must(err)
	}
	return s
}

func hidden(s shown, name string) string {
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(s.body)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// signIn fills in the login form that a page shows.
func (b *browser) signIn(page shown, user, password string) shown {
	b.Helper()
	return b.post("/login", url.Values{"csrf": {hidden(page, "csrf")}, "next": {hidden(page, "next")}, "username": {user}, "password": {password}})
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorizeURL is a good request of iscdesk with some parameters changed; an
// empty value takes one away.
func authorizeURL(changed ...string) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {oauth.DeskClient}, "redirect_uri": {redirect}, "state": {"s t&te"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changed); i += 2 {
		q.Set(changed[i], changed[i+1])
		if changed[i+1] == "" {
			q.Del(changed[i])
		}
	}
	return "/api/v1/oauth2/authorize?" + q.Encode()
}

// code signs a user in and gives the code that the client gets.
func (m *market) code(user string, changed ...string) string {
	m.Helper()
	b := m.browser()
	end := b.signIn(b.get(authorizeURL(changed...)), user, password)
	if end.to == nil || end.to.Query().Get("code") == "" {
		m.Fatalf("no code: %s %s", end.Status, end.body)
	}
	return end.to.Query().Get("code")
}

// answer is what the token endpoint says.
type answer struct {
	status      int
	header      http.Header
	Access      string `json:"access_token"`
	Type        string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	Scope       string `json:"scope"`
	Refresh     string `json:"refresh_token"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (m *market) token(pairs ...string) answer {
	m.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	s := m.browser().post("/api/v1/oauth2/token", form)
	a := answer{status: s.StatusCode, header: s.Header}
	m.must(json.Unmarshal([]byte(s.body), &a))
	return a
}

func (m *market) redeem(code string) answer {
	m.Helper()
	return m.token("grant_type", "authorization_code", "client_id", oauth.DeskClient, "code", code, "code_verifier", verifier, "redirect_uri", redirect)
}

func (m *market) refresh(token string) answer {
	m.Helper()
	return m.token("grant_type", "refresh_token", "client_id", oauth.DeskClient, "refresh_token", token)
}

// signedIn is the tokens of a user who has just signed in.
func (m *market) signedIn(user string) answer {
	m.Helper()
	a := m.redeem(m.code(user))
	if a.status != http.StatusOK {
		m.Fatalf("token: %+v", a)
	}
	return a
}

// call gives the status and body of a call with a token.
func (m *market) call(path, token string) (int, string) {
	m.Helper()
	b := m.browser()
	b.header.Set("Authorization", "Bearer "+token)
	s := b.get(path)
	return s.StatusCode, s.body
}

func (m *market) opens(token string) bool {
	m.Helper()
	status, _ := m.call("/private", token)
	return status == http.StatusOK
}
