package oauth_test

import (
	"testing"
	"time"

	"golang.org/x/oauth2"

	"iscdesk.dev/marketplace/internal/oauth"
)

// TestAnOrdinaryClientLibrary signs in with golang.org/x/oauth2, which knows
// nothing of this server.
func TestAnOrdinaryClientLibrary(t *testing.T) {
	m := open(t)
	api := m.url + "/api/v1/oauth2"
	config := oauth2.Config{ClientID: oauth.DeskClient, RedirectURL: redirect, Endpoint: oauth2.Endpoint{
		AuthURL: api + "/authorize", TokenURL: api + "/token", DeviceAuthURL: api + "/device_authorization",
	}}
	pkce := oauth2.GenerateVerifier()
	b := m.browser()
	end := b.signIn(b.get(config.AuthCodeURL("state", oauth2.S256ChallengeOption(pkce))[len(m.url):]), "engineer", password)
	token, err := config.Exchange(t.Context(), end.to.Query().Get("code"), oauth2.VerifierOption(pkce))
	if err != nil || !m.opens(token.AccessToken) || time.Until(token.Expiry).Round(time.Minute) != 2*time.Hour {
		t.Fatalf("%+v %v", token, err)
	}
	token.Expiry = time.Now().Add(-time.Minute)
	renewed, err := config.TokenSource(t.Context(), token).Token()
	if err != nil || renewed.AccessToken == token.AccessToken || renewed.RefreshToken == token.RefreshToken || !m.opens(renewed.AccessToken) {
		t.Errorf("renewed: %+v %v", renewed, err)
	}
	device, err := config.DeviceAuth(t.Context())
	m.must(err)
	m.decide(begun{Complete: device.VerificationURIComplete}, "colleague", "allow")
	device.Interval = 1
	token, err = config.DeviceAccessToken(t.Context(), device)
	if err != nil || !m.opens(token.AccessToken) {
		t.Errorf("device: %+v %v", token, err)
	}
}
