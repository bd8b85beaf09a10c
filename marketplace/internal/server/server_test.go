package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/demobrowser"
	"iscdesk.dev/marketplace/internal/server"
)

// market is a marketplace that serves until its test stops it.
type market struct {
	*testing.T
	state, url string
	log        *strings.Builder
	cancel     context.CancelFunc
	ended      chan error
}

func serve(t *testing.T, state string) *market {
	t.Helper()
	m := &market{T: t, state: state, log: &strings.Builder{}, ended: make(chan error, 1)}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	m.must(err)
	m.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	m.cancel = cancel
	s, err := server.Open(ctx, server.Config{State: state, URL: m.url, Version: "1.2.3", Heartbeat: 7 * time.Second, Log: slog.New(slog.NewTextHandler(m.log, nil))})
	m.must(err)
	m.must(s.Seed(ctx))
	go func() {
		err := s.Serve(ctx, listener)
		m.ended <- errors.Join(err, s.Close())
	}()
	t.Cleanup(m.stop)
	return m
}

// stop stops the marketplace, once, and holds it to its five seconds.
func (m *market) stop() {
	m.Helper()
	if m.cancel == nil {
		return
	}
	m.cancel()
	m.cancel = nil
	select {
	case err := <-m.ended:
		m.must(err)
	case <-time.After(5 * time.Second):
		m.Error("it did not stop within five seconds")
	}
}

func (m *market) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

func (m *market) accounts() server.SampleAccounts {
	m.Helper()
	samples, err := server.ReadSampleAccounts(filepath.Join(m.state, "sample-accounts.json"))
	m.must(err)
	return samples
}

// signIn goes the whole way of a login: browser, loopback, code, token.
func (m *market) signIn(userName string) string {
	m.Helper()
	listener, err := (&net.ListenConfig{}).Listen(m.Context(), "tcp", "127.0.0.1:0")
	m.must(err)
	loopback := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "you may close this page")
	})}
	go func() { _ = loopback.Serve(listener) }()
	defer func() { m.must(loopback.Close()) }()
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	redirect := "http://" + listener.Addr().String() + "/done"
	account, err := m.accounts().Of(userName)
	m.must(err)
	end, err := demobrowser.Browse(m.Context(), m.url+"/api/v1/oauth2/authorize?"+url.Values{
		"response_type": {"code"}, "client_id": {"iscdesk"}, "redirect_uri": {redirect}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode(), account.UserName, account.Password)
	m.must(err)
	return m.token(url.Values{"grant_type": {"authorization_code"}, "client_id": {"iscdesk"}, "redirect_uri": {redirect}, "code": {end.Query().Get("code")}, "code_verifier": {verifier}})
}

func (m *market) token(form url.Values) string {
	m.Helper()
	response, err := http.PostForm(m.url+"/api/v1/oauth2/token", form)
	m.must(err)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	m.must(errors.Join(json.NewDecoder(response.Body).Decode(&answer), response.Body.Close()))
	if answer.AccessToken == "" {
		m.Fatalf("no token: %s", response.Status)
	}
	return answer.AccessToken
}

func get[T any](m *market, token, path string) (T, int) {
	m.Helper()
	r, err := http.NewRequestWithContext(m.Context(), http.MethodGet, m.url+path, nil)
	m.must(err)
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	m.must(err)
	var value T
	m.must(errors.Join(json.NewDecoder(response.Body).Decode(&value), response.Body.Close()))
	return value, response.StatusCode
}

func TestTheSampleSignsInAndKeepsItsPasswords(t *testing.T) {
	m := serve(t, t.TempDir())
	info, _ := get[agentapi.Info](m, "", "/api/agent/v1/info")
	if info.Name != "iscmarket" || info.Version != "1.2.3" || info.API != 1 || info.HeartbeatSeconds != 7 || time.Since(info.Time).Abs() > time.Minute {
		t.Errorf("info %+v", info)
	}
	tenants := map[string]string{"engineer": "sample", "colleague": "sample", "stranger": "other"}
	for _, a := range m.accounts().Accounts {
		me, status := get[agentapi.Me](m, m.signIn(a.UserName), "/api/agent/v1/me")
		if status != 200 || me.UserName != a.UserName || me.Tenant != tenants[a.UserName] || me.TenantName == "" || me.Name == "" {
			t.Errorf("%s is %+v", a.UserName, me)
		}
		if strings.Contains(m.log.String(), a.Password) {
			t.Errorf("the log holds the password of %s", a.UserName)
		}
	}
	if runtime.GOOS != "windows" {
		for _, file := range []string{"sample-accounts.json", "admin-token", "market.db"} {
			if info, err := os.Stat(filepath.Join(m.state, file)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", file, info.Mode(), err)
			}
		}
	}
	before := m.accounts()
	token := m.signIn("engineer")
	m.stop()
	again := serve(t, m.state)
	if after := again.accounts(); after.Accounts[0] != before.Accounts[0] {
		t.Error("the second run made other passwords")
	}
	if _, status := get[agentapi.Me](again, token, "/api/agent/v1/me"); status != 200 {
		t.Errorf("the token of before the restart: %d", status)
	}
	again.signIn("engineer")
}

