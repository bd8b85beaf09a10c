package license

import (
	"context"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/lease"
)

// lookAtRequests takes each request that is under way one step on.
func (r *round) lookAtRequests(ctx context.Context) error {
	list, err := r.requests(ctx, `told != 'decision' ORDER BY number`)
	if err != nil {
		return err
	}
	for _, q := range list {
		if err := r.lookAt(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (r *round) lookAt(ctx context.Context, q request) error {
	q, k, err := r.withKept(ctx, q)
	if err != nil {
		return err
	}
	f := facts{
		signedIn: r.signedIn && q.account == r.account, tried: q.attempts > 0, decided: q.state != api.LicensePendingState,
		told: q.told, due: q.due, hope: q.created.Add(hopeFor),
		asking: q.reason != nil && q.reason.Code == api.LicensePending,
	}
	f.kept, _ = k.state(r.now)
	f.same = f.decided && same(q.answer, decisionAnswer(q, k))
	s := next(f, r.now)
	r.at(s.wake)
	if s.ask {
		r.start(ctx, "request "+q.id, func(ctx context.Context) { r.ask(ctx, q) })
	}
	switch s.tell {
	case toldKept:
		return r.tell(ctx, q, toldKept, k.answer(q, true))
	case toldPending:
		return r.tell(ctx, q, toldPending, r.pendingAnswer(q, f.signedIn, k))
	case toldDecision:
		return r.tell(ctx, q, toldDecision, decisionAnswer(q, k))
	case toldNothing:
	}
	if s.done {
		_, err = r.config.DB.ExecContext(ctx, `UPDATE license_request SET told = 'decision' WHERE id = ?`, q.id)
	}
	return err
}

// withKept gives a request with the answer that is kept for it. A grant decides
// a request and is kept in one step; where that happened since q was read, q is
// read again, so that a decision is never told as an answer of earlier.
func (r *round) withKept(ctx context.Context, q request) (request, *kept, error) {
	k, err := r.keptFor(ctx, q)
	if err != nil || k == nil || q.state != api.LicensePendingState {
		return q, k, err
	}
	now, err := r.requests(ctx, `id = ?`, q.id)
	if err != nil || len(now) == 0 || now[0].state == api.LicensePendingState {
		return q, k, err
	}
	k, err = r.keptFor(ctx, now[0])
	return now[0], k, err
}

// lookAtVerdicts reports what applications said of their licences.
func (r *round) lookAtVerdicts(ctx context.Context) error {
	if !r.signedIn {
		return nil
	}
	list, err := r.requests(ctx, `verdict_due != 0 AND account = ?`, r.account)
	if err != nil {
		return err
	}
	for _, q := range list {
		if r.now.Before(q.verdictDue) {
			r.at(q.verdictDue)
			continue
		}
		r.start(ctx, "verdict "+q.id, func(ctx context.Context) { r.report(ctx, q) })
	}
	return nil
}

// lookAtKept fetches anew what was renewed.
func (r *round) lookAtKept(ctx context.Context) error {
	if !r.signedIn {
		return nil
	}
	list, err := r.keptAnswers(ctx, `stale > 0 AND account = ?`, r.account)
	if err != nil {
		return err
	}
	for _, k := range list {
		if r.now.Before(k.due) {
			r.at(k.due)
			continue
		}
		r.start(ctx, "kept "+string(encode([]string{k.product, string(k.kind), k.device})), func(ctx context.Context) { r.refresh(ctx, k) })
	}
	return nil
}

// lookAtLeases takes each lease one step on.
func (r *round) lookAtLeases(ctx context.Context) error {
	ended := r.ended()
	list, err := r.leases(ctx)
	if err != nil {
		return err
	}
	r.forgetClosed(ended, list)
	for _, l := range list {
		step, wake := nextLease(r.leaseFacts(l, r.account, r.signedIn), r.now)
		r.at(wake)
		if step != leaseWait {
			r.start(ctx, "lease "+l.session, func(ctx context.Context) { r.moveLease(ctx, l.session) })
		}
	}
	if len(list) > 0 {
		r.at(r.started.Add(settle))
		r.mark(ctx)
	}
	return nil
}

func (e *Engine) leaseFacts(l leaseRow, account string, signedIn bool) leaseFacts {
	f := leaseFacts{
		state: l.state, signedIn: signedIn && l.account == account, grace: l.grace, due: l.due, updated: l.updated,
	}
	f.open, f.ended, f.settled = e.presence(l.session)
	return f
}

// moveLease decides again in the session's turn, for an Acquire or Release may
// have come first, and carries it out.
func (e *Engine) moveLease(ctx context.Context, session string) {
	leave, err := e.acquiring.enter(ctx, session)
	if err != nil {
		return
	}
	defer leave()
	account, signedIn, err := e.owner(ctx)
	if err != nil {
		e.logOn(err, "the account could not be read")
		return
	}
	l, ok, err := e.leaseOf(ctx, session)
	if err != nil || !ok {
		e.logOn(err, "a lease could not be read")
		return
	}
	step, _ := nextLease(e.leaseFacts(l, account, signedIn), e.now())
	e.stepLease(ctx, l, step)
}

// mark moves the clock's high-water mark on, once a minute.
func (r *round) mark(ctx context.Context) {
	mark, now := r.clock(ctx), r.now.Unix()
	if now >= mark+int64(time.Minute/time.Second) {
		r.setClock(ctx, lease.Seen(mark, now))
	}
	r.at(r.now.Add(time.Minute))
}
