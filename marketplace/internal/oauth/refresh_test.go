package oauth_test

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/oauth"
)

func TestRefreshRotates(t *testing.T) {
	m := open(t)
	first := m.signedIn("engineer")
	second := m.refresh(first.Refresh)
	if second.status != 200 || second.Access == first.Access || second.Refresh == first.Refresh || second.ExpiresIn != 7200 {
		t.Fatalf("refresh: %+v", second)
	}
	if !m.opens(second.Access) {
		t.Error("the new access token opens nothing")
	}
	m.pass(29 * 24 * time.Hour)
	third := m.refresh(second.Refresh)
	if third.status != 200 {
		t.Fatalf("after 29 days: %+v", third)
	}
	m.pass(31 * 24 * time.Hour)
	if a := m.refresh(third.Refresh); a.status != 400 || a.Error != "invalid_grant" || a.Description != "Invalid refresh token" {
		t.Errorf("after 31 days: %+v", a)
	}
}

func TestALostAnswerIsRepeated(t *testing.T) {
	m := open(t)
	first := m.signedIn("engineer")
	second := m.refresh(first.Refresh)
	m.pass(time.Minute)
	again := m.refresh(first.Refresh)
	if again.Access != second.Access || again.Refresh != second.Refresh || again.ExpiresIn > 7141 || again.ExpiresIn < 7100 {
		t.Errorf("repeated: %+v, first answer %+v", again, second)
	}
	if third := m.refresh(again.Refresh); third.status != 200 {
		t.Errorf("the repeated token does not refresh: %+v", third)
	}
}

func TestManyRepeatsAtOnceGetTheSame(t *testing.T) {
	m := open(t)
	first := m.signedIn("engineer")
	var group sync.WaitGroup
	answers := make([]answer, 20)
	for i := range answers {
		group.Go(func() { answers[i] = m.refresh(first.Refresh) })
	}
	group.Wait()
	for _, a := range answers {
		if a.status != 200 || a.Access != answers[0].Access || a.Refresh != answers[0].Refresh {
			t.Fatalf("%+v and %+v", a, answers[0])
		}
	}
}

func TestAReusedRefreshTokenRevokesEverything(t *testing.T) {
	for name, reuse := range map[string]func(m *market, first, second answer){
		"late": func(m *market, _, _ answer) { m.pass(3 * time.Minute) },
		"after the successor was used": func(m *market, _, second answer) {
			if a := m.refresh(second.Refresh); a.status != 200 {
				m.Fatalf("%+v", a)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := open(t)
			first := m.signedIn("engineer")
			second := m.refresh(first.Refresh)
			reuse(m, first, second)
			if a := m.refresh(first.Refresh); a.Error != "invalid_grant" {
				t.Errorf("reuse: %+v", a)
			}
			if m.opens(first.Access) || m.opens(second.Access) {
				t.Error("an access token of the stolen sign-in lives on")
			}
			if a := m.refresh(second.Refresh); a.Error != "invalid_grant" {
				t.Errorf("the thief's or owner's next refresh: %+v", a)
			}
			if len(m.revoked) != 1 {
				t.Errorf("%d grants announced, want 1", len(m.revoked))
			}
			if other := m.signedIn("engineer"); !m.opens(other.Access) {
				t.Error("signing in anew does not help")
			}
		})
	}
}

func TestRefreshOfAnotherClient(t *testing.T) {
	m := open(t)
	first := m.signedIn("engineer")
	if a := m.token("grant_type", "refresh_token", "client_id", "another", "refresh_token", first.Refresh); a.Error != "invalid_grant" {
		t.Errorf("%+v", a)
	}
	if a := m.refresh(first.Refresh); a.status != 200 {
		t.Errorf("the owner's own refresh after that: %+v", a)
	}
}

func TestRevoke(t *testing.T) {
	m := open(t)
	revoke := func(client, token string) int {
		return m.browser().post("/api/v1/oauth2/revoke", url.Values{"client_id": {client}, "token": {token}}).StatusCode
	}
	byAccess, byRefresh, kept := m.signedIn("engineer"), m.signedIn("engineer"), m.signedIn("engineer")
	for _, token := range []string{byAccess.Access, byRefresh.Refresh, "unknown", byAccess.Access} {
		if status := revoke(oauth.DeskClient, token); status != 200 {
			t.Errorf("revoke: %d", status)
		}
	}
	for _, a := range []answer{byAccess, byRefresh} {
		if m.opens(a.Access) || m.refresh(a.Refresh).status == 200 {
			t.Error("a revoked sign-in lives on")
		}
	}
	if status := revoke("another", kept.Access); status != 200 || !m.opens(kept.Access) {
		t.Errorf("another client revoked it: %d", status)
	}
	if status := revoke("nobody", kept.Access); status != 401 {
		t.Errorf("an unknown client: %d", status)
	}
	if len(m.revoked) != 2 {
		t.Errorf("%d grants announced, want 2", len(m.revoked))
	}
}
