package cloudfile

import (
	"context"
	"crypto/rand"
	"errors"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/workspace/entry"
)

// maxPicks bounds the documents that one session may ask its user to pick.
const maxPicks = 16

// Pick asks the user for a document to open. Whoever watches may answer it,
// also one who starts to watch later.
func (e *Engine) Pick(ctx context.Context, app api.Session) (api.PickTicket, error) {
	picks, err := e.ledger.Picks(ctx)
	if err != nil {
		return api.PickTicket{}, err
	}
	mine := 0
	for _, p := range picks {
		if p.Session == app.ID && p.Kind == api.PickOpen {
			mine++
		}
	}
	if mine >= maxPicks {
		return api.PickTicket{}, api.Fail(api.Busy)
	}
	p := ledger.Pick{Pick: api.Pick{ID: rand.Text(), Kind: api.PickOpen, Product: app.Product, Session: app.ID, Created: e.cfg.Now().Unix()}}
	if err := e.ledger.AddPick(ctx, p); err != nil {
		return api.PickTicket{}, err
	}
	e.cfg.Notify.Changed(api.SectionPicks)
	return api.PickTicket{Pick: p.ID}, nil
}

// Picks are the choices that wait for the user, oldest first.
func (e *Engine) Picks() []api.Pick {
	picks, err := e.ledger.Picks(context.Background())
	if err != nil {
		e.cfg.Log.Error("reading the picks", "error", err)
	}
	out := make([]api.Pick, 0, len(picks))
	for _, p := range picks {
		out = append(out, p.Pick)
	}
	return out
}

// SessionClosed withdraws what the session wanted to open. Content that waits
// for a place in the cloud stays: the user can still give it one.
func (e *Engine) SessionClosed(app api.Session) {
	ctx := context.Background()
	picks, err := e.ledger.Picks(ctx)
	for _, p := range picks {
		if p.Session == app.ID && p.Kind == api.PickOpen {
			_, endErr := e.ledger.EndPick(ctx, p.ID)
			err = errors.Join(err, endErr)
		}
	}
	if err != nil {
		e.cfg.Log.Error("withdrawing the picks of a session", "error", err)
	}
	e.cfg.Notify.Changed(api.SectionPicks)
}

// AnswerPick takes the user's choice. An error goes to the picker; the pick
// then still waits.
func (e *Engine) AnswerPick(ctx context.Context, id string, answer api.PickAnswer) error {
	picks, err := e.ledger.Picks(ctx)
	if err != nil {
		return err
	}
	for _, p := range picks {
		if p.ID != id {
			continue
		}
		switch {
		case p.Kind == api.PickOpen:
			return e.answerOpen(ctx, p, answer)
		case answer.Cancelled:
			return e.withdraw(ctx, p)
		default:
			return e.choose(ctx, p, answer)
		}
	}
	return api.Fail(api.NotFound, "what", id)
}

func (e *Engine) answerOpen(ctx context.Context, p ledger.Pick, answer api.PickAnswer) error {
	picked := api.Picked{Pick: p.ID, Reason: api.Fail(api.Cancelled)}
	if !answer.Cancelled {
		var err error
		if picked, err = e.picked(ctx, p.ID, answer); err != nil {
			return err
		}
		if err = e.ledger.SetProduct(ctx, e.account(), picked.Path, p.Product); err != nil {
			return err
		}
	}
	return e.endOpen(ctx, p, picked)
}

func (e *Engine) endOpen(ctx context.Context, p ledger.Pick, picked api.Picked) error {
	// The event comes first: a crash between the two tells the session twice,
	// not never.
	waiting, err := e.ledger.Picks(ctx)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if w.ID == p.ID {
			e.publish(ctx, api.EventDocumentPicked, p.Session, p.Product, picked)
			_, err := e.ledger.EndPick(ctx, p.ID)
			e.cfg.Notify.Changed(api.SectionPicks)
			return err
		}
	}
	return api.Fail(api.NotFound, "what", p.ID)
}