func TestADeviceIsAllowedByTheDemoBrowser(t *testing.T) {
	m := serve(t, t.TempDir())
	response, err := http.PostForm(m.url+"/api/v1/oauth2/device_authorization", url.Values{"client_id": {"iscdesk"}})
	m.must(err)
	var begun struct {
		DeviceCode string `json:"device_code"`
		Complete   string `json:"verification_uri_complete"`
	}
	m.must(errors.Join(json.NewDecoder(response.Body).Decode(&begun), response.Body.Close()))
	account, err := m.accounts().Of("colleague")
	m.must(err)
	if _, err := demobrowser.Browse(t.Context(), begun.Complete, "colleague", "wrong"); !errors.Is(err, demobrowser.ErrRefused) || !strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong password: %v", err)
	}
	_, err = demobrowser.Browse(t.Context(), begun.Complete, account.UserName, account.Password)
	m.must(err)
	m.token(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {"iscdesk"}, "device_code": {begun.DeviceCode}})
}

func (m *market) connect(token string) *websocket.Conn {
	m.Helper()
	conn, response, err := websocket.DefaultDialer.DialContext(m.Context(), "ws"+strings.TrimPrefix(m.url, "http")+"/api/agent/v1/push", http.Header{"Authorization": {"Bearer " + token}})
	m.must(err)
	m.must(response.Body.Close())
	m.Cleanup(func() { _ = conn.Close() })
	m.must(conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
	var hello agentapi.PushMessage
	m.must(conn.ReadJSON(&hello))
	if hello.Type != agentapi.Hello {
		m.Errorf("first message %+v", hello)
	}
	return conn
}

func TestRevokingEndsThePush(t *testing.T) {
	m := serve(t, t.TempDir())
	token := m.signIn("engineer")
	conn := m.connect(token)
	response, err := http.PostForm(m.url+"/api/v1/oauth2/revoke", url.Values{"client_id": {"iscdesk"}, "token": {token}})
	m.must(err)
	m.must(response.Body.Close())
	_, _, err = conn.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != 4401 {
		t.Errorf("the push ended with %v", err)
	}
}

// TestItStopsInTime with agents connected, one request half sent, and one
// connection idle.
func TestItStopsInTime(t *testing.T) {
	m := serve(t, t.TempDir())
	conn := m.connect(m.signIn("engineer"))
	half, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(m.url, "http://"))
	m.must(err)
	defer func() { m.must(half.Close()) }()
	_, err = io.WriteString(half, "POST /api/v1/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
	m.must(err)
	m.stop()
	_, _, err = conn.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != websocket.CloseGoingAway {
		t.Errorf("the push ended with %v", err)
	}
}

func TestAdministratorsHaveTheirOwnToken(t *testing.T) {
	m := serve(t, t.TempDir())
	for name, token := range map[string]string{"nothing": "", "a user's token": m.signIn("engineer")} {
		if _, status := get[agentapi.Error](m, token, "/api/admin/v1/licenses"); status != 403 {
			t.Errorf("with %s: %d", name, status)
		}
	}
}

func TestOneMarketplacePerState(t *testing.T) {
	m := serve(t, t.TempDir())
	second, err := server.Open(t.Context(), server.Config{State: m.state, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		m.must(second.Close())
		t.Error("two marketplaces serve one state folder")
	}
	m.signIn("engineer")
	m.stop()
	serve(t, m.state)
}

func TestAVendorsApplicationIsRegistered(t *testing.T) {
	m := serve(t, t.TempDir())
	admin, err := os.ReadFile(filepath.Join(m.state, server.AdminTokenFile))
	m.must(err)
	add := func(token string, c server.NewClient) (server.ClientSecret, int) {
		body, err := json.Marshal(c)
		m.must(err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.url+"/api/admin/v1/clients", strings.NewReader(string(body)))
		m.must(err)
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(r)
		m.must(err)
		var answer server.ClientSecret
		m.must(errors.Join(json.NewDecoder(response.Body).Decode(&answer), response.Body.Close()))
		return answer, response.StatusCode
	}
	good := server.NewClient{ID: "cad", Name: "CAD", RedirectURI: "https://cad.example/in"}
	token := strings.TrimSpace(string(admin))
	if _, status := add(m.signIn("engineer"), good); status != 403 {
		t.Errorf("by a user: %d", status)
	}
	for _, uri := range []string{"", "javascript:alert(1)", "https://u@cad.example/", "/in", "https://cad.example/#x"} {
		if _, status := add(token, server.NewClient{ID: "x", Name: "X", RedirectURI: uri}); status != 400 {
			t.Errorf("redirect %q: %d", uri, status)
		}
	}
	answer, status := add(token, good)
	if status != 201 || len(answer.Secret) < 32 {
		t.Fatalf("%d %+v", status, answer)
	}
	if _, status := add(token, good); status != 409 {
		t.Errorf("again: %d", status)
	}
}
