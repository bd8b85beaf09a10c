package account

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"iscdesk.dev/agent/api"
)

const (
	// early is how long before its end an access token is refreshed.
	early = 5 * time.Minute
	// refreshTimeout bounds one refresh, whoever waits for it.
	refreshTimeout = 30 * time.Second
)

// Token gives an access token that is good now. It fails with api.SignedOut
// (nobody is signed in, or the login has expired) or, where the refresh could
// not be made, with api.Offline and its like. However many ask, one refresh is
// in flight.
func (e *Engine) Token(ctx context.Context) (string, error) {
	k, usable := e.current()
	if k == nil || k.Expired {
		return "", api.Fail(api.SignedOut)
	}
	now := e.config.Now()
	if usable && now.Before(refreshAt(k)) {
		return k.Access, nil
	}
	// The refresh outlives the caller that happened to begin it: others wait.
	flight := e.flight.DoChan("refresh", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
		defer cancel()
		return e.refresh(ctx)
	})
	select {
	case <-ctx.Done():
		return "", explain(ctx, ctx.Err())
	case result := <-flight:
		if result.Err == nil {
			return result.Val.(string), nil
		}
		if usable && now.Before(k.Until) && !errors.Is(result.Err, api.SignedOut) {
			return k.Access, nil // not refreshed early, but good still
		}
		return "", result.Err
	}
}

// Rejected says that the marketplace refused token: the next Token is another.
func (e *Engine) Rejected(token string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept != nil && e.kept.Access == token {
		e.spent = token
	}
}

// current gives what is kept, and whether its access token is worth sending.
func (e *Engine) current() (k *kept, usable bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	k = e.known()
	return k, k != nil && k.Access != e.spent
}

// refreshAt is when the access token should be replaced: early, but a token
// that lives shortly is used for half its life.
func refreshAt(k *kept) time.Time { return k.Until.Add(-min(early, k.Until.Sub(k.Since)/2)) }

// refresh exchanges the refresh token and installs what comes.
func (e *Engine) refresh(ctx context.Context) (string, error) {
	k, usable := e.current()
	switch {
	case k == nil || k.Expired:
		return "", api.Fail(api.SignedOut)
	case usable && e.config.Now().Before(refreshAt(k)):
		return k.Access, nil // somebody was faster
	}
	token, err := e.oauth("").TokenSource(e.calling(ctx), &oauth2.Token{RefreshToken: k.Refresh}).Token()
	if err == nil {
		return e.refreshed(ctx, k, k.withTokens(token, e.config.Now()))
	}
	if explained := api.AsError(explain(ctx, err)); !ended(explained) {
		if explained.Code == api.LoginFailed {
			explained = api.Fail(api.MarketplaceFailed, "status", explained.Params["reason"])
		}
		e.config.Log.Info("the login could not be refreshed yet", "error", explained)
		return "", explained
	}
	e.expire(k)
	return "", api.Fail(api.SignedOut)
}

// ended tells whether an error means that the login is over.
func ended(err *api.Error) bool {
	return err.Code == api.LoginFailed && err.Params["reason"] == errInvalidGrant
}

// refreshed installs next in the place of from. If the user logged out in the
// meantime, the new tokens are revoked instead.
func (e *Engine) refreshed(ctx context.Context, from, next *kept) (string, error) {
	e.saving.Lock()
	defer e.saving.Unlock()
	if !e.still(from) {
		e.revoke(ctx, next)
		return "", api.Fail(api.SignedOut)
	}
	if err := e.keep(next); err != nil {
		// Good until the service stops; the next refresh tries again to keep it.
		e.config.Log.Warn("the refreshed login could not be kept", "error", err)
	}
	e.mu.Lock()
	e.kept, e.spent = next, ""
	e.mu.Unlock()
	e.wake()
	return next.Access, nil
}

// expire records that the marketplace wants the user to sign in again.
func (e *Engine) expire(from *kept) {
	e.saving.Lock()
	if !e.still(from) {
		e.saving.Unlock()
		return
	}
	next := *from
	next.Access, next.Refresh, next.Expired = "", "", true
	if err := e.keep(&next); err != nil {
		e.config.Log.Warn("the end of the login could not be recorded", "error", err)
	}
	e.mu.Lock()
	e.kept, e.spent = &next, ""
	e.mu.Unlock()
	e.saving.Unlock()
	e.config.Log.Warn("the login has expired; sign in again", "user", next.UserName)
	e.changed()
}

// still tells whether k is what is kept now. e.saving is held.
func (e *Engine) still(k *kept) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept == k
}
