package sdkbridge

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/device"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/lease"
)

// leaseHolder keeps the one lease that the session holds. Only tokens that
// verified against the vendor's keys get in; the service's word for anything
// else counts for nothing.
type leaseHolder struct {
	product string
	keys    []ed25519.PublicKey

	mu    sync.Mutex // one change at a time
	held  atomic.Pointer[heldLease]
	clock *leaseClock

	deviceOnce sync.Once
	device     string
	deviceErr  error
}

// heldLease is immutable. lost is why it is not good any more, if so.
type heldLease struct {
	id     string
	claims lease.Claims
	expect lease.Expect
	lost   *api.Error
}

// LeaseState is what a good lease says of its end, in Unix seconds.
type LeaseState struct {
	Expires, GraceUntil int64
	InGrace             bool
}

func newLeaseHolder(product string, keys []ed25519.PublicKey) *leaseHolder {
	return &leaseHolder{product: product, keys: keys, clock: newLeaseClock()}
}

// deviceID is the machine's id for the product; reading it may take
// milliseconds, so it is read when the first lease comes.
func (h *leaseHolder) deviceID() (string, error) {
	h.deviceOnce.Do(func() { h.device, h.deviceErr = device.ID(h.product) })
	return h.device, h.deviceErr
}

// admit verifies a grant and holds it from then on. nonce is the one of the
// call that it answers, "" for a renewal. Only a lease that was issued for that
// very call, or a later one than is held, says what time it is: an old token
// that somebody kept must not turn the clock back.
func (h *leaseHolder) admit(grant api.LeaseGrant, nonce string, features []string) (LeaseState, error) {
	claims, err := lease.Parse(grant.Token, h.keys)
	if err != nil {
		return LeaseState{}, err
	}
	dev, err := h.deviceID()
	if err != nil {
		return LeaseState{}, err
	}
	fresh := nonce != "" && claims.Nonce == nonce
	now := h.clock.now()
	if fresh || nonce == "" && claims.IssuedAt > now {
		now = claims.IssuedAt
	}
	expect := lease.Expect{Product: h.product, Device: dev, OSUser: ipc.CurrentUser(), Now: now, Features: features}
	stage, err := claims.Check(expect)
	if err != nil {
		return LeaseState{}, err
	}
	h.clock.set(now)
	expect.Features = nil
	h.held.Store(&heldLease{id: grant.ID, claims: claims, expect: expect})
	return LeaseState{claims.Expires, claims.Grace, stage == lease.Grace}, nil
}

// check is arithmetic on the lease that was verified before.
func (h *leaseHolder) check(feature string) (LeaseState, error) {
	held := h.held.Load()
	if held == nil {
		return LeaseState{}, api.Fail(api.LeaseNotHeld)
	}
	if held.lost != nil {
		return LeaseState{}, held.lost
	}
	if feature != "" && !slices.Contains(held.claims.Features, feature) {
		return LeaseState{}, api.Fail(api.LeaseNoFeature, "feature", feature)
	}
	expect := held.expect
	expect.Now = h.clock.now()
	stage, err := held.claims.Check(expect)
	if err != nil {
		return LeaseState{}, err
	}
	return LeaseState{held.claims.Expires, held.claims.Grace, stage == lease.Grace}, nil
}

// lose marks the lease id as gone and tells whether it was held.
func (h *leaseHolder) lose(id string, reason *api.Error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.held.Load()
	if held == nil || held.id != id || held.lost != nil {
		return false
	}
	if reason == nil {
		reason = api.Fail(api.LeaseRevoked)
	}
	gone := *held
	gone.lost = reason
	h.held.Store(&gone)
	return true
}

// release gives the lease back through call, if one is held.
func (h *leaseHolder) release(call func(id string)) bool {
	h.mu.Lock()
	held := h.held.Swap(nil)
	h.mu.Unlock()
	if held == nil {
		return false
	}
	call(held.id)
	return held.lost == nil
}

// AcquireLease takes a seat with the features, which are separated by commas.
func (s *Session) AcquireLease(features string) error {
	if err := checkText("features", features, maxText); err != nil {
		return err
	}
	wanted := strings.FieldsFunc(features, func(r rune) bool { return r == ',' || r == ' ' })
	if len(s.leases.keys) == 0 {
		return api.Fail(api.LeaseUnknownKey)
	}
	nonce := randomID()
	var grant api.LeaseGrant
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	if err := s.call(api.CallLeaseAcquire, api.LeaseRequest{Features: wanted, Nonce: nonce}, &grant); err != nil {
		return err
	}
	_, err := s.leases.admit(grant, nonce, wanted)
	if err != nil {
		s.releaseCall(grant.ID) // a lease that is not believed must not keep a seat
	}
	return err
}

// CheckLease checks the lease in the process itself. An empty feature means any
// lease.
func (s *Session) CheckLease(feature string) (LeaseState, error) {
	return s.leases.check(feature)
}

// ReleaseLease gives the seat back.
func (s *Session) ReleaseLease() error {
	if !s.leases.release(s.releaseCall) {
		return api.Fail(api.LeaseNotHeld)
	}
	return nil
}

// renewed takes a renewed lease, which is believed no more than the first one.
func (s *Session) renewed(grant api.LeaseGrant) {
	s.leases.mu.Lock()
	held := s.leases.held.Load()
	if held == nil || held.id != grant.ID {
		s.leases.mu.Unlock()
		return
	}
	state, err := s.leases.admit(grant, "", nil)
	s.leases.mu.Unlock()
	if err != nil {
		s.failure("lease renewal", err) // the old one goes on to its end
		return
	}
	s.queue.push(newEnvelope(EventLeaseRenewed, "").
		number("expires", state.Expires).number("graceUntil", state.GraceUntil).event())
}

func (s *Session) leaseLost(loss api.LeaseLoss) {
	if !s.leases.lose(loss.ID, loss.Reason) {
		return
	}
	reason := loss.Reason
	if reason == nil {
		reason = api.Fail(api.LeaseRevoked)
	}
	s.queue.push(newEnvelope(EventLeaseLost, "").because(reason, s.lang).event())
}
