package account

import (
	"context"
	"math/rand/v2"
	"time"

	"iscdesk.dev/agent/api"
)

// The pause after a refresh that failed: it doubles between these. The first
// ones are short, because a marketplace forgives a repeated refresh whose
// answer was lost only for a while.
const (
	retryFirst = 2 * time.Second
	retryMost  = 5 * time.Minute
)

// Serve refreshes the access token before it ends, so that no call has to
// wait for it and the login never lapses on a machine that is switched on, and
// notices logins that nobody finished. It runs until ctx ends.
func (e *Engine) Serve(ctx context.Context) error {
	failures, pauseUntil := 0, time.Time{}
	for {
		if e.woken.Swap(false) {
			failures, pauseUntil = 0, time.Time{}
		}
		now := e.config.Now()
		if due, ok := e.refreshDue(); ok && !now.Before(due) && !now.Before(pauseUntil) {
			if _, err := e.refreshNow(ctx); err != nil {
				pauseUntil = now.Add(retryPause(failures))
				failures++
			} else {
				failures, pauseUntil = 0, time.Time{}
			}
		}
		if err := e.sleep(ctx, e.nextWake(pauseUntil)); err != nil {
			return err
		}
		e.tidy()
	}
}

// Wake makes Serve look at once at what it waits for; a pause after a failure
// ends. It never blocks.
func (e *Engine) Wake() {
	e.woken.Store(true)
	e.wake()
}

// refreshNow refreshes through Token, which knows that one is in flight.
func (e *Engine) refreshNow(ctx context.Context) (string, error) {
	before, _ := e.current()
	token, err := e.Token(ctx)
	if after, _ := e.current(); err == nil && before == after {
		return "", api.Fail(api.Offline) // Token fell back to the old one
	}
	return token, err
}

func retryPause(failures int) time.Duration {
	pause := retryFirst << min(failures, 20)
	pause = min(pause, retryMost)
	return pause/2 + rand.N(pause)/2
}

// refreshDue is when the access token should be refreshed, if there is one.
func (e *Engine) refreshDue() (time.Time, bool) {
	k, usable := e.current()
	if k == nil || k.Expired {
		return time.Time{}, false
	}
	if !usable {
		return time.Time{}, true
	}
	return refreshAt(k), true
}

// nextWake is when Serve has something to do next; zero: when it is poked.
func (e *Engine) nextWake(pauseUntil time.Time) time.Time {
	due, ok := e.refreshDue()
	if ok && due.Before(pauseUntil) {
		due = pauseUntil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	earlier := func(at time.Time) {
		if !ok || at.Before(due) {
			due, ok = at, true
		}
	}
	for _, l := range e.logins {
		earlier(l.until)
	}
	for _, d := range e.device {
		earlier(d.until)
	}
	if !ok {
		return time.Time{}
	}
	return due
}

// sleep waits until at (zero: for ever), or for a poke.
func (e *Engine) sleep(ctx context.Context, at time.Time) error {
	var due <-chan time.Time
	if !at.IsZero() {
		timer := time.NewTimer(max(at.Sub(e.config.Now()), time.Second))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.poke:
	case <-due:
	}
	return nil
}

// tidy forgets logins that came too late, and says so.
func (e *Engine) tidy() {
	e.mu.Lock()
	before := len(e.logins) + len(e.device)
	e.prune(e.config.Now())
	changed := before != len(e.logins)+len(e.device)
	e.mu.Unlock()
	if changed {
		e.config.Notify.Changed(api.SectionAccount)
	}
}
