package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"iscdesk.dev/agent/api"
)

const (
	// loginTime is how long a login in the browser may take.
	loginTime = 10 * time.Minute
	// maxLogins bounds the logins that are under way at once.
	maxLogins = 8
	maxCode   = 4096
)

// login is an authorization code flow under way. The verifier never leaves
// the service, so a code that is overheard is worth nothing.
type login struct {
	verifier string
	redirect string
	until    time.Time
}

// LoginBegin starts an authorization code flow. The redirect has to lead to a
// listener on this machine, by address and port.
func (e *Engine) LoginBegin(_ context.Context, begin api.LoginBegin) (api.LoginBegun, error) {
	if e.base == "" {
		return api.LoginBegun{}, api.Fail(api.NotConfigured)
	}
	if err := checkRedirect(begin.RedirectURI); err != nil {
		return api.LoginBegun{}, err
	}
	state, verifier := random(), oauth2.GenerateVerifier()
	now := e.config.Now()
	e.mu.Lock()
	e.prune(now)
	if len(e.logins) >= maxLogins {
		e.dropOldest()
	}
	e.logins[state] = login{verifier: verifier, redirect: begin.RedirectURI, until: now.Add(loginTime)}
	e.mu.Unlock()
	e.wake()
	e.config.Notify.Changed(api.SectionAccount)
	return api.LoginBegun{
		URL:   e.oauth(begin.RedirectURI).AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)),
		State: state,
	}, nil
}

// LoginComplete exchanges the code that the browser brought. A state is good
// once, whatever comes of it.
func (e *Engine) LoginComplete(ctx context.Context, done api.LoginComplete) (api.Account, error) {
	now := e.config.Now()
	e.mu.Lock()
	pending, ok := e.logins[done.State]
	delete(e.logins, done.State)
	e.mu.Unlock()
	defer e.config.Notify.Changed(api.SectionAccount)
	switch {
	case !ok:
		return api.Account{}, loginFailed("this login is unknown or was finished before")
	case !now.Before(pending.until):
		return api.Account{}, loginFailed("it took too long")
	case done.Code == "" || len(done.Code) > maxCode:
		return api.Account{}, loginFailed("the browser brought no code")
	}
	token, err := e.oauth(pending.redirect).Exchange(e.calling(ctx), done.Code, oauth2.VerifierOption(pending.verifier))
	if err != nil {
		return api.Account{}, explain(ctx, err)
	}
	return e.signIn(ctx, token)
}

// LoginCancel forgets a login under way. Nothing that a browser still brings
// for it signs anybody in.
func (e *Engine) LoginCancel(_ context.Context, c api.LoginCancel) error {
	e.mu.Lock()
	delete(e.logins, c.State)
	delete(e.device, c.Device)
	e.mu.Unlock()
	e.config.Notify.Changed(api.SectionAccount)
	return nil
}

// signIn finds out whose token it is and installs it.
func (e *Engine) signIn(ctx context.Context, token *oauth2.Token) (api.Account, error) {
	next := kept{Marketplace: e.base}.withTokens(token, e.config.Now())
	if next.Access == "" || next.Refresh == "" {
		return api.Account{}, api.Fail(api.MarketplaceFailed, "status", "a login without tokens")
	}
	me, err := e.who(ctx, next.Access)
	if err != nil {
		e.revoke(ctx, next)
		return api.Account{}, err
	}
	if !e.admits(me.Tenant, me.TenantName) {
		e.revoke(ctx, next)
		return api.Account{}, api.Fail(api.TenantRefused, "tenant", e.only(), "user", me.UserName)
	}
	*next = next.withUser(me)
	if account := e.State(); account.UserID != "" && account.UserID != next.UserID {
		e.leave(ctx, account)
	}
	before, err := e.install(next)
	if err != nil {
		e.revoke(ctx, next)
		return api.Account{}, api.Fail(api.Internal).Because(err)
	}
	e.config.Log.Info("signed in", "user", me.UserName, "tenant", me.Tenant)
	e.changed()
	if before != nil {
		e.revoke(ctx, before)
	}
	return e.State(), nil
}

// install keeps next and gives what was kept before.
func (e *Engine) install(next *kept) (before *kept, err error) {
	e.saving.Lock()
	defer e.saving.Unlock()
	if err := e.keep(next); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	before, e.kept, e.spent = e.kept, next, ""
	return before, nil
}

// waiting tells whether a login is under way that can still succeed. It needs
// e.mu.
func (e *Engine) waiting(now time.Time) bool {
	for _, l := range e.logins {
		if now.Before(l.until) {
			return true
		}
	}
	for _, d := range e.device {
		if now.Before(d.until) {
			return true
		}
	}
	return false
}

// prune forgets the logins that came too late. It needs e.mu.
func (e *Engine) prune(now time.Time) {
	for state, l := range e.logins {
		if !now.Before(l.until) {
			delete(e.logins, state)
		}
	}
	for id, d := range e.device {
		if !now.Before(d.until) {
			delete(e.device, id)
		}
	}
}

func (e *Engine) dropOldest() {
	oldest := ""
	for state, l := range e.logins {
		if oldest == "" || l.until.Before(e.logins[oldest].until) {
			oldest = state
		}
	}
	delete(e.logins, oldest)
}

// checkRedirect allows http on a loopback address with a port, and nothing by
// name: a name may resolve to anything.
func checkRedirect(redirect string) error {
	u, err := url.Parse(redirect)
	if err == nil && u.Scheme == "http" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && u.Opaque == "" {
		port, numeric := strconv.ParseUint(u.Port(), 10, 16)
		if host := u.Hostname(); (host == "127.0.0.1" || host == "::1") && numeric == nil && port > 0 &&
			u.Host == net.JoinHostPort(host, u.Port()) {
			return nil
		}
	}
	return api.Fail(api.InvalidArgument, "argument", "redirectUri", "reason", "it must be http://127.0.0.1:<port>/ or http://[::1]:<port>/")
}

func loginFailed(reason string) error { return api.Fail(api.LoginFailed, "reason", reason) }

// random is 256 bits in base64url.
func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
