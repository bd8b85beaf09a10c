package oauth_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/oauth"
)

func TestCodeGrantAnswersAsDocumented(t *testing.T) {
	m := open(t)
	b := m.browser()
	end := b.signIn(b.get(authorizeURL()), "engineer", password)
	if end.to == nil || !strings.HasPrefix(end.to.String(), redirect+"?") || end.to.Query().Get("state") != "s t&te" || end.to.Query().Get("tenant") != "sample" {
		t.Fatalf("the browser ends at %v: %s", end.to, end.body)
	}
	a := m.redeem(end.to.Query().Get("code"))
	if a.status != 200 || a.Type != "Bearer" || a.ExpiresIn != 7200 || a.Scope != "get_user_info" || a.Refresh == "" || a.Access == "" {
		t.Errorf("token answer %+v", a)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", a.header)
	}
	status, body := m.call("/api/v1/oauth2/userinfo", a.Access)
	var info map[string]string
	m.must(json.Unmarshal([]byte(body), &info))
	if status != 200 || info["userName"] != "engineer" || info["name"] != "N engineer" || info["tenant"] != "sample" || info["projectName"] != "Sample Works" || info["id"] == "" || info["id"] != info["userId"] {
		t.Errorf("userinfo %d %s", status, body)
	}
	status, body = m.call("/api/v1/oauth2/userinfo", "wrong")
	if want := `{"error":"unauthorized","error_description":"Full authentication is required to access this resource"}`; status != 401 || body != want {
		t.Errorf("userinfo without a token: %d %s", status, body)
	}
	if !m.opens(a.Access) {
		t.Error("the token does not open the agent API")
	}
	m.pass(2*time.Hour + time.Second)
	if m.opens(a.Access) {
		t.Error("the token opens the agent API after two hours")
	}
}

func TestCodeIsUsedOnce(t *testing.T) {
	m := open(t)
	code := m.code("engineer")
	first := m.redeem(code)
	second := m.redeem(code)
	if second.status != 400 || second.Error != "invalid_grant" || second.Description != "Invalid authorization code" {
		t.Errorf("second use: %+v", second)
	}
	if m.opens(first.Access) {
		t.Error("the first use's access token lives on")
	}
	if a := m.refresh(first.Refresh); a.status != 400 || a.Description != "Invalid refresh token" {
		t.Errorf("the first use's refresh token: %+v", a)
	}
	if len(m.revoked) != 1 {
		t.Errorf("%d grants were announced as revoked, want 1", len(m.revoked))
	}
}

func TestCodeIsBound(t *testing.T) {
	m := open(t)
	code := m.code("engineer")
	good := []string{"grant_type", "authorization_code", "client_id", oauth.DeskClient, "code", code, "code_verifier", verifier, "redirect_uri", redirect}
	for _, c := range []struct{ name, key, value, code string }{
		{"wrong verifier", "code_verifier", strings.Repeat("b", 50), "invalid_grant"},
		{"no verifier", "code_verifier", "", "invalid_grant"},
		{"the challenge as verifier", "code_verifier", challenge(verifier), "invalid_grant"},
		{"other redirect", "redirect_uri", "http://127.0.0.1:4712/callback", "invalid_grant"},
		{"no redirect", "redirect_uri", "", "invalid_grant"},
		{"other client", "client_id", "another", "invalid_client"},
		{"unknown client", "client_id", "nobody", "invalid_client"},
		{"unknown code", "code", "guess", "invalid_grant"},
		{"unknown grant type", "grant_type", "password", "unsupported_grant_type"},
	} {
		if a := m.token(append(good, c.key, c.value)...); a.Error != c.code || a.Access != "" {
			t.Errorf("%s: %+v, want %s", c.name, a, c.code)
		}
	}
	if a := m.redeem(code); a.status != 200 {
		t.Errorf("after the wrong tries the right one fails: %+v", a)
	}
	late := m.code("engineer")
	m.pass(6 * time.Minute)
	if a := m.redeem(late); a.Error != "invalid_grant" {
		t.Errorf("a code after six minutes: %+v", a)
	}
}

func TestAuthorizeTellsTheClientWhatIsWrong(t *testing.T) {
	m := open(t)
	for _, c := range []struct {
		name    string
		changed []string
		code    string
	}{
		{"no challenge", []string{"code_challenge", "", "code_challenge_method", ""}, "invalid_request"},
		{"plain challenge", []string{"code_challenge_method", "plain"}, "invalid_request"},
		{"no method", []string{"code_challenge_method", ""}, "invalid_request"},
		{"short challenge", []string{"code_challenge", "short"}, "invalid_request"},
		{"implicit", []string{"response_type", "token"}, "unsupported_response_type"},
	} {
		s := m.browser().get(authorizeURL(c.changed...))
		if s.to == nil || !strings.HasPrefix(s.to.String(), redirect+"?") || s.to.Query().Get("error") != c.code || s.to.Query().Get("code") != "" || s.to.Query().Get("state") != "s t&te" {
			t.Errorf("%s: %v %s", c.name, s.to, s.body)
		}
	}
}

