package cloudfile

import (
	"context"
	"errors"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
)

// usualUploads is how many documents are uploaded at once where nobody says.
const usualUploads = 3

func (e *Engine) maxUploads() int {
	if e.cfg.Uploads == nil {
		return usualUploads
	}
	return e.cfg.Uploads()
}

// Serve publishes what is saved, until ctx ends. It sleeps while there is
// nothing to do.
func (e *Engine) Serve(ctx context.Context) error {
	e.tellLost(ctx)
	if err := e.ledger.Purge(ctx, e.cfg.Now().Add(-keepEnded)); err != nil {
		e.cfg.Log.Warn("forgetting old saves", "error", err)
	}
	var uploads sync.WaitGroup
	defer uploads.Wait()
	for {
		next, err := e.dispatch(ctx, &uploads)
		if err != nil && ctx.Err() == nil {
			return err // the supervisor starts it again, more slowly each time
		}
		var due <-chan time.Time
		var timer *time.Timer
		if !next.IsZero() {
			timer = time.NewTimer(max(next.Sub(e.cfg.Now()), 0))
			due = timer.C
		}
		select {
		case <-ctx.Done():
		case <-e.kick:
		case <-due:
		}
		if timer != nil {
			timer.Stop()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// dispatch does what each document needs now, and tells when the next one
// needs something.
func (e *Engine) dispatch(ctx context.Context, uploads *sync.WaitGroup) (next time.Time, err error) {
	uploading := e.uploading() // before the rows are read: theirs may change under way
	rows, err := e.ledger.Unended(ctx)
	if err != nil {
		return time.Time{}, err
	}
	undecided, next, err := e.undecided(ctx, uploads)
	if err != nil {
		return time.Time{}, err
	}
	now, account := e.cfg.Now(), e.cfg.Account()
	headed := map[string]bool{}
	for _, r := range rows {
		if r.State == ledger.Picking || r.State == ledger.Damaged || headed[r.Queue()] {
			continue
		}
		headed[r.Queue()] = r.State != ledger.Published
		if uploading[r.Operation] || undecided[r.Document] {
			continue // its upload tells the session and wakes us; the copy of a conflict may be set aside
		}
		d := core.Next(e.facts(r, account, r.State == ledger.Queued && r.Parent != ""), now)
		switch d.Do {
		case core.Announce:
			if err := e.announce(ctx, r); err != nil {
				return time.Time{}, err
			}
		case core.Upload:
			if e.beginSending(r) {
				uploads.Go(func() {
					defer e.endSending(r.Queue())
					e.upload(ctx, r)
				})
			}
		case core.Wait:
			if next.IsZero() || d.RetryAt.Before(next) {
				next = d.RetryAt
			}
		case core.Rest:
		}
	}
	return next, nil
}

func (e *Engine) facts(r ledger.Row, a api.Account, behind bool) core.Facts {
	e.mu.Lock()
	_, sending := e.sending[r.Queue()]
	e.mu.Unlock()
	return core.Facts{
		Saved: true, Paused: e.going() != nil, Picking: r.State == ledger.Picking, Behind: behind, Sending: sending && !behind,
		Published: r.State == ledger.Published, Damaged: r.State == ledger.Damaged, Refused: r.Refused,
		Owner: accountKey(a) == r.Account, SignedIn: signedIn(a), RetryAt: r.RetryAt, Reason: r.Reason,
	}
}

func (e *Engine) beginSending(r ledger.Row) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, busy := e.sending[r.Queue()]; busy || len(e.sending) >= e.maxUploads() {
		return false
	}
	e.sending[r.Queue()] = r.Operation
	return true
}

// uploading is the saves whose upload has not ended, its event included.
func (e *Engine) uploading() map[string]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	operations := make(map[string]bool, len(e.sending))
	for _, operation := range e.sending {
		operations[operation] = true
	}
	return operations
}

func (e *Engine) endSending(queue string) {
	e.mu.Lock()
	delete(e.sending, queue)
	close(e.freed)
	e.freed = make(chan struct{})
	e.mu.Unlock()
	e.moved()
}

// upload makes one attempt to publish a save and keeps how it went.
func (e *Engine) upload(ctx context.Context, r ledger.Row) {
	now, known, err := e.ledger.Find(ctx, r.Operation)
	if err != nil || !known || now.State != ledger.Queued || now.Path != r.Path {
		return // its user gave it another place, or ended it, since it was read
	}
	r = now
	e.cfg.Notify.Changed(api.SectionTransfers)
	answer, err := e.send(ctx, r)
	if errors.Is(err, errPaused) {
		return // it goes on from where it is
	}
	e.forgetProgress(r.Operation)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, errMoved) {
			e.failed(ctx, r, err)
		}
		return
	}
	ctx = context.WithoutCancel(ctx) // the version exists: that is kept, even while the service stops
	result := publishedOf(r, answer)
	e.order.Lock()
	err = e.ledger.Publish(ctx, r, result, conflictOf(r, answer), e.cfg.Now())
	e.order.Unlock()
	if err != nil {
		e.failed(ctx, r, err) // the next attempt gets the same version
		return
	}
	e.cfg.Notify.Changed(api.SectionConflicts)
	e.cfg.Notify.Changed(api.SectionRecent)
	e.cfg.Log.Info("published", "operation", r.Operation, "path", result.Path, "version", result.Version)
	r.State, r.Result = ledger.Published, &result
	if err := e.announce(ctx, r); err != nil {
		e.cfg.Log.Error("telling of a published save", "operation", r.Operation, "error", err)
	}
}

