package cloudfile

import (
	"context"
	"errors"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
)

// lookAgain has the conflicts that a document (empty: any) is part of looked at
// anew.
func (e *Engine) lookAgain(ctx context.Context, document string) error {
	var list []ledger.Conflict
	var err error
	if document == "" {
		list, err = e.ledger.Conflicts(ctx, e.account())
	} else {
		list, err = e.ledger.ConflictsOf(ctx, document)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range list {
		e.stale[c.ID] = true
	}
	e.retryAt = time.Time{}
	return err
}

// undecided gives the copies of conflicts of which it is not known whether
// they have ended, and looks after all conflicts in a goroutine of uploads,
// where there is a need. next is when that is due again.
func (e *Engine) undecided(ctx context.Context, uploads *sync.WaitGroup) (copies map[string]bool, next time.Time, err error) {
	list, err := e.ledger.Answered(ctx)
	if err != nil {
		return nil, next, err
	}
	copies = make(map[string]bool, len(list))
	account := e.cfg.Account()
	open := list[:0]
	for _, c := range list {
		copies[c.CopyID] = true
		if signedIn(account) && accountKey(account) == c.Account {
			open = append(open, c)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	due := !e.retryAt.After(e.cfg.Now())
	if len(open) > 0 && !due {
		next = e.retryAt
	}
	if e.tending || (len(e.stale) == 0 && (len(open) == 0 || !due)) {
		return copies, next, nil
	}
	stale := e.stale
	e.tending, e.stale = true, map[string]bool{}
	if !due {
		open = nil
	}
	uploads.Go(func() { e.tend(ctx, open, stale) })
	return copies, next, nil
}

// tend settles the answers that are open, and looks at what has changed.
func (e *Engine) tend(ctx context.Context, open []ledger.Conflict, stale map[string]bool) {
	again := false
	for _, c := range open {
		again = e.settleLater(ctx, c.ID) || again
	}
	for id := range stale {
		if c, known, err := e.ledger.Conflict(ctx, id); err == nil && known && c.Account == e.account() && c.Answer == "" {
			e.look(ctx, c)
		}
	}
	e.mu.Lock()
	e.tending = false
	if again {
		e.retryAt = e.cfg.Now().Add(settleEvery)
	}
	e.mu.Unlock()
	e.wake()
}

// settleLater settles an answer unless its caller still does; true: it has to
// be tried again.
func (e *Engine) settleLater(ctx context.Context, id string) bool {
	c, release, err := e.holdConflict(ctx, id)
	if err != nil {
		return errors.Is(err, api.SavesWaiting) // else it has ended
	}
	defer release()
	if c.Answer == "" {
		return false
	}
	if _, err := e.settle(ctx, c); err != nil {
		e.cfg.Log.Debug("settling a conflict", "conflict", id, "error", err)
		return ctx.Err() == nil
	}
	return false
}
