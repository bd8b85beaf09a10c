package account

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDerive(t *testing.T) {
	for f, want := range map[facts]api.AccountState{
		{}:                             api.AccountSignedOut,
		{signingIn: true}:              api.AccountSigningIn,
		{known: true}:                  api.AccountSignedIn,
		{known: true, signingIn: true}: api.AccountSignedIn, // switching users: the old one counts until then
		{known: true, expired: true}:   api.AccountExpired,
		{known: true, expired: true, signingIn: true}: api.AccountSigningIn,
	} {
		if got := derive(f); got != want {
			t.Errorf("%+v: %s, want %s", f, got, want)
		}
	}
}

func TestALoginThatIsGivenUp(t *testing.T) {
	b := newBench(t)
	begun, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect})
	if err != nil {
		t.Fatal(err)
	}
	code, state := b.market.browse(t, begun.URL)
	if err := b.LoginCancel(t.Context(), api.LoginCancel{State: begun.State}); err != nil || b.State().State != api.AccountSignedOut {
		t.Fatalf("%+v, %v", b.State(), err)
	}
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code}); !errors.Is(err, api.LoginFailed) {
		t.Errorf("the browser signed in all the same: %v", err)
	}
	device, err := b.DeviceBegin(t.Context())
	if err != nil || b.State().State != api.AccountSigningIn {
		t.Fatalf("%+v, %v", b.State(), err)
	}
	if err := b.LoginCancel(t.Context(), api.LoginCancel{Device: device.ID}); err != nil || b.State().State != api.AccountSignedOut {
		t.Errorf("%+v, %v", b.State(), err)
	}
	if _, err := b.DeviceAwait(t.Context(), device.ID); !errors.Is(err, api.NotFound) {
		t.Errorf("the code is still good: %v", err)
	}
}

func TestLoginThroughTheBrowser(t *testing.T) {
	b := newBench(t)
	if s := b.State(); s.State != api.AccountSignedOut || s.Marketplace != b.market.URL {
		t.Fatalf("%+v", s)
	}
	begun, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect})
	if err != nil || b.State().State != api.AccountSigningIn || begun.State == "" {
		t.Fatalf("%+v, %v", b.State(), err)
	}
	if strings.Contains(begun.URL, "verifier") || !strings.Contains(begun.URL, "code_challenge_method=S256") {
		t.Fatalf("the address gives the verifier away, or has no challenge: %s", begun.URL)
	}
	code, state := b.market.browse(t, begun.URL)
	account, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code})
	want := api.Account{State: api.AccountSignedIn, Marketplace: b.market.URL, UserID: "u1", UserName: "u1@x", Name: "Li Lei", Tenant: "t1", TenantName: "Tenant"}
	if err != nil || account != want || b.State() != want {
		t.Fatalf("%+v, %v", account, err)
	}
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code}); !errors.Is(err, api.LoginFailed) {
		t.Fatalf("the state was good twice: %v", err)
	}
	token, err := b.Token(t.Context())
	b.restart(t)
	again, errAgain := b.Token(t.Context())
	if err != nil || errAgain != nil || token != again || b.State() != want {
		t.Fatalf("after a restart: %v %v %+v", err, errAgain, b.State())
	}
}

func TestLoginRefusals(t *testing.T) {
	b := newBench(t)
	begin := func() (string, string) {
		begun, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect})
		if err != nil {
			t.Fatal(err)
		}
		return b.market.browse(t, begun.URL)
	}
	code, _ := begin()
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: "guessed", Code: code}); !errors.Is(err, api.LoginFailed) {
		t.Errorf("guessed state: %v", err)
	}
	_, state := begin()
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: "canary-guess"}); !errors.Is(err, api.LoginFailed) {
		t.Errorf("guessed code: %v", err)
	}
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code}); !errors.Is(err, api.LoginFailed) {
		t.Errorf("the state survived a failure: %v", err)
	}
	mine, _ := begin()
	_, theirs := begin()
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: theirs, Code: mine}); !errors.Is(err, api.LoginFailed) {
		t.Errorf("a code of another login: %v", err)
	}
	code, state = begin()
	b.clock.move(loginTime)
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code}); !errors.Is(err, api.LoginFailed) {
		t.Errorf("too late: %v", err)
	}
	if b.State().State != api.AccountSignedOut || b.store.secret != nil {
		t.Fatalf("%+v", b.State())
	}
}

func TestRedirectsStayOnThisMachine(t *testing.T) {
	b := newBench(t)
	for redirect, good := range map[string]bool{
		"http://127.0.0.1:1/":              true,
		"http://127.0.0.1:65535/a/b":       true,
		"http://[::1]:8080/cb":             true,
		"http://127.0.0.1/cb":              false,
		"http://127.0.0.1:0/":              false,
		"http://localhost:8080/":           false,
		"https://127.0.0.1:8080/":          false,
		"http://127.0.0.1:8080@evil.com/":  false,
		"http://evil.com:8080/":            false,
		"http://127.0.0.1.evil.com:8080/":  false,
		"http://10.0.0.1:8080/":            false,
		"http://127.0.0.1:8080/#x":         false,
		"http://127.0.0.1:8080/?next=evil": false,
		"http://127.0.0.1:99999/":          false,
		"http://[::ffff:127.0.0.1]:80/":    false,
		"javascript:alert(1)":              false,
		"":                                 false,
	} {
		if _, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect}); (err == nil) != good {
			t.Errorf("%q: %v", redirect, err)
		}
	}
}

