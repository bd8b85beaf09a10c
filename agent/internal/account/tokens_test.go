package account

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/credstore"
)

func TestOneRefreshHoweverManyAsk(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	old, err := b.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.clock.move(3 * time.Hour)
	hold := make(chan struct{})
	b.market.set(func(m *market) { m.hold = hold })
	const callers = 64
	got := make([]string, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() { got[i], _ = b.Token(t.Context()) })
	}
	close(hold)
	group.Wait()
	for _, token := range got {
		if token == "" || token == old || token != got[0] {
			t.Fatalf("%q", got)
		}
	}
	if b.market.refreshes != 1 {
		t.Fatalf("%d refreshes", b.market.refreshes)
	}
	b.restart(t)
	if again, err := b.Token(t.Context()); again != got[0] || err != nil {
		t.Fatalf("the new tokens were not kept: %v", err)
	}
}

func TestARefreshLostOnTheNetworkIsNoSignOut(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	first, _ := b.Token(t.Context())
	b.clock.move(2*time.Hour - time.Minute) // time to refresh, but the token is still good
	for _, status := range []int{500, 502, 503, 429, 400, 404} {
		b.market.set(func(m *market) { m.fail = status })
		if token, err := b.Token(t.Context()); err != nil || token != first {
			t.Fatalf("%d: %v", status, err)
		}
	}
	b.clock.move(time.Hour)
	if _, err := b.Token(t.Context()); !errors.Is(err, api.MarketplaceFailed) || b.State().State != api.AccountSignedIn {
		t.Fatalf("%+v, %v", b.State(), err)
	}
	b.market.set(func(m *market) { m.fail = 0 })
	if token, err := b.Token(t.Context()); err != nil || token == first {
		t.Fatalf("%v", err)
	}
	b.clock.move(3 * time.Hour)
	b.market.Close()
	if _, err := b.Token(t.Context()); !errors.Is(err, api.Offline) || b.State().State != api.AccountSignedIn {
		t.Fatalf("%+v, %v", b.State(), err)
	}
}