// announce deletes the staged content of a published save, tells the session,
// and ends the save: after a crash before its end it is done again.
func (e *Engine) announce(ctx context.Context, r ledger.Row) error {
	if err := e.dir.Remove(r.Blob); err != nil {
		e.cfg.Log.Warn("staged content stays behind", "operation", r.Operation, "error", err)
	}
	e.step(StepBeforeEvent)
	if r.Result != nil {
		e.publish(ctx, api.EventDocumentPublished, r.Session, r.Product, *r.Result)
	}
	if err := e.ledger.Finish(ctx, r.Operation, e.cfg.Now()); err != nil {
		return err
	}
	if r.Solve && e.cfg.OnPublished != nil {
		e.cfg.OnPublished()
	}
	e.moved()
	return nil
}

// failed keeps why a save was not published and when it is tried again. Its
// content stays in any case.
func (e *Engine) failed(ctx context.Context, r ledger.Row, cause error) {
	reason := api.AsError(cause)
	attempts := r.Attempts + 1
	verdict := core.Judge(cause)
	e.cfg.Log.Info("not published", "operation", r.Operation, "verdict", string(verdict), "attempt", attempts, "error", cause)
	var err error
	switch verdict {
	case core.Spoilt:
		err = e.damaged(ctx, r, api.Fail(api.ContentDamaged, "what", r.Name))
	case core.Refuse:
		if err = e.ledger.Attempted(ctx, r.Operation, attempts, time.Time{}, true, reason); err == nil {
			e.publish(ctx, api.EventDocumentPublished, r.Session, r.Product, api.Published{
				Operation: r.Operation, Path: r.Path, Document: r.Document, LocalPath: r.LocalPath, Tag: r.Tag, Reason: reason,
			})
		}
	case core.TryAgain, core.SignIn:
		err = e.ledger.Attempted(ctx, r.Operation, attempts, e.cfg.Now().Add(core.Pause(attempts, luck())), false, reason)
	}
	if err != nil {
		e.cfg.Log.Error("keeping how an upload went", "operation", r.Operation, "error", err)
	}
}

// damaged keeps and tells that the content of a save is lost here.
func (e *Engine) damaged(ctx context.Context, r ledger.Row, reason *api.Error) error {
	e.order.Lock()
	err := e.ledger.Damage(ctx, r, reason)
	e.order.Unlock()
	if err != nil {
		return err
	}
	e.cfg.Log.Error("the staged content of a save is damaged", "operation", r.Operation, "path", r.Path)
	e.publish(ctx, api.EventDocumentPublished, r.Session, r.Product, api.Published{
		Operation: r.Operation, Path: r.Path, Document: r.Document, LocalPath: r.LocalPath, Tag: r.Tag, Reason: reason,
	})
	return nil
}