func TestLoginsAreBounded(t *testing.T) {
	b := newBench(t)
	for range 3 * maxLogins {
		if _, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.logins) != maxLogins {
		t.Fatalf("%d logins are under way", len(b.logins))
	}
}

func TestLogoutRevokesAndClears(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	if err := b.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Token(t.Context()); !errors.Is(err, api.SignedOut) || b.State().UserID != "" || b.store.secret != nil {
		t.Fatalf("%+v, %v", b.State(), err)
	}
	if len(b.market.revoked) != 1 || !strings.HasPrefix(b.market.revoked[0], "canary-refresh-") || len(b.loggedOut) != 1 || b.loggedOut[0] != "u1" {
		t.Fatalf("%q %q", b.market.revoked, b.loggedOut)
	}
	if b.leftWith != nil {
		t.Fatalf("seats could not go back: %v", b.leftWith)
	}
	if err := b.Logout(t.Context()); err != nil || len(b.loggedOut) != 1 {
		t.Fatalf("a second logout: %v", err)
	}
}

func TestLogoutDoesNotWaitForTheNetwork(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	b.market.Close()
	if err := b.Logout(t.Context()); err != nil || b.State().State != api.AccountSignedOut || b.store.secret != nil {
		t.Fatalf("%+v, %v", b.State(), err)
	}
}

func TestSwitchingUsersGivesTheFirstUp(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	b.signIn(t)
	if len(b.loggedOut) != 0 || len(b.market.revoked) != 1 {
		t.Fatalf("the same user again: %q %q", b.loggedOut, b.market.revoked)
	}
	b.market.set(func(m *market) { m.user = "u2" })
	b.signIn(t)
	if b.State().UserID != "u2" || len(b.loggedOut) != 1 || b.loggedOut[0] != "u1" || len(b.market.revoked) != 2 {
		t.Fatalf("%+v %q %q", b.State(), b.loggedOut, b.market.revoked)
	}
}

func TestKeptLoginThatCannotBeUsed(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	good := b.store.secret
	for name, damage := range map[string]func(){
		"cannot be opened": func() { b.store.failing = errors.New("tampered") },
		"not JSON":         func() { b.store.secret = []byte("x") },
		"without tokens":   func() { b.store.secret = []byte(`{"marketplace":"` + b.market.URL + `","userId":"u1"}`) },
		"another marketplace": func() {
			b.store.secret = []byte(strings.Replace(string(good), b.market.URL, "https://other.example", 1))
		},
	} {
		b.store.secret, b.store.failing = good, nil
		damage()
		b.log.Reset()
		b.restart(t)
		if _, err := b.Token(t.Context()); !errors.Is(err, api.SignedOut) || b.State().State != api.AccountSignedOut {
			t.Errorf("%s: %+v, %v", name, b.State(), err)
		}
		if !strings.Contains(b.log.String(), "WARN") {
			t.Errorf("%s: nobody was warned", name)
		}
	}
	b.store.secret, b.store.failing = good, nil
	b.restart(t)
	if b.State().State != api.AccountSignedIn {
		t.Fatal("the undamaged login is gone")
	}
}

func TestMarketplaceAddress(t *testing.T) {
	for address, good := range map[string]bool{
		"https://mkt.example.com/": true, "http://127.0.0.1:1": true, "http://localhost": true,
		"http://mkt.example.com": false, "": true, "mkt": false, "https://u:p@mkt.example.com": false,
	} {
		if _, err := New(Config{Marketplace: address, HTTP: http.DefaultClient, Store: &memory{}}); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestLoginThatCannotBeKeptFails(t *testing.T) {
	b := newBench(t)
	begun, _ := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect})
	code, state := b.market.browse(t, begun.URL)
	b.store.failing = errors.New("disk full")
	if _, err := b.LoginComplete(t.Context(), api.LoginComplete{State: state, Code: code}); err == nil {
		t.Fatal("signed in, and gone after a restart")
	}
	if b.State().State != api.AccountSignedOut || len(b.market.revoked) != 1 {
		t.Fatalf("%+v %q", b.State(), b.market.revoked)
	}
}

func TestOnline(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.SetOnline(true)
	}
	if !b.State().Online || len(b.ear.changes) != 1 {
		t.Fatalf("%+v, %d changes", b.State(), len(b.ear.changes))
	}
}

func TestShortTokensAreUsedForHalfTheirLife(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for life, want := range map[time.Duration]time.Duration{
		2 * time.Hour: 2*time.Hour - early, 4 * time.Minute: 2 * time.Minute, 30 * time.Second: 15 * time.Second,
	} {
		if got := refreshAt(&kept{Since: now, Until: now.Add(life)}).Sub(now); got != want {
			t.Errorf("%v: refreshed after %v, want %v", life, got, want)
		}
	}
}