func TestAuthorizeIsNoOpenRedirect(t *testing.T) {
	m := open(t)
	for _, uri := range []string{
		"", "https://evil.example/", "http://127.0.0.1:80@evil.example/", "http://127.0.0.1.evil.example:80/x", "http://localhost:4711/x",
		"http://127.0.0.1:4711\\@evil.example/", "http://127.0.0.1/x", "http://127.0.0.1:0/x", "http://127.0.0.1:99999/x", "https://127.0.0.1:4711/x",
		"http://127.0.0.1:4711/x#fragment", "http://127.0.0.1:4711", "//127.0.0.1:4711/x", "javascript:alert(1)", "http://127.1:4711/x", "http://0.0.0.0:4711/x",
		"http://user:pw@127.0.0.1:4711/x", vendorRedirect, "http://[::ffff:127.0.0.1]:4711/x", "http://[::1]:4711/x", "http://127.0.0.1:4711/x\r\nSet-Cookie: a=b",
	} {
		b := m.browser()
		if s := b.get(authorizeURL("redirect_uri", uri)); s.StatusCode != 400 || s.to != nil {
			t.Errorf("redirect_uri %q: %s to %v", uri, s.Status, s.to)
		}
	}
	b := m.browser()
	if s := b.get(authorizeURL("client_id", "nobody")); s.StatusCode != 400 || s.to != nil {
		t.Errorf("unknown client: %s to %v", s.Status, s.to)
	}
	if s := b.get(authorizeURL("client_id", vendorClient, "redirect_uri", vendorRedirect+"/../x")); s.StatusCode != 400 || s.to != nil {
		t.Errorf("nearly the vendor's address: %s to %v", s.Status, s.to)
	}
}

func TestVendorsClient(t *testing.T) {
	m := open(t)
	get := func() string {
		return m.code("engineer", "client_id", vendorClient, "redirect_uri", vendorRedirect, "code_challenge", "", "code_challenge_method", "")
	}
	grant := []string{"grant_type", "authorization_code", "client_id", vendorClient, "code"}
	code := get()
	for _, secret := range []string{"", "wrong", vendorSecret + "x"} {
		if a := m.token(append(grant, code, "client_secret", secret)...); a.status != 401 || a.Error != "invalid_client" || a.Description != "Bad client credentials" {
			t.Errorf("secret %q: %+v", secret, a)
		}
	}
	a := m.token(append(grant, code, "client_secret", vendorSecret)...)
	if a.status != 200 || a.ExpiresIn != 7200 {
		t.Fatalf("with the secret: %+v", a)
	}
	if status, body := m.call("/api/v1/oauth2/userinfo", a.Access); status != 200 || !strings.Contains(body, `"engineer"`) {
		t.Errorf("userinfo %d %s", status, body)
	}
	if status, body := m.call("/private", a.Access); status != 403 || !strings.Contains(body, "permission_denied") {
		t.Errorf("a vendor's token opens the agent API: %d %s", status, body)
	}
	if b := m.token("grant_type", "refresh_token", "client_id", vendorClient, "client_secret", vendorSecret, "refresh_token", a.Refresh); b.status != 200 {
		t.Errorf("refresh: %+v", b)
	}
	if b := m.token("grant_type", "authorization_code", "client_id", oauth.DeskClient, "code", get()); b.status != 401 || b.Description != "Client ID mismatch" {
		t.Errorf("the vendor's code with another client: %+v", b)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.url+"/api/v1/oauth2/token", strings.NewReader("grant_type=authorization_code&code="+get()))
	m.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(vendorClient, strings.ReplaceAll(strings.ReplaceAll(vendorSecret, " ", "+"), "'", "%27"))
	if s := m.browser().do(r); s.StatusCode != 200 {
		t.Errorf("with HTTP Basic: %s %s", s.Status, s.body)
	}
}

func TestNothingThatCanBePresentedIsStored(t *testing.T) {
	m := open(t)
	code := m.code("engineer")
	a := m.redeem(code)
	b := m.refresh(a.Refresh)
	for _, file := range []string{m.state, m.state + "-wal"} {
		content, err := os.ReadFile(file)
		m.must(err)
		for name, secret := range map[string]string{"password": password, "code": code, "access": a.Access, "refresh": a.Refresh, "second access": b.Access, "second refresh": b.Refresh, "client secret": vendorSecret} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds the %s", file, name)
			}
		}
	}
}
