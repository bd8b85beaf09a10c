package cloudfile

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/marketplace/agentapi"
)

// answerTime bounds how long the marketplace may take to end a conflict;
// settleTime and settleEvery how long and how often it is asked whether it
// has, where its answer was lost.
const (
	answerTime  = 20 * time.Second
	settleTime  = 5 * time.Second
	settleEvery = 15 * time.Second
)

// conflictOf is what the user has to choose after a save was published; nil:
// nothing.
func conflictOf(r ledger.Row, answer agentapi.PublishResult) *ledger.Conflict {
	theirs := answer.ConflictOf
	if theirs.ID == "" {
		return nil
	}
	return &ledger.Conflict{
		Account: r.Account, Document: theirs.ID, CopyID: answer.Document.ID,
		Conflict: api.Conflict{
			ID: r.Operation, Path: theirs.Path, Theirs: theirs.Current.Number, TheirAuthor: theirs.Current.Author,
			TheirTime: unix(theirs.Current.Created), TheirSize: theirs.Current.Size,
			Copy: answer.Document.Path, Mine: answer.Version.Number, MineTime: r.Created.Unix(), MineSize: r.Size,
			Base: r.Base, Product: r.Product, LocalPath: r.LocalPath, DocumentKind: r.Kind,
		},
	}
}

// Conflicts are the saves of the account that is signed in that met a newer
// version and wait for a choice, the latest first.
func (e *Engine) Conflicts(ctx context.Context) ([]api.Conflict, error) {
	account := e.account()
	if account == "" {
		return nil, nil
	}
	list, err := e.ledger.Conflicts(ctx, account)
	out := make([]api.Conflict, 0, len(list))
	for _, c := range list {
		out = append(out, c.Conflict)
	}
	return out, err
}

