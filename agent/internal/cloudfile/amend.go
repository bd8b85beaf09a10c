package cloudfile

import (
	"context"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/workspace/entry"
)

// holdTime is how long an upload may take to end before its save is left alone.
const holdTime = time.Second

// Redirect publishes a save to another place than it was meant for: where the
// marketplace refuses the first one for good, nothing has to be lost.
func (e *Engine) Redirect(ctx context.Context, operation string, to api.Redirect) error {
	if err := entry.CheckCloudPath(to.Path); err != nil {
		return err
	}
	switch p, waits, err := e.pickOf(ctx, operation); {
	case err != nil:
		return err
	case waits:
		return e.choose(ctx, p, api.PickAnswer{Path: to.Path, Overwrite: to.Overwrite})
	}
	r, release, err := e.reserve(ctx, operation)
	if err != nil {
		return err
	}
	defer release()
	switch {
	case r.State == ledger.Damaged:
		return api.Fail(api.ContentDamaged, "what", r.Name)
	case r.State != ledger.Queued:
		return api.Fail(api.NotFound, "what", operation)
	case r.Account != e.account():
		return api.Fail(api.SavedByOther)
	}
	if r.Path != to.Path || !to.Overwrite {
		ask, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		target := core.Target{Path: to.Path, Overwrite: to.Overwrite, Fresh: true}
		if err := e.admitTo(ask, target, r.Account, ""); err != nil {
			return err
		}
	}
	e.order.Lock()
	moved, err := e.ledger.Redirect(ctx, operation, to.Path, to.Overwrite)
	e.order.Unlock()
	if err != nil {
		return err
	}
	if !moved {
		return api.Fail(api.NotFound, "what", operation)
	}
	e.cfg.Log.Info("redirected", "operation", operation, "path", to.Path)
	r.Path, r.Document = to.Path, ""
	e.publish(context.WithoutCancel(ctx), api.EventDocumentSaved, r.Session, r.Product, savedOf(r))
	return nil
}

// Discard forgets a save that is not published, and its content here. Its user
// has said so; nothing else ever does it.
func (e *Engine) Discard(ctx context.Context, operation string) error {
	switch p, waits, err := e.pickOf(ctx, operation); {
	case err != nil:
		return err
	case waits:
		return e.withdraw(ctx, p)
	}
	r, release, err := e.reserve(ctx, operation)
	if err != nil {
		return err
	}
	defer release()
	e.order.Lock()
	discarded, err := e.ledger.Discard(ctx, r, e.cfg.Now())
	e.order.Unlock()
	if err != nil {
		return err
	}
	if !discarded {
		return api.Fail(api.NotFound, "what", operation)
	}
	if err := e.dir.Remove(r.Blob); err != nil {
		e.cfg.Log.Warn("discarding staged content", "error", err)
	}
	e.cfg.Log.Info("discarded", "operation", operation, "path", r.Path, "bytes", r.Size)
	e.publish(context.WithoutCancel(ctx), api.EventDocumentPublished, r.Session, r.Product, api.Published{
		Operation: r.Operation, Path: r.Path, Document: r.Document, LocalPath: r.LocalPath, Tag: r.Tag, Reason: api.Fail(api.Cancelled),
	})
	return nil
}

// pickOf is the choice that a save still waits for; false where it waits for
// none.
func (e *Engine) pickOf(ctx context.Context, operation string) (ledger.Pick, bool, error) {
	picks, err := e.ledger.Picks(ctx)
	for _, p := range picks {
		if p.Operation == operation && operation != "" {
			return p, true, err
		}
	}
	return ledger.Pick{}, false, err
}

// reserve finds a save and keeps its document from being uploaded until
// release: what is on its way may be published in the next moment.
func (e *Engine) reserve(ctx context.Context, operation string) (r ledger.Row, release func(), err error) {
	for range 2 { // the save may have moved to another document's queue meanwhile
		var known bool
		if r, known, err = e.ledger.Find(ctx, operation); err != nil {
			return r, nil, err
		}
		if !known || (r.State != ledger.Queued && r.State != ledger.Damaged) {
			return r, nil, api.Fail(api.NotFound, "what", operation)
		}
		queue := r.Queue()
		if !e.hold(ctx, queue) {
			return r, nil, api.Fail(api.Busy)
		}
		release = func() { e.endSending(queue) }
		r, known, err = e.ledger.Find(ctx, operation)
		if err == nil && known && r.Queue() == queue {
			return r, release, nil
		}
		release()
	}
	return r, nil, api.Fail(api.Busy).Because(err)
}

// hold takes a document's turn, and waits a moment for an attempt that is just
// ending; false where a longer one is under way.
func (e *Engine) hold(ctx context.Context, queue string) bool {
	ctx, cancel := context.WithTimeout(ctx, holdTime)
	defer cancel()
	for {
		e.mu.Lock()
		_, busy := e.sending[queue]
		if !busy {
			e.sending[queue] = ""
		}
		freed := e.freed
		e.mu.Unlock()
		if !busy {
			return true
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return false
		}
	}
}
