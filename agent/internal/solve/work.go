package solve

import (
	"context"
	"sort"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// Serve follows the solves until ctx ends. It may be called again after it
// returned.
func (e *Engine) Serve(ctx context.Context) error {
	for {
		pause := e.round(ctx)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-e.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round does all that is due and tells how long nothing else is.
func (e *Engine) round(ctx context.Context) time.Duration {
	pause := lookEvery
	if !e.collect(ctx) {
		pause = localRetry
	}
	account := e.Account()
	if account.State == api.AccountSignedIn {
		e.synchronise(ctx)
	}
	for ctx.Err() == nil {
		r, do, due := e.pick(account)
		if do == stepNone {
			if !due.IsZero() {
				pause = min(pause, max(due.Sub(e.Now()), time.Second))
			}
			break
		}
		if err := e.do(ctx, r, do); err != nil && ctx.Err() == nil {
			e.Log.Error("solve not kept", "solve", r.ID, "error", err)
			return localRetry
		}
	}
	if e.tellHeld(ctx) {
		pause = min(pause, tellEvery)
	}
	return pause
}

// collect takes over the saves whose solve was not ours yet. It tells whether
// that worked.
func (e *Engine) collect(ctx context.Context) bool {
	inputs, err := e.Files.PublishedSolves(ctx)
	if err != nil {
		if ctx.Err() == nil {
			e.Log.Error("published solves not read", "error", err)
		}
		return false
	}
	for _, in := range inputs {
		e.mu.Lock()
		_, known := e.rows[in.Operation]
		e.mu.Unlock()
		if known {
			continue
		}
		if err := e.keep(ctx, in.Operation, func(row) row { return newRow(in, e.Now()) }); err != nil {
			e.Log.Error("solve not kept", "solve", in.Operation, "error", err)
			return false
		}
	}
	return true
}

// synchronise asks for everything at once after the connection was away.
func (e *Engine) synchronise(ctx context.Context) {
	e.mu.Lock()
	wanted, open := e.resync, false
	e.resync = false
	for _, r := range e.rows {
		open = open || (r.Job != "" && !r.ended())
	}
	e.mu.Unlock()
	if !wanted || !open {
		return
	}
	jobs, err := e.Market.Solves(ctx)
	if err != nil {
		e.Log.Info("solves not listed", "error", err)
		return // each is asked for by itself
	}
	for _, job := range jobs {
		e.mu.Lock()
		r, known := e.rows[job.OperationID]
		e.mu.Unlock()
		if !known || r.ended() || r.Cancel {
			continue
		}
		if err := e.keep(ctx, r.ID, func(r row) row { return apply(r, job, e.Now()) }); err != nil {
			e.Log.Error("solve not kept", "solve", r.ID, "error", err)
		}
	}
}

// pick finds the oldest solve with something to do for this account.
func (e *Engine) pick(account api.Account) (found row, do step, due time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	rows := make([]row, 0, len(e.rows))
	for _, r := range e.rows {
		rows = append(rows, r)
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Created < rows[j].Created })
	now := e.Now()
	for _, r := range rows {
		do, at := next(r, now)
		foreign := r.Account != "" && r.Account != account.Marketplace+"#"+account.UserID
		if needsMarket(do) && (account.State != api.AccountSignedIn || foreign) {
			continue
		}
		if do != stepNone {
			return r, do, time.Time{}
		}
		if !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return row{}, stepNone, due
}

// do does one step. Its error is one of our own database or files engine.
func (e *Engine) do(ctx context.Context, r row, do step) error {
	switch do {
	case stepDrop:
		return e.keep(ctx, r.ID, func(r row) row {
			r.State = stateCancelled
			return r
		})
	case stepHandOver:
		return e.handOver(ctx, r)
	}
	e.mu.Lock()
	pushes := e.pushes[r.ID]
	e.mu.Unlock()
	job, err := e.call(ctx, r, do)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		e.Log.Info("solve waits", "solve", r.ID, "error", err)
	}
	return e.keep(ctx, r.ID, func(now row) row {
		if err != nil {
			return troubled(now, err, e.Now())
		}
		now = apply(now, job, e.Now())
		if now.Cancel && do == stepSubmit || e.pushes[r.ID] != pushes {
			now.LookAt = time.Time{} // something came up while we asked
		}
		return now
	})
}

func (e *Engine) handOver(ctx context.Context, r row) error {
	if err := e.Files.SolveSubmitted(ctx, r.ID); err != nil {
		return err
	}
	defer e.prune(ctx)
	return e.keep(ctx, r.ID, func(r row) row {
		r.Handed = true
		return r
	})
}

func (e *Engine) call(ctx context.Context, r row, do step) (agentapi.SolveJob, error) {
	switch do {
	case stepSubmit:
		return e.Market.SubmitSolve(ctx, agentapi.SolveSubmit{OperationID: r.ID, DocumentID: r.Document, Version: r.Version})
	case stepCancel:
		return e.Market.CancelSolve(ctx, r.Job)
	}
	return e.Market.Solve(ctx, r.Job)
}

func (e *Engine) prune(ctx context.Context) {
	ids, err := e.table.prune(ctx)
	if err != nil {
		e.Log.Warn("old solves not dropped", "error", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		delete(e.rows, id)
		delete(e.told, id)
		delete(e.held, id)
		delete(e.pushes, id)
	}
}