// EndConflict does what the user chose. Nothing is destroyed: the marketplace
// keeps every version of the document and of the copy. After an error the
// conflict stays, with the newest facts.
//
// The answer is kept before the marketplace is asked, so that after a crash or
// a lost answer settle can find out whether it was done. Until then no save of
// the copy is sent, because it could have no place to go.
func (e *Engine) EndConflict(ctx context.Context, id string, answer api.ConflictAnswer) error {
	if err := checkAnswer(answer); err != nil {
		return err
	}
	c, release, err := e.holdConflict(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if c.Answer != "" {
		if ended, err := e.settle(ctx, c); err != nil || ended {
			return errors.Join(err, notFoundUnless(err != nil || c.Answer == answer.Keep, id))
		}
	}
	if answer.Keep == api.KeepBoth {
		if _, err := e.ledger.Forget(ctx, id); err != nil {
			return err
		}
		e.cfg.Notify.Changed(api.SectionConflicts)
		return nil
	}
	switch _, pending, err := e.ledger.Newest(ctx, c.Account, c.Copy); {
	case err != nil:
		return err
	case pending:
		return api.Fail(api.SavesWaiting, "path", c.Copy)
	case answer.Mine != 0 && answer.Mine != c.Mine:
		return api.Fail(api.DocumentChanged, "path", c.Copy)
	}
	c.Answer, c.Operation, c.Seen = answer.Keep, rand.Text(), answer.Theirs
	if err := e.ledger.Answer(ctx, c); err != nil {
		return err
	}
	return e.resolve(context.WithoutCancel(ctx), c) // who gives up waiting does not tear it apart
}

func checkAnswer(a api.ConflictAnswer) error {
	switch {
	case a.Keep == api.KeepBoth:
		return nil
	case a.Keep != api.KeepMine && a.Keep != api.KeepTheirs:
		return api.Fail(api.InvalidArgument, "argument", "keep", "reason", "it is neither mine nor theirs nor both")
	case a.Theirs < 1:
		return api.Fail(api.InvalidArgument, "argument", "theirs", "reason", "it is not the version that was seen")
	case a.Mine < 0:
		return api.Fail(api.InvalidArgument, "argument", "mine", "reason", "it is negative")
	}
	return nil
}

func notFoundUnless(ok bool, id string) error {
	if ok {
		return nil
	}
	return api.Fail(api.NotFound, "what", id)
}

// holdConflict finds a conflict and keeps the saves of its copy from being
// sent until release.
func (e *Engine) holdConflict(ctx context.Context, id string) (c ledger.Conflict, release func(), err error) {
	c, known, err := e.ledger.Conflict(ctx, id)
	switch {
	case err != nil:
		return c, nil, err
	case !known:
		return c, nil, api.Fail(api.NotFound, "what", id)
	case c.Account != e.account():
		return c, nil, api.Fail(api.SavedByOther)
	}
	queue := ledger.Row{Account: c.Account, Path: c.Copy}.Queue()
	if !e.hold(ctx, queue) {
		return c, nil, api.Fail(api.SavesWaiting, "path", c.Copy)
	}
	release = func() { e.endSending(queue) }
	if c, known, err = e.ledger.Conflict(ctx, id); err == nil && !known {
		err = api.Fail(api.NotFound, "what", id)
	}
	if err != nil {
		release()
	}
	return c, release, err
}

// resolve asks the marketplace to do what was answered, and keeps that it did.
func (e *Engine) resolve(ctx context.Context, c ledger.Conflict) error {
	e.step(StepAnswered)
	if e.account() != c.Account { // somebody else has signed in meanwhile
		return errors.Join(api.Fail(api.SavedByOther), e.ledger.Unanswer(ctx, c.ID, c.Operation))
	}
	ask, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	result, err := e.cfg.Market.Resolve(ask, c.Document, agentapi.Resolve{
		OperationID: c.Operation, Keep: agentapi.ResolveKeep(c.Answer), Version: c.Seen, CopyID: c.CopyID, CopyVersion: c.Mine,
	})
	if err == nil {
		e.step(StepResolved)
		return e.resolved(ctx, c, result)
	}
	if core.Judge(err) == core.TryAgain {
		ended, settleErr := e.settle(ctx, c)
		e.cfg.Log.Info("no answer to a conflict's end", "conflict", c.ID, "error", err, "ended", ended, "settle", settleErr)
		if ended {
			return settleErr
		}
		return err
	}
	if err := e.ledger.Unanswer(ctx, c.ID, c.Operation); err != nil {
		return err
	}
	fresh := e.look(ctx, c)
	if errors.Is(err, api.DocumentChanged) && api.AsError(err).Params["path"] != fresh.Copy {
		return api.Fail(api.DocumentConflict, "path", fresh.Path, "copy", fresh.Copy).Because(err)
	}
	if errors.Is(err, api.NotFound) {
		return api.Fail(api.NotFound, "what", fresh.Path).Because(err)
	}
	return err
}

// resolved keeps that a conflict has ended: what was bound to the copy follows
// the document.
func (e *Engine) resolved(ctx context.Context, c ledger.Conflict, result agentapi.PublishResult) error {
	base, workState := c.Seen, api.CheckedIn
	if c.Answer == api.KeepMine {
		base = result.Version.Number
	}
	if result.Document.Checkout.Mine {
		workState = api.CheckedOut
	}
	e.order.Lock()
	err := e.ledger.Resolve(ctx, c, result.Document.Path, base, workState)
	e.order.Unlock()
	if err != nil {
		return err
	}
	if err := e.lookAgain(ctx, c.Document); err != nil {
		e.cfg.Log.Warn("looking at the other conflicts of a document", "error", err)
	}
	e.cfg.Log.Info("conflict ended", "conflict", c.ID, "keep", string(c.Answer), "path", result.Document.Path, "version", result.Version.Number)
	e.cfg.Notify.Changed(api.SectionConflicts)
	e.cfg.Notify.Changed(api.SectionRecent)
	e.moved()
	return nil
}

// settle finds out whether an answer was done whose own answer was lost, and
// keeps which: the conflict has ended, or it stays.
func (e *Engine) settle(ctx context.Context, c ledger.Conflict) (ended bool, err error) {
	ask, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	result, err := e.cfg.Market.Operation(ask, c.Operation)
	switch {
	case err == nil:
		return true, e.resolved(ctx, c, result)
	case errors.Is(err, api.NotFound):
		return false, e.ledger.Unanswer(ctx, c.ID, c.Operation)
	}
	return false, err
}

// look brings the facts of a conflict up to date and gives them.
func (e *Engine) look(ctx context.Context, c ledger.Conflict) ledger.Conflict {
	ask, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	fresh := c
	if d, err := e.cfg.Market.Document(ask, c.Document); err == nil {
		v := d.Current
		fresh.Path, fresh.Theirs, fresh.TheirAuthor, fresh.TheirTime, fresh.TheirSize = d.Path, v.Number, v.Author, unix(v.Created), v.Size
	}
	if d, err := e.cfg.Market.Document(ask, c.CopyID); err == nil {
		fresh.Copy = d.Path
		if v := d.Current; v.Number != c.Mine {
			fresh.Mine, fresh.MineTime, fresh.MineSize = v.Number, unix(v.Created), v.Size
		}
	}
	if fresh.Conflict == c.Conflict {
		return fresh
	}
	if err := e.ledger.SetFacts(ctx, fresh); err != nil {
		e.cfg.Log.Error("keeping the facts of a conflict", "conflict", c.ID, "error", err)
	}
	e.cfg.Notify.Changed(api.SectionConflicts)
	return fresh
}
