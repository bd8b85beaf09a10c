package license

import (
	"context"

	"iscdesk.dev/agent/api"
)

// renew asks for a later end of a lease. A lease that the marketplace forgot
// while we were away is taken again; only a refusal for good ends it.
func (e *Engine) renew(ctx context.Context, l leaseRow) {
	asking, cancel := context.WithTimeout(ctx, callPatience)
	signed, err := e.config.Market.RenewLease(asking, l.id)
	cancel()
	if err == nil && (signed.ID == "" || signed.Token == "") {
		err = api.Fail(api.MarketplaceFailed, "status", "a lease without a token")
	}
	switch {
	case ctx.Err() != nil:
	case err == nil:
		e.logOn(e.hold(ctx, &l, signed), "a renewed lease could not be kept")
		e.publish(ctx, api.EventLeaseRenewed, l.session, l.product, l.grant())
	case leaseUnknown(trouble(err)):
		e.retake(ctx, l)
	default:
		e.failed(ctx, l, trouble(err))
	}
}

// retake acquires a lease again for a session that runs.
func (e *Engine) retake(ctx context.Context, l leaseRow) {
	held, err := e.take(ctx, l)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		e.publish(ctx, api.EventLeaseRenewed, l.session, l.product, held.grant())
	default:
		e.failed(ctx, l, trouble(err))
	}
}

// failed records that a lease could not be renewed: for now, or for good.
func (e *Engine) failed(ctx context.Context, l leaseRow, why *api.Error) {
	if leaseFinal(why) {
		e.lost(ctx, l, why)
		e.logOn(e.dropLease(ctx, l.session), "a lost lease could not be removed")
		return
	}
	e.log.Info("a lease could not be renewed yet", "product", l.product, "lease", l.id, "error", why)
	l.due = e.now().Add(jittered(growing(pauseFirst, pauseMost, l.attempts)))
	l.attempts++
	e.logOn(e.putLease(ctx, l), "the state of a lease could not be recorded")
}

// lost tells a session that its lease is gone.
func (e *Engine) lost(ctx context.Context, l leaseRow, why *api.Error) {
	e.log.Warn("a lease is lost", "product", l.product, "lease", l.id, "reason", why)
	e.publish(ctx, api.EventLeaseLost, l.session, l.product, api.LeaseLoss{ID: l.id, Reason: why})
}

// give gives a seat back.
func (e *Engine) give(ctx context.Context, l leaseRow) {
	asking, cancel := context.WithTimeout(ctx, callPatience)
	err := e.config.Market.ReleaseLease(asking, l.id)
	cancel()
	if ctx.Err() != nil {
		return
	}
	if why := trouble(err); err != nil && !leaseUnknown(why) && !leaseFinal(why) {
		l.due = e.now().Add(jittered(growing(pauseFirst, pauseMost, l.attempts)))
		l.attempts++
		e.logOn(e.putLease(ctx, l), "the state of a lease could not be recorded")
		return
	}
	l.state, l.attempts = leaseReleased, 0
	e.logOn(e.putLease(ctx, l), "a released lease could not be recorded")
	e.seatsMoved()
}

// revoked ends a lease that the marketplace took back.
func (e *Engine) revoked(ctx context.Context, id string) error {
	list, err := e.leases(ctx)
	if err != nil {
		return err
	}
	for _, l := range list {
		if l.id != id {
			continue
		}
		if l.state == leaseHeld {
			e.lost(ctx, l, api.Fail(api.LeaseRevoked))
		}
		if err := e.dropLease(ctx, l.session); err != nil {
			return err
		}
	}
	return nil
}

// stepLease carries out what nextLease decided. The session's turn is held,
// and l was read under it.
func (e *Engine) stepLease(ctx context.Context, l leaseRow, step leaseStep) {
	var err error
	switch step {
	case leaseWait:
	case leaseRenew:
		e.renew(ctx, l)
	case leaseTake:
		e.retake(ctx, l)
	case leaseGive:
		e.give(ctx, l)
	case leaseDrop:
		l.state, l.attempts, l.due = leaseReleasing, 0, e.now()
		err = e.putLease(ctx, l)
	case leaseReclaim:
		l.state, l.attempts, l.due = leaseHeld, 0, e.now()
		err = e.putLease(ctx, l)
	case leaseReturn:
		l.state, l.attempts, l.due = leaseWanted, 0, e.now()
		err = e.putLease(ctx, l)
	case leaseLose:
		e.lost(ctx, l, api.Fail(api.LeaseExpired))
		err = e.dropLease(ctx, l.session)
	case leaseForget:
		err = e.dropLease(ctx, l.session)
	}
	e.logOn(err, "the state of a lease could not be recorded")
}
