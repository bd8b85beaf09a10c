package license

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/lease"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	maxFeatures = 256
	maxNonce    = 256
)

// Acquire takes a seat for a session and gives the signed lease. Asked again,
// a session gets its own lease again, never a second seat. Without a network a
// lease that this user holds for this product on this machine and that no
// other session uses is handed out, as long as it is good.
func (e *Engine) Acquire(ctx context.Context, app api.Session, in api.LeaseRequest) (api.LeaseGrant, error) {
	if err := checkLease(app, in); err != nil {
		return api.LeaseGrant{}, err
	}
	account, signedIn, err := e.owner(ctx)
	if err != nil {
		return api.LeaseGrant{}, internal(err)
	}
	device, err := e.config.Device(app.Product)
	if err != nil {
		return api.LeaseGrant{}, internal(err)
	}
	// Once begun it is carried to its end, so that a seat is never taken that
	// nobody here knows of, even if the application dies meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*callPatience)
	defer cancel()
	leave, err := e.acquiring.enter(ctx, app.ID)
	if err != nil {
		return api.LeaseGrant{}, api.Fail(api.Busy)
	}
	defer leave()
	l := leaseRow{
		session: app.ID, account: account, product: app.Product, device: device,
		features: slices.Sorted(slices.Values(in.Features)), nonce: in.Nonce,
	}
	why := api.Fail(api.SignedOut)
	if signedIn {
		held, err := e.takeFree(ctx, l)
		if err == nil {
			return held.grant(), nil
		}
		if why = trouble(err); leaseFinal(why) {
			return api.LeaseGrant{}, why
		}
	}
	return e.reuse(ctx, l, why)
}

func checkLease(app api.Session, in api.LeaseRequest) error {
	bad := func(argument, reason string) error {
		return api.Fail(api.InvalidArgument, "argument", argument, "reason", reason)
	}
	switch {
	case app.ID == "" || len(app.ID) > maxName || app.Product == "" || len(app.Product) > maxName:
		return bad("session", "it needs an id and a product")
	case in.Nonce == "" || len(in.Nonce) > maxNonce:
		return bad("nonce", "it must be random and at most 256 bytes")
	case len(in.Features) > maxFeatures:
		return bad("features", "there are too many")
	}
	for _, f := range in.Features {
		if f == "" || len(f) > maxName {
			return bad("features", "a name is empty or too long")
		}
	}
	return nil
}

// take acquires at the marketplace and keeps what it signed. The session's
// turn is held.
func (e *Engine) take(ctx context.Context, l leaseRow) (leaseRow, error) {
	asking, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	signed, err := e.config.Market.AcquireLease(asking, agentapi.LeaseApplication{
		Product: l.product, Session: l.session, Device: l.device, OsUser: e.config.OSUser, Nonce: l.nonce, Features: l.features,
	})
	if err != nil {
		return l, err
	}
	if signed.ID == "" || signed.Token == "" || len(signed.Token) > lease.MaxToken {
		return l, api.Fail(api.MarketplaceFailed, "status", "a lease without a token")
	}
	err = e.hold(ctx, &l, signed)
	return l, err
}

// hold keeps a token that came just now.
func (e *Engine) hold(ctx context.Context, l *leaseRow, signed agentapi.SignedLease) error {
	*l = l.signed(signed, e.now(), rand.Float64())
	if err := e.putLease(ctx, *l); err != nil {
		return internal(err)
	}
	// The marketplace itself has just spoken: what the clock showed before
	// does not count any more. The token's own date of issue still does.
	e.setClock(ctx, e.now().Unix())
	e.seatsMoved()
	return nil
}

// seatsMoved has the marketplace's list fetched anew in a moment: it counts the
// seats.
func (e *Engine) seatsMoved() {
	e.mu.Lock()
	if soon := e.now().Add(listSettle - listFresh); soon.Before(e.listed) {
		e.listed = soon
	}
	e.mu.Unlock()
	e.look()
}

// reuse hands out a lease that is kept, where the marketplace cannot be asked
// because of why.
func (e *Engine) reuse(ctx context.Context, l leaseRow, why *api.Error) (api.LeaseGrant, error) {
	list, err := e.leases(ctx)
	if err != nil {
		return api.LeaseGrant{}, internal(err)
	}
	found := -1
	for i, k := range list {
		if k.session == l.session && k.reusable(l, e.now()) {
			found = i
			break
		}
		if found < 0 && e.unused(k) && k.reusable(l, e.now()) {
			found = i
		}
	}
	if found < 0 {
		return api.LeaseGrant{}, why
	}
	if e.clock(ctx) > e.now().Unix()+lease.Leeway {
		return api.LeaseGrant{}, api.Fail(api.LeaseClockSetBack)
	}
	k := list[found]
	if k.session != l.session {
		if err := e.dropLease(ctx, k.session); err != nil {
			return api.LeaseGrant{}, internal(err)
		}
	}
	k.session, k.state, k.attempts, k.due = l.session, leaseHeld, 0, e.now()
	if err := e.putLease(ctx, k); err != nil {
		return api.LeaseGrant{}, internal(err)
	}
	e.log.Info("a kept lease is used", "product", k.product, "lease", k.id, "because", why)
	e.look()
	return k.grant(), nil
}

// reusable tells whether a kept lease serves a request that cannot be made.
func (l leaseRow) reusable(wanted leaseRow, now time.Time) bool {
	if l.state != leaseHeld && l.state != leaseReleasing || l.account != wanted.account || l.account == "" ||
		l.product != wanted.product || l.device != wanted.device || !now.Before(l.grace) {
		return false
	}
	for _, f := range wanted.features {
		if !slices.Contains(l.features, f) {
			return false
		}
	}
	return true
}

// unused tells whether no connected session uses a lease.
func (e *Engine) unused(l leaseRow) bool {
	open, ended, settled := e.presence(l.session)
	return !open && (ended || settled || l.state == leaseReleasing)
}

// Release gives a session's lease back. The seat is free at once for the
// application; the marketplace hears of it as soon as it can be reached.
func (e *Engine) Release(ctx context.Context, app api.Session, in api.LeaseRelease) error {
	leave, err := e.acquiring.enter(ctx, app.ID)
	if err != nil {
		return internal(err)
	}
	defer leave()
	l, ok, err := e.leaseOf(ctx, app.ID)
	if err != nil {
		return internal(err)
	}
	if !ok || l.id != in.ID || l.state != leaseHeld {
		return api.Fail(api.LeaseNotHeld)
	}
	// Under a name of its own, so that the session may acquire again meanwhile.
	if err := e.dropLease(ctx, l.session); err != nil {
		return internal(err)
	}
	l.session, l.state, l.attempts, l.due = releasedName(l.id), leaseReleasing, 0, e.now()
	if err := e.putLease(ctx, l); err != nil {
		return internal(err)
	}
	e.markEnded(l.session)
	e.look()
	return nil
}

// releasedName stands for the session of a lease that was released on purpose.
func releasedName(id string) string { return "released " + id }

// clock is the latest time that was seen, in Unix seconds.
func (e *Engine) clock(ctx context.Context) int64 {
	value, err := e.meta(ctx, metaClock)
	if err != nil || value == "" {
		return 0
	}
	mark, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0
	}
	return mark
}

func (e *Engine) setClock(ctx context.Context, mark int64) {
	if err := e.setMeta(ctx, metaClock, strconv.FormatInt(mark, 10)); err != nil && !errors.Is(err, context.Canceled) {
		e.log.Warn("the clock's mark could not be kept", "error", err)
	}
}
