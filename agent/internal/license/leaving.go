package license

import (
	"context"
	"errors"

	"iscdesk.dev/agent/api"
)

// takeFree takes a seat. Where there is none, those that applications here have
// just left are given back first: the loop does that in a moment, but an
// application that was killed and started again should not be told meanwhile
// that its own seat is in use. The session's turn is held.
func (e *Engine) takeFree(ctx context.Context, l leaseRow) (leaseRow, error) {
	left, err := e.left(ctx, l)
	if err != nil {
		return l, internal(err)
	}
	held, err := e.take(ctx, l)
	if !errors.Is(err, api.LeaseNoSeat) || len(left) == 0 {
		return held, err
	}
	for _, session := range left {
		e.giveNow(ctx, session)
	}
	return e.take(ctx, l)
}

// left is the sessions that are over and whose seats of the product that l is
// for may not have gone back yet.
func (e *Engine) left(ctx context.Context, l leaseRow) ([]string, error) {
	list, err := e.leases(ctx)
	if err != nil {
		return nil, err
	}
	var sessions []string
	for _, k := range list {
		if k.session != l.session && k.account == l.account && k.product == l.product && e.isLeft(k) {
			sessions = append(sessions, k.session)
		}
	}
	return sessions, nil
}

func (e *Engine) isLeft(l leaseRow) bool {
	open, ended, settled := e.presence(l.session)
	return !open && (ended || settled) && (l.state == leaseHeld || l.state == leaseReleasing)
}

// giveNow gives a seat back unless that has happened, or its application has
// come back.
func (e *Engine) giveNow(ctx context.Context, session string) {
	leave, err := e.acquiring.enter(ctx, session)
	if err != nil {
		return
	}
	defer leave()
	l, ok, err := e.leaseOf(ctx, session)
	e.logOn(err, "a lease could not be read")
	if ok && e.isLeft(l) {
		l.state = leaseReleasing
		e.give(ctx, l)
	}
}
