package account

import (
	"context"
	"net/url"
	"time"

	"iscdesk.dev/agent/api"
)

// What a logout waits for the marketplace: for seats to go back, and for the
// tokens to be revoked.
const (
	leaveTimeout  = 5 * time.Second
	revokeTimeout = 5 * time.Second
)

// Logout forgets the account, and the logins under way, and revokes the
// tokens at the marketplace if it answers. What is kept here is gone even if
// it does not.
func (e *Engine) Logout(ctx context.Context) error {
	if account := e.State(); account.UserID != "" {
		e.leave(ctx, account)
	}
	e.saving.Lock()
	e.mu.Lock()
	before := e.kept
	e.kept, e.spent = nil, ""
	clear(e.logins)
	clear(e.device)
	e.mu.Unlock()
	err := e.config.Store.Clear()
	e.saving.Unlock()
	if before != nil {
		e.config.Log.Info("signed out", "user", before.UserName)
	}
	e.changed()
	if before != nil {
		e.revoke(ctx, before)
	}
	if err != nil {
		return api.Fail(api.Internal).Because(err)
	}
	return nil
}

// leave lets go of what hangs on an account. A caller that goes away does not
// stop it half-way.
func (e *Engine) leave(ctx context.Context, account api.Account) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	e.config.Leaving(ctx, account)
}

// revoke gives tokens back: the refresh token, and with it, at the
// marketplace, what was issued for it. It tries once and is bounded, also if
// the caller has gone away.
func (e *Engine) revoke(ctx context.Context, k *kept) {
	if k.Refresh == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	form := url.Values{"client_id": {clientID}, "token": {k.Refresh}, "token_type_hint": {"refresh_token"}}
	if err := e.post(ctx, "revoke", form, nil); err != nil {
		e.config.Log.Info("the marketplace did not revoke a login; it ends there by itself", "user", k.UserName, "error", err)
	}
}
