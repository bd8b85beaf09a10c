package sdkbridge

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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

	mu   sync.Mutex // one change at a time
	now  atomic.Pointer[heldLease]
	high atomic.Int64 // latest Unix second seen

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
	return &leaseHolder{product: product, keys: keys}
}

// deviceID is the machine's id for the product; reading it may take
// milliseconds, so it is read when the first lease comes.
func (h *leaseHolder) deviceID() (string, error) {
	h.deviceOnce.Do(func() { h.device, h.deviceErr = device.ID(h.product) })
	return h.device, h.deviceErr
}

// admit verifies a grant and holds it from then on. nonce is the one of the
// call that it answers, "" for a renewal.
func (h *leaseHolder) admit(grant api.LeaseGrant, nonce string, features []string, now int64) (LeaseState, error) {
	claims, err := lease.Parse(grant.Token, h.keys)
	if err != nil {
		return LeaseState{}, err
	}
	dev, err := h.deviceID()
	if err != nil {
		return LeaseState{}, err
	}
	mark := h.high.Load()
	if nonce != "" && claims.Nonce == nonce {
		mark = claims.Fresh(mark, now)
	}
	expect := lease.Expect{Product: h.product, Device: dev, OSUser: ipc.CurrentUser(), Now: now, HighWater: mark}
	withFeatures := expect
	withFeatures.Features = features
	stage, err := claims.Check(withFeatures)
	if err != nil {
		return LeaseState{}, err
	}
	h.high.Store(lease.Seen(mark, now))
	h.now.Store(&heldLease{id: grant.ID, claims: claims, expect: expect})
	return LeaseState{claims.Expires, claims.Grace, stage == lease.Grace}, nil
}

// check is arithmetic on the lease that was verified before.
func (h *leaseHolder) check(feature string, now int64) (LeaseState, error) {
	held := h.now.Load()
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
	expect.Now, expect.HighWater = now, h.high.Load()
	stage, err := held.claims.Check(expect)
	if err != nil {
		return LeaseState{}, err
	}
	h.seen(now)
	return LeaseState{held.claims.Expires, held.claims.Grace, stage == lease.Grace}, nil
}

func (h *leaseHolder) seen(now int64) {
	for mark := h.high.Load(); now > mark; mark = h.high.Load() {
		if h.high.CompareAndSwap(mark, now) {
			return
		}
	}
}

// lose marks the lease id as gone and tells whether it was held.
func (h *leaseHolder) lose(id string, reason *api.Error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.now.Load()
	if held == nil || held.id != id || held.lost != nil {
		return false
	}
	if reason == nil {
		reason = api.Fail(api.LeaseRevoked)
	}
	gone := *held
	gone.lost = reason
	h.now.Store(&gone)
	return true
}

// release gives the lease back through call, if one is held.
func (h *leaseHolder) release(call func(id string)) bool {
	h.mu.Lock()
	held := h.now.Swap(nil)
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
	_, err := s.leases.admit(grant, nonce, wanted, time.Now().Unix())
	if err != nil {
		s.releaseCall(grant.ID) // a lease that is not believed must not keep a seat
	}
	return err
}

// CheckLease checks the lease in the process itself. An empty feature means any
// lease.
func (s *Session) CheckLease(feature string) (LeaseState, error) {
	return s.leases.check(feature, time.Now().Unix())
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
	held := s.leases.now.Load()
	if held == nil || held.id != grant.ID {
		s.leases.mu.Unlock()
		return
	}
	state, err := s.leases.admit(grant, "", nil, time.Now().Unix())
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
