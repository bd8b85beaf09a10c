package oauth_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/oauth"
)

type begun struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	URI        string `json:"verification_uri"`
	Complete   string `json:"verification_uri_complete"`
	ExpiresIn  int    `json:"expires_in"`
	Interval   int    `json:"interval"`
}

func (m *market) beginDevice() begun {
	m.Helper()
	s := m.browser().post("/api/v1/oauth2/device_authorization", url.Values{"client_id": {oauth.DeskClient}})
	var b begun
	m.must(json.Unmarshal([]byte(s.body), &b))
	return b
}

func (m *market) poll(b begun) answer {
	m.Helper()
	return m.token("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", oauth.DeskClient, "device_code", b.DeviceCode)
}

// decide opens the page of a device code and answers it.
func (m *market) decide(b begun, user, decision string) shown {
	m.Helper()
	browser := m.browser()
	page := browser.signIn(browser.get(strings.TrimPrefix(b.Complete, m.url)), user, password)
	return browser.post("/device", url.Values{"csrf": {hidden(page, "csrf")}, "user_code": {hidden(page, "user_code")}, "decision": {decision}})
}

func TestDeviceAllowed(t *testing.T) {
	m := open(t)
	b := m.beginDevice()
	if b.Interval != 5 || b.ExpiresIn != 900 || b.URI != m.url+"/device" || len(b.UserCode) != 9 {
		t.Errorf("begun: %+v", b)
	}
	if a := m.poll(b); a.status != 400 || a.Error != "authorization_pending" {
		t.Errorf("first poll: %+v", a)
	}
	if a := m.poll(b); a.Error != "slow_down" {
		t.Errorf("at once again: %+v", a)
	}
	m.pass(6 * time.Second)
	if a := m.poll(b); a.Error != "slow_down" {
		t.Errorf("the interval did not grow: %+v", a)
	}
	m.pass(16 * time.Second)
	if a := m.poll(b); a.Error != "authorization_pending" {
		t.Errorf("after waiting: %+v", a)
	}
	if s := m.decide(b, "engineer", "allow"); s.StatusCode != 200 || !strings.Contains(s.body, "Done") {
		t.Fatalf("allow: %s %s", s.Status, s.body)
	}
	a := m.poll(b)
	if a.status != 200 || !m.opens(a.Access) || a.ExpiresIn != 7200 {
		t.Fatalf("after allowing: %+v", a)
	}
	if again := m.poll(b); again.Access != a.Access || again.Refresh != a.Refresh {
		t.Errorf("the lost answer repeated: %+v, was %+v", again, a)
	}
	m.pass(3 * time.Minute)
	if late := m.poll(b); late.Error != "invalid_grant" {
		t.Errorf("a late repetition: %+v", late)
	}
	if s := m.decide(b, "colleague", "allow"); strings.Contains(s.body, "Done") {
		t.Error("a code was allowed twice")
	}
}

func TestDeviceDeniedAndExpired(t *testing.T) {
	m := open(t)
	b := m.beginDevice()
	m.decide(b, "engineer", "deny")
	if a := m.poll(b); a.Error != "access_denied" {
		t.Errorf("denied: %+v", a)
	}
	b = m.beginDevice()
	m.pass(16 * time.Minute)
	if a := m.poll(b); a.Error != "expired_token" {
		t.Errorf("expired: %+v", a)
	}
	if s := m.decide(b, "engineer", "allow"); strings.Contains(s.body, "Done") {
		t.Error("an expired code was allowed")
	}
	if a := m.token("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", "another", "device_code", m.beginDevice().DeviceCode); a.Error != "invalid_grant" {
		t.Errorf("another client's poll: %+v", a)
	}
}

func TestDeviceDecisionNeedsItsOwnForm(t *testing.T) {
	m := open(t)
	b := m.beginDevice()
	browser := m.browser()
	browser.signIn(browser.get("/login"), "engineer", password)
	if s := browser.post("/device", url.Values{"user_code": {b.UserCode}, "decision": {"allow"}}); s.StatusCode != 403 {
		t.Errorf("without the page's token: %s", s.Status)
	}
	if a := m.poll(b); a.Error != "authorization_pending" {
		t.Errorf("it was allowed all the same: %+v", a)
	}
}

func TestGuessingDeviceCodesIsSlowedDown(t *testing.T) {
	m := open(t)
	browser := m.browser()
	browser.signIn(browser.get("/login"), "engineer", password)
	status := 0
	for range 10 {
		status = browser.get("/device?user_code=BBBB-BBBB").StatusCode
	}
	if status != 429 {
		t.Errorf("the tenth guess: %d", status)
	}
}

func TestDevicePageTakesWhatPeopleType(t *testing.T) {
	m := open(t)
	b := m.beginDevice()
	browser := m.browser()
	browser.signIn(browser.get("/login"), "engineer", password)
	typed := " " + strings.ToLower(strings.ReplaceAll(b.UserCode, "-", " "))
	if s := browser.get("/device?user_code=" + url.QueryEscape(typed)); !strings.Contains(s.body, b.UserCode) {
		t.Errorf("typed as %q: %s", typed, s.body)
	}
	if s := browser.get("/device"); !strings.Contains(s.body, `name="user_code"`) {
		t.Errorf("no code yet: %s", s.body)
	}
}
