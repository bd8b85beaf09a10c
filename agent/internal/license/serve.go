package license

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// maxBusy bounds what goes on with the marketplace at once.
	maxBusy = 8
	// rest is the pause after the database failed.
	rest = 5 * time.Second
	// idleWake is when the loop looks around even if nothing is due.
	idleWake = 10 * time.Minute
)

// Serve carries out what the requests and leases need next. It runs until ctx
// ends, and what it began has ended too when it returns.
func (e *Engine) Serve(ctx context.Context) error {
	unhook := context.AfterFunc(ctx, e.Stopping)
	defer unhook()
	e.mu.Lock()
	e.resync = true // whatever was due when the service stopped is due now
	e.mu.Unlock()
	r := &round{Engine: e}
	defer r.tasks.Wait()
	for {
		err := r.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.logOn(err, "licences could not be looked after")
		if err := e.sleep(ctx, r.wake); err != nil {
			return err
		}
	}
}

// round is one look at everything.
type round struct {
	*Engine
	tasks    sync.WaitGroup
	now      time.Time
	account  string
	signedIn bool
	wake     time.Time
	tidied   time.Time
}

func (r *round) run(ctx context.Context) error {
	var err error
	r.now = r.Engine.now()
	r.wake = r.now.Add(idleWake)
	if !r.now.Before(r.tidied.Add(24 * time.Hour)) {
		r.tidied = r.now
		r.tidy(ctx)
	}
	if r.account, r.signedIn, err = r.owner(ctx); err != nil {
		return err
	}
	if r.signedIn {
		if err := r.adopt(ctx); err != nil {
			return err
		}
	}
	if err := r.receive(ctx, r.account); err != nil {
		return err
	}
	r.list(ctx)
	for _, look := range []func(context.Context) error{r.lookAtRequests, r.lookAtVerdicts, r.lookAtKept, r.lookAtLeases} {
		if err := look(ctx); err != nil {
			return err
		}
	}
	return nil
}

// adopt makes requests that wait for somebody to sign in those of who did.
func (r *round) adopt(ctx context.Context) error {
	_, err := r.config.DB.ExecContext(ctx, `UPDATE license_request SET account = ?, application = '', attempts = 0, due = 0
		WHERE state = 'pending' AND account != ?`, r.account, r.account)
	return err
}

// at makes sure that the loop looks again at t.
func (r *round) at(t time.Time) {
	if !t.IsZero() && t.Before(r.wake) {
		r.wake = t
	}
}

// list fetches the marketplace's list when it is old.
func (r *round) list(ctx context.Context) {
	r.mu.Lock()
	due := r.listed.Add(listFresh)
	never := r.listed.IsZero()
	r.mu.Unlock()
	switch {
	case !r.signedIn:
	case !never && r.now.Before(due):
		r.at(due)
	default:
		account := r.account
		r.start(ctx, "list", func(ctx context.Context) { r.listNow(ctx, account, callPatience) })
	}
}

// start does a piece of work beside the loop, unless that very piece is under
// way. The loop looks again when it has ended.
func (r *round) start(ctx context.Context, key string, work func(context.Context)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[key] || len(r.busy) >= maxBusy {
		return
	}
	r.busy[key] = true
	r.tasks.Go(func() {
		work(ctx)
		r.mu.Lock()
		delete(r.busy, key)
		r.mu.Unlock()
		r.look()
	})
}

// sleep waits until at, or for something to happen.
func (e *Engine) sleep(ctx context.Context, at time.Time) error {
	e.mu.Lock()
	stumbled := e.stumbled
	e.stumbled = false
	e.mu.Unlock()
	pause, poke := max(at.Sub(e.now()), 0), e.poke
	if stumbled {
		pause, poke = rest, nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-poke:
	case <-timer.C:
	}
	return nil
}

// tidy deletes what nobody asks for any more.
func (e *Engine) tidy(ctx context.Context) {
	now := e.now()
	for statement, before := range map[string]time.Time{
		`DELETE FROM license_request WHERE told = 'decision' AND updated < ?`: now.AddDate(0, 0, -30),
		`DELETE FROM license_request WHERE state = 'pending' AND created < ?`: now.AddDate(0, 0, -7),
	} {
		_, err := e.config.DB.ExecContext(ctx, statement, before.UnixMilli())
		e.logOn(err, "old licence requests could not be deleted")
	}
	_, err := e.config.DB.ExecContext(ctx, `DELETE FROM license_file WHERE sha256 NOT IN (SELECT sha256 FROM license_kept)
		AND sha256 NOT IN (SELECT json_extract(answer, '$.sha256') FROM license_request WHERE answer LIKE '%sha256%')`)
	e.logOn(err, "old licence files could not be deleted")
}

// jittered spreads a pause over half to all of itself.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