func TestInvalidGrantExpiresTheLoginAndKeepsTheAccount(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	b.market.set(func(m *market) { clear(m.refresh) })
	b.clock.move(3 * time.Hour)
	for range 2 {
		if _, err := b.Token(t.Context()); !errors.Is(err, api.SignedOut) {
			t.Fatal(err)
		}
	}
	if b.market.refreshes != 1 {
		t.Fatalf("%d refreshes with a token that is over", b.market.refreshes)
	}
	for range 2 {
		if s := b.State(); s.State != api.AccountExpired || s.UserID != "u1" {
			t.Fatalf("%+v", s)
		}
		if strings.Contains(string(b.store.secret), "canary") {
			t.Fatal("useless tokens are still kept")
		}
		b.restart(t)
	}
	if len(b.loggedOut) != 0 {
		t.Fatal("what the user has was given up")
	}
	b.signIn(t)
	if _, err := b.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRejectedTokenIsReplacedOnce(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	first, _ := b.Token(t.Context())
	b.Rejected("some older token")
	if same, _ := b.Token(t.Context()); same != first {
		t.Fatal("a rejection of an older token took the newer one away")
	}
	b.Rejected(first)
	second, err := b.Token(t.Context())
	if err != nil || second == first {
		t.Fatal(err)
	}
	b.Rejected(second)
	b.market.Close()
	if token, err := b.Token(t.Context()); !errors.Is(err, api.Offline) {
		t.Fatalf("a rejected token was handed out again: %q %v", token, err)
	}
}

func TestRefreshTokenThatIsNotRepeatedStays(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	b.market.set(func(m *market) { m.keep = true })
	for range 3 {
		b.clock.move(3 * time.Hour)
		if _, err := b.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLogoutDuringRefresh(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	b.clock.move(3 * time.Hour)
	hold := make(chan struct{})
	b.market.set(func(m *market) { m.hold = hold })
	for len(b.market.asked) > 0 {
		<-b.market.asked
	}
	done := make(chan error, 1)
	go func() { _, err := b.Token(context.WithoutCancel(t.Context())); done <- err }()
	<-b.market.asked // the refresh is at the marketplace
	b.market.set(func(m *market) { m.refresh["canary-refresh-x"] = true })
	if err := b.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.market.set(func(m *market) { m.refresh[m.revoked[0]] = true }) // it had rotated before the revocation came
	close(hold)
	if err := <-done; !errors.Is(err, api.SignedOut) {
		t.Fatal(err)
	}
	if b.State().State != api.AccountSignedOut || b.store.secret != nil || len(b.market.revoked) != 2 {
		t.Fatalf("the refresh brought the user back: %+v %q", b.State(), b.market.revoked)
	}
}

func TestCallerMayGoWhileTheRefreshGoesOn(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	b.clock.move(3 * time.Hour)
	hold := make(chan struct{})
	b.market.set(func(m *market) { m.hold = hold })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := b.Token(ctx); done <- err }()
	cancel()
	if err := <-done; !errors.Is(err, api.Cancelled) {
		t.Fatal(err)
	}
	close(hold)
	if _, err := b.Token(t.Context()); err != nil || b.market.refreshes > 1 {
		t.Fatalf("%v after %d refreshes", err, b.market.refreshes)
	}
}

func TestServeRefreshesEarly(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	first, _ := b.Token(t.Context())
	for len(b.market.asked) > 0 {
		<-b.market.asked
	}
	b.clock.move(2*time.Hour - early)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx) }()
	if path := <-b.market.asked; path != "/api/v1/oauth2/token" {
		t.Fatalf("Serve asked for %s", path)
	}
	if token, err := b.Token(t.Context()); err != nil || token == first || b.market.refreshes != 1 {
		t.Fatalf("%v after %d refreshes", err, b.market.refreshes)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestWakeEndsThePauseAfterAFailure(t *testing.T) {
	b := newBench(t)
	b.signIn(t)
	for len(b.market.asked) > 0 {
		<-b.market.asked
	}
	b.market.set(func(m *market) { m.fail = http.StatusServiceUnavailable })
	b.clock.move(3 * time.Hour) // and stands still: no pause ends by itself
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx) }()
	for range 3 {
		<-b.market.asked
		b.Wake()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestServePausesAfterFailures(t *testing.T) {
	low, high := retryPause(0), retryPause(0)
	for range 500 {
		low, high = min(low, retryPause(0)), max(high, retryPause(0))
	}
	if low < retryFirst/2 || high > retryFirst || high-low < retryFirst/4 {
		t.Errorf("first pause between %v and %v", low, high)
	}
	if long := retryPause(1000); long < retryMost/2 || long > retryMost {
		t.Errorf("longest pause %v", long)
	}
}

func TestDeviceLogin(t *testing.T) {
	b := newBench(t)
	b.market.set(func(m *market) { m.device = "approved" })
	login, err := b.DeviceBegin(t.Context())
	if err != nil || login.UserCode != "ABCD-EFGH" || login.ExpiresAt != b.clock.Now().Unix()+600 || b.State().State != api.AccountSigningIn {
		t.Fatalf("%+v, %v", login, err)
	}
	account, err := b.DeviceAwait(t.Context(), login.ID)
	if err != nil || account.State != api.AccountSignedIn || account.UserID != "u1" {
		t.Fatalf("%+v, %v", account, err)
	}
	if _, err := b.DeviceAwait(t.Context(), login.ID); !errors.Is(err, api.NotFound) {
		t.Fatalf("decided twice: %v", err)
	}
}

func TestDeviceLoginRefused(t *testing.T) {
	for _, decision := range []string{"denied", "expired"} {
		b := newBench(t)
		b.market.set(func(m *market) { m.device = decision })
		login, err := b.DeviceBegin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.DeviceAwait(t.Context(), login.ID); !errors.Is(err, api.LoginFailed) || b.State().State != api.AccountSignedOut {
			t.Errorf("%s: %+v, %v", decision, b.State(), err)
		}
	}
}

func TestDeviceAwaitCanBeInterruptedAndTakenUp(t *testing.T) {
	b := newBench(t)
	b.market.set(func(m *market) { m.device = "pending" })
	login, err := b.DeviceBegin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := b.DeviceAwait(ctx, login.ID); done <- err }()
	for path := range b.market.asked {
		if path == "/api/v1/oauth2/token" {
			break
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, api.Cancelled) {
		t.Fatal(err)
	}
	b.market.set(func(m *market) { m.device = "approved" })
	if account, err := b.DeviceAwait(t.Context(), login.ID); err != nil || account.State != api.AccountSignedIn {
		t.Fatalf("%+v, %v", account, err)
	}
}

func TestDeviceBeginFailures(t *testing.T) {
	b := newBench(t)
	b.market.set(func(m *market) { m.fail = http.StatusInternalServerError })
	if _, err := b.DeviceBegin(t.Context()); !errors.Is(err, api.MarketplaceFailed) {
		t.Error(err)
	}
	b.market.set(func(m *market) { m.fail = 0 })
	for range maxDevices {
		if _, err := b.DeviceBegin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.DeviceBegin(t.Context()); !errors.Is(err, api.Busy) {
		t.Error(err)
	}
	b.market.Close()
	if _, err := b.DeviceBegin(t.Context()); !errors.Is(err, api.Offline) {
		t.Error(err)
	}
	if _, err := b.DeviceAwait(t.Context(), "unknown"); !errors.Is(err, api.NotFound) {
		t.Error(err)
	}
}

// TestNoSecretEscapes walks a whole life over a real store and looks for the
// marketplace's secrets in every log line, every error and every file.
func TestNoSecretEscapes(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	store, err := credstore.NewFile(dir, "uid:1000")
	if err != nil {
		t.Fatal(err)
	}
	b.config.Store = store
	b.restart(t)
	var said []string
	note := func(err error) {
		if err != nil {
			said = append(said, err.Error())
		}
	}
	scan := func() {
		t.Helper()
		for _, text := range append(said, b.log.String()) {
			if strings.Contains(text, "canary") {
				t.Fatalf("a secret escaped: %s", text)
			}
		}
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if strings.Contains(string(content), "canary") {
				t.Fatalf("a secret lies in %s", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = b.LoginComplete(t.Context(), api.LoginComplete{State: "canary-state", Code: "canary-code"})
	note(err)
	b.signIn(t)
	scan()
	for _, status := range []int{500, 400, 302, 200} {
		b.market.set(func(m *market) { m.fail = status })
		b.clock.move(3 * time.Hour)
		_, err = b.Token(t.Context())
		note(err)
		begun, err := b.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: redirect})
		note(err)
		_, err = b.LoginComplete(t.Context(), api.LoginComplete{State: begun.State, Code: "canary-code"})
		note(err)
		_, err = b.DeviceBegin(t.Context())
		note(err)
		scan()
	}
	b.market.set(func(m *market) { m.fail = 0; clear(m.refresh) })
	_, err = b.Token(t.Context())
	note(err)
	b.signIn(t)
	b.market.Close()
	b.clock.move(3 * time.Hour)
	_, err = b.Token(t.Context())
	note(err)
	note(b.Logout(t.Context()))
	scan()
	if len(said) < 10 {
		t.Fatalf("only %d errors were looked at", len(said))
	}
}