// picked finds what the user chose and checks it out where he asked for that.
func (e *Engine) picked(ctx context.Context, pick string, answer api.PickAnswer) (api.Picked, error) {
	if err := entry.CheckCloudPath(answer.Path); err != nil {
		return api.Picked{}, err
	}
	if answer.Version < 0 {
		return api.Picked{}, api.Fail(api.InvalidArgument, "argument", "version", "reason", "it is negative")
	}
	out := api.Picked{Pick: pick, Path: answer.Path, Version: answer.Version, OpenType: api.OpenOnly, WorkState: api.CheckedIn}
	if answer.Checkout {
		out.OpenType = api.OpenAndCheckout
	}
	pending, staged, err := e.ledger.Newest(ctx, e.account(), answer.Path)
	if err != nil {
		return out, err
	}
	d, err := e.cfg.Market.FindDocument(ctx, answer.Path)
	if err == nil && answer.Checkout && !d.Checkout.Mine {
		if d, err = e.cfg.Market.CheckOut(ctx, d.ID); err == nil {
			err = e.ledger.SetWorkState(ctx, d.ID, api.CheckedOut)
		}
	}
	switch {
	case err == nil:
		out.Document, out.Kind = d.ID, api.DocumentKind(d.Kind)
		if d.Checkout.Mine {
			out.WorkState = api.CheckedOut
		}
		if out.Version == 0 && !staged {
			out.Version = d.Current.Number
		}
	case staged && answer.Version == 0 && (!answer.Checkout || errors.Is(err, api.NotFound)):
		// Not in the cloud yet, or out of reach: what was saved here is the newest.
		out.Document, out.Kind = pending.Document, pending.Kind
		out.OpenType, out.WorkState = e.mode(ctx, pending, out)
	default:
		return out, err
	}
	return out, nil
}

// mode is how a save that is still on its way is opened: as the path it was
// saved from, because the marketplace does not say.
func (e *Engine) mode(ctx context.Context, r ledger.Row, p api.Picked) (openType, workState string) {
	b, err := e.bindingOf(ctx, r.LocalPath, r.Account)
	if err != nil || b == nil || b.Path != r.Path {
		return p.OpenType, p.WorkState
	}
	return b.OpenType, b.WorkState
}

// choose gives a staged save its place in the cloud.
func (e *Engine) choose(ctx context.Context, p ledger.Pick, answer api.PickAnswer) error {
	r, ok, err := e.ledger.Find(ctx, p.Operation)
	if err != nil {
		return err
	}
	if !ok || r.State != ledger.Picking {
		return api.Fail(api.NotFound, "what", p.ID)
	}
	req := api.SaveBegin{Path: answer.Path, Overwrite: answer.Overwrite, LocalPath: r.LocalPath, Name: r.Name, Kind: r.Kind}
	if err := entry.CheckCloudPath(req.Path); err != nil {
		return err
	}
	target, _, err := e.place(ctx, req, r.Account)
	if err != nil {
		return err
	}
	ask, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if err := e.admitTo(ask, target, r.Account, r.LocalPath); err != nil {
		return err
	}
	if r, err = e.queue(ctx, p, r, req); err != nil {
		return err
	}
	e.publish(ctx, api.EventDocumentSaved, r.Session, r.Product, savedOf(r))
	e.cfg.Notify.Changed(api.SectionPicks)
	e.cfg.Notify.Changed(api.SectionRecent)
	e.moved()
	return nil
}

func (e *Engine) queue(ctx context.Context, p ledger.Pick, r ledger.Row, req api.SaveBegin) (ledger.Row, error) {
	e.order.Lock()
	defer e.order.Unlock()
	target, binding, err := e.place(ctx, req, r.Account)
	if err != nil {
		return r, err
	}
	r, binding = e.aim(r, target, binding)
	r.State = ledger.Queued
	chosen, err := e.ledger.Choose(ctx, p.ID, r, binding)
	if err == nil && !chosen {
		err = api.Fail(api.NotFound, "what", p.ID)
	}
	return r, err
}

// withdraw discards a staged save: its user does not want it in the cloud.
func (e *Engine) withdraw(ctx context.Context, p ledger.Pick) error {
	r, _, err := e.ledger.Find(ctx, p.Operation)
	if err != nil {
		return err
	}
	withdrawn, err := e.ledger.Withdraw(ctx, p.ID, p.Operation, e.cfg.Now())
	if err != nil {
		return err
	}
	if !withdrawn {
		return api.Fail(api.NotFound, "what", p.ID)
	}
	if err := e.dir.Remove(r.Blob); err != nil {
		e.cfg.Log.Warn("discarding staged content", "error", err)
	}
	r.State = ledger.Withdrawn
	saved := savedOf(r)
	saved.Path = ""
	e.publish(ctx, api.EventDocumentSaved, p.Session, p.Product, saved)
	e.publish(ctx, api.EventDocumentPublished, p.Session, p.Product, api.Published{
		Operation: r.Operation, LocalPath: r.LocalPath, Tag: r.Tag, Reason: api.Fail(api.Cancelled),
	})
	e.cfg.Notify.Changed(api.SectionPicks)
	e.moved()
	return nil
}

// tellLost ends the picks of sessions that asked the process before this one:
// nobody can know whether they still wait, and a session that does is told.
func (e *Engine) tellLost(ctx context.Context) {
	for _, p := range e.lost {
		if err := e.endOpen(ctx, p, api.Picked{Pick: p.ID, Reason: api.Fail(api.Cancelled)}); err != nil && !errors.Is(err, api.NotFound) {
			e.cfg.Log.Error("ending a pick", "error", err)
		}
	}
	e.lost = nil
}
