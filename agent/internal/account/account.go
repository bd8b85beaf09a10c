// Package account signs one user in at the marketplace and keeps the tokens:
// authorization code with PKCE through the user's browser, device code where
// there is none, refresh before expiry, logout that revokes and clears.
//
// Its state is derived (see derive), never set:
//
//	SignedOut ──LoginBegin, DeviceBegin──▶ SigningIn ──done──▶ SignedIn
//	    ▲                                      │                │   ▲
//	    └────────── too late, given up ────────┘  invalid_grant │   │ login again
//	    ▲                                                       ▼   │
//	    └───────────────────── Logout ◀──────────────────────  Expired
//
// A refresh that the network swallows is no sign-out; only the marketplace's
// invalid_grant is, and even then the account stays known, because what was
// licensed to it still starts. Tokens, codes and verifiers never reach a log
// or an error.
package account

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"iscdesk.dev/agent/api"
)

// Store keeps the sealed tokens (see credstore).
type Store interface {
	// Load gives nil where nothing is kept, and an error where what is kept
	// cannot be opened.
	Load() ([]byte, error)
	Save(secret []byte) error
	Clear() error
}

// Notifier hears that the account changed.
type Notifier interface {
	Publish(ctx context.Context, event api.Event)
	Changed(section string)
}

// Config is what an Engine needs. Now, Changed and Leaving may be nil.
type Config struct {
	Marketplace string // base URL; empty: none is configured
	HTTP        *http.Client
	Store       Store
	Notify      Notifier
	Now         func() time.Time
	Log         *slog.Logger
	// Changed is called after somebody signed in or out, or a login expired.
	// It must not block.
	Changed func()
	// Tenant is the one tenant, by id or name, whose accounts may sign in; nil
	// or empty: any.
	Tenant func() string
	// Leaving is called when the user himself gives an account up, by logging
	// out or by signing in as somebody else, while its tokens still work: seats
	// go back and what is kept for it goes. ctx ends after a few seconds.
	Leaving func(ctx context.Context, account api.Account)
}

// Engine is the account of one user. It implements what the local API needs
// of an account, and hands the tokens to the marketplace's client.
type Engine struct {
	config Config
	base   string
	flight singleflight.Group
	poke   chan struct{}
	woken  atomic.Bool // Wake was called and Serve has not looked yet

	// saving orders changes of the store; it is taken before mu.
	saving sync.Mutex
	mu     sync.Mutex // guards what follows
	kept   *kept
	logins map[string]login   // by state
	device map[string]*device // by id
	online bool
	// spent is the access token that the marketplace refused.
	spent string
}

// New makes the engine of one user and loads what is kept for him. Kept tokens
// that cannot be opened, or are another marketplace's, mean that nobody is
// signed in.
func New(config Config) (*Engine, error) {
	base, err := checkMarketplace(config.Marketplace)
	if err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Changed == nil {
		config.Changed = func() {}
	}
	if config.Leaving == nil {
		config.Leaving = func(context.Context, api.Account) {}
	}
	e := &Engine{
		config: config, base: base, poke: make(chan struct{}, 1),
		logins: make(map[string]login), device: make(map[string]*device),
	}
	e.kept = e.load()
	return e, nil
}

// TenantChanged tells that Config.Tenant is another now.
func (e *Engine) TenantChanged() { e.changed() }

// admits tells whether the account of a tenant may be used on this machine.
func (e *Engine) admits(id, name string) bool {
	only := e.only()
	return only == "" || strings.EqualFold(only, id) || strings.EqualFold(only, name)
}

func (e *Engine) only() string {
	if e.config.Tenant == nil {
		return ""
	}
	return e.config.Tenant()
}

// known is what is kept and may be used. What may not be stays where it is,
// for the administrator may think again. e.mu is held.
func (e *Engine) known() *kept {
	if e.kept == nil || !e.admits(e.kept.Tenant, e.kept.TenantName) {
		return nil
	}
	return e.kept
}

// State tells who is signed in.
func (e *Engine) State() api.Account {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state()
}

// state needs e.mu.
func (e *Engine) state() api.Account {
	now, k := e.config.Now(), e.known()
	account := api.Account{Marketplace: e.base, Online: e.online}
	account.State = derive(facts{known: k != nil, expired: k != nil && k.Expired, signingIn: e.waiting(now)})
	if k != nil {
		account.UserID, account.UserName, account.Name = k.UserID, k.UserName, k.Name
		account.Tenant, account.TenantName = k.Tenant, k.TenantName
	}
	return account
}

// facts is all that the state depends on.
type facts struct {
	known     bool // an account is kept
	expired   bool // the marketplace wants its user to sign in again
	signingIn bool // a login was begun and can still succeed
}

// derive gives the state of the account.
func derive(f facts) api.AccountState {
	switch {
	case f.known && !f.expired:
		return api.AccountSignedIn
	case f.signingIn:
		return api.AccountSigningIn
	case f.known:
		return api.AccountExpired
	}
	return api.AccountSignedOut
}

// SetOnline records whether the marketplace answers.
func (e *Engine) SetOnline(online bool) {
	e.mu.Lock()
	changed := e.online != online
	e.online = online
	e.mu.Unlock()
	if changed {
		e.config.Notify.Changed(api.SectionAccount)
	}
}

// changed tells everybody that somebody signed in or out. No lock is held.
func (e *Engine) changed() {
	e.wake()
	e.config.Notify.Changed(api.SectionAccount)
	e.config.Changed()
}

func (e *Engine) wake() {
	select {
	case e.poke <- struct{}{}:
	default: // one is waiting already
	}
}
