package oauth_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestLoginPageIsHardened(t *testing.T) {
	m := open(t)
	page := m.browser().get(authorizeURL())
	policy := page.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self' http://127.0.0.1:4711", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	for header, want := range map[string]string{"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if got := page.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	for _, c := range page.Cookies() {
		if !c.HttpOnly || c.Path != "/" {
			t.Errorf("cookie %v", c)
		}
	}
	hostile := m.browser()
	s := hostile.signIn(hostile.get("/login"), `"><script>alert(1)</script>`, "x")
	if strings.Contains(s.body, "<script") {
		t.Error("the user name stands in the page unescaped")
	}
}

func TestLoginSpeaksTheBrowsersLanguage(t *testing.T) {
	m := open(t)
	for accept, want := range map[string]string{"zh-CN,zh;q=0.9,en;q=0.8": "登录云商店", "en-US,zh;q=0.5": "Sign in to the marketplace", "": "Sign in to the marketplace", ";;;": "Sign in to the marketplace"} {
		b := m.browser()
		b.header.Set("Accept-Language", accept)
		if page := b.get("/login"); !strings.Contains(page.body, want) {
			t.Errorf("Accept-Language %q: %s", accept, page.body)
		}
	}
}

func TestLoginNeedsItsOwnForm(t *testing.T) {
	m := open(t)
	form := func(csrf string) url.Values {
		return url.Values{"csrf": {csrf}, "username": {"engineer"}, "password": {password}}
	}
	if s := m.browser().post("/login", form("")); s.StatusCode != 403 {
		t.Errorf("without a page before: %s", s.Status)
	}
	b, other := m.browser(), m.browser()
	b.get("/login")
	if s := b.post("/login", form(hidden(other.get("/login"), "csrf"))); s.StatusCode != 403 {
		t.Errorf("with another browser's token: %s", s.Status)
	}
	page := b.get("/login")
	b.header.Set("Origin", "https://evil.example")
	if s := b.post("/login", form(hidden(page, "csrf"))); s.StatusCode != 403 {
		t.Errorf("from another site: %s", s.Status)
	}
	b.header.Del("Origin")
	if s := b.post("/login", form(hidden(page, "csrf"))); s.StatusCode != 200 || !strings.Contains(s.body, "signed in as engineer") {
		t.Errorf("with its own: %s %s", s.Status, s.body)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	m := open(t)
	b := m.browser()
	for i := range 5 {
		if s := b.signIn(b.get("/login"), "engineer", "guess"); s.StatusCode != 401 || !strings.Contains(s.body, "wrong") {
			t.Fatalf("guess %d: %s", i, s.Status)
		}
	}
	s := b.signIn(b.get("/login"), "engineer", password)
	if s.StatusCode != 429 || s.Header.Get("Retry-After") == "" {
		t.Errorf("the sixth try, with the right password: %s", s.Status)
	}
	other := m.browser()
	if s := other.signIn(other.get("/login"), "colleague", password); s.StatusCode != 200 {
		t.Errorf("a colleague at the same address: %s", s.Status)
	}
	m.pass(31 * time.Second)
	if s := b.signIn(b.get("/login"), "engineer", password); s.StatusCode != 200 {
		t.Errorf("after waiting: %s", s.Status)
	}
	stranger := m.browser()
	if s := stranger.signIn(stranger.get("/login"), "nobody", "guess"); s.StatusCode != 401 {
		t.Errorf("an unknown user: %s", s.Status)
	}
}

// TestASessionAloneAsks: a program on the user's machine must not get a code
// from his browser without him.
func TestASessionAloneAsks(t *testing.T) {
	m := open(t)
	b := m.browser()
	b.signIn(b.get(authorizeURL()), "engineer", password)
	for _, path := range []string{authorizeURL(), authorizeURL("state", "another")} {
		page := b.get(path)
		if page.to != nil || page.StatusCode != 200 || !strings.Contains(page.body, "signed in as engineer") {
			t.Fatalf("with a session: %s to %v", page.Status, page.to)
		}
		if s := b.post(path, url.Values{"decision": {"allow"}}); s.StatusCode != 403 {
			t.Errorf("confirmed without the page's token: %s to %v", s.Status, s.to)
		}
		s := b.post(path, url.Values{"csrf": {hidden(page, "csrf")}, "decision": {"allow"}})
		if s.to == nil || s.to.Query().Get("code") == "" {
			t.Errorf("confirmed: %s %s", s.Status, s.body)
		}
	}
	page := b.get(authorizeURL())
	if s := b.post(authorizeURL(), url.Values{"csrf": {hidden(page, "csrf")}, "decision": {"other"}}); !strings.Contains(s.body, `name="password"`) {
		t.Errorf("another account: %s %s", s.Status, s.body)
	}
}

func TestLogout(t *testing.T) {
	m := open(t)
	for target, want := range map[string]string{
		"": "/login", "https://evil.example/": "/login", "//evil.example": "/login", "/\\evil.example": "/login", "javascript:alert(1)": "/login",
		"http://127.0.0.1:9@evil.example/": "/login", vendorRedirect + "x": "/login",
		redirect: redirect, vendorRedirect: vendorRedirect,
	} {
		b := m.browser()
		b.signIn(b.get("/login"), "engineer", password)
		s := b.get("/api/v1/logout?redirect_url=" + url.QueryEscape(target))
		if want == "/login" {
			if s.Request.URL.Path != "/login" || !strings.Contains(s.body, `name="password"`) {
				t.Errorf("%q: %s at %s", target, s.Status, s.Request.URL)
			}
		} else if s.StatusCode != 302 || s.to == nil || s.to.String() != want {
			t.Errorf("%q: %s to %v", target, s.Status, s.to)
		}
		if page := b.get("/login"); !strings.Contains(page.body, `name="password"`) {
			t.Errorf("%q: still signed in", target)
		}
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	m := open(t)
	for _, next := range []string{"https://evil.example/", "//evil.example/device", "/device/../x", "/devicex", "/\\evil.example", "/api/v1/oauth2/token"} {
		b := m.browser()
		page := b.get("/login?next=" + url.QueryEscape(next))
		if hidden(page, "next") != "" {
			t.Errorf("the form leads to %q", hidden(page, "next"))
		}
		s := b.post("/login", url.Values{"csrf": {hidden(page, "csrf")}, "next": {next}, "username": {"engineer"}, "password": {password}})
		if s.to != nil || s.Request.URL.Path != "/login" {
			t.Errorf("next %q: at %s, to %v", next, s.Request.URL, s.to)
		}
	}
}
