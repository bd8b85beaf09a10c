package license

import (
	"errors"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// acquire takes a lease for a connected session.
func (b *bench) acquire(t *testing.T, session string) api.LeaseGrant {
	t.Helper()
	b.SessionOpened(minicad(session))
	grant, err := b.Acquire(t.Context(), minicad(session), api.LeaseRequest{Nonce: "nonce of " + session})
	if err != nil || grant.ID == "" || !strings.HasSuffix(grant.Token, "nonce of "+session) {
		t.Fatalf("%+v, %v", grant, err)
	}
	return grant
}

func (b *bench) try(t *testing.T, session string) (api.LeaseGrant, error) {
	t.Helper()
	return b.Acquire(t.Context(), minicad(session), api.LeaseRequest{Nonce: "n"})
}

func (b *bench) seatsTaken() int { return look(b.market, func(m *market) int { return len(m.leases) }) }

func TestOneSeatPerSession(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.acquire(t, "s1")
	again := b.acquire(t, "s1")
	if again.ID != first.ID || again.Token == first.Token || b.seatsTaken() != 1 {
		t.Fatalf("%+v %+v, %d seats", first, again, b.seatsTaken())
	}
	b.acquire(t, "s2")
	if _, err := b.try(t, "s3"); !errors.Is(err, api.LeaseNoSeat) || api.AsError(err).Params["total"] != "2" {
		t.Fatal(err)
	}
	if at := b.Deadline("s1"); at != b.clock.Now().Add(25*time.Hour).Unix() {
		t.Fatalf("deadline %d", at)
	}
	if b.Deadline("s3") != 0 {
		t.Fatal("a deadline without a lease")
	}
}

func TestInvalidLeaseRequests(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, in := range map[string]api.LeaseRequest{
		"no nonce": {}, "huge nonce": {Nonce: strings.Repeat("n", maxNonce+1)}, "empty feature": {Nonce: "n", Features: []string{""}},
		"many features": {Nonce: "n", Features: make([]string, maxFeatures+1)},
	} {
		if _, err := b.Acquire(t.Context(), minicad("s1"), in); !errors.Is(err, api.InvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMachineWithoutIdentity(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.config.Device = func(string) (string, error) { return "", api.Fail(api.DeviceUnknown) }
	if _, err := b.try(t, "s1"); !errors.Is(err, api.DeviceUnknown) {
		t.Fatal(err)
	}
}

func TestRenewalAtHalfLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.acquire(t, "s1")
	for range 3 {
		b.advance(20 * time.Minute)
		b.quiet(t)
		b.advance(17 * time.Minute)
		got, e := event[api.LeaseGrant](t, b, api.EventLeaseRenewed)
		if got.ID != first.ID || got.Token == first.Token || e.Session != "s1" {
			t.Fatalf("%+v %+v", got, e)
		}
		b.quiet(t)
	}
	if b.seatsTaken() != 1 {
		t.Fatal("another seat was taken")
	}
}

func TestGraceWhileOffline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.unplug()
	state := func() string {
		list, err := b.List(t.Context())
		if err != nil || len(list) != 1 || len(list[0].Leases) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0].Leases[0].State
	}
	b.advance(40 * time.Minute)
	b.quiet(t)
	if s := state(); s != "renewing" {
		t.Fatal(s)
	}
	b.advance(2 * time.Hour)
	b.quiet(t)
	if s := state(); s != "grace" {
		t.Fatal(s)
	}
	b.plug()
	if got, _ := event[api.LeaseGrant](t, b, api.EventLeaseRenewed); got.ID != grant.ID {
		t.Fatalf("%+v", got)
	}
	b.unplug()
	b.advance(26 * time.Hour)
	loss, e := event[api.LeaseLoss](t, b, api.EventLeaseLost)
	if loss.ID != grant.ID || loss.Reason.Code != api.LeaseExpired || e.Session != "s1" {
		t.Fatalf("%+v", loss)
	}
	b.quiet(t)
	if b.Deadline("s1") != 0 {
		t.Fatal("the lost lease is still held")
	}
}

func TestLeaseThatTheMarketplaceForgot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.market.set(func(m *market) { clear(m.leases) })
	b.advance(40 * time.Minute)
	got, _ := event[api.LeaseGrant](t, b, api.EventLeaseRenewed)
	if got.ID == grant.ID || !strings.HasSuffix(got.Token, "nonce of s1") {
		t.Fatalf("%+v", got)
	}
	b.market.set(func(m *market) { clear(m.leases); m.seats = 0 })
	b.advance(40 * time.Minute)
	if loss, _ := event[api.LeaseLoss](t, b, api.EventLeaseLost); loss.ID != got.ID || loss.Reason.Code != api.LeaseNoSeat {
		t.Fatalf("%+v", loss)
	}
	b.quiet(t)
}

func TestRenewalRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []api.Code{api.LicenseFrozen, api.LicenseReleased, api.LicenseExpired, api.LicenseNotEntitled, api.LeaseRevoked} {
		b := newBench(t)
		b.acquire(t, "s1")
		b.market.set(func(m *market) { m.refuse["POST /leases/"] = api.Fail(code) })
		b.Pushed(change("frozen", "frozen", time.Time{})) // makes renewal due now
		event[api.LicenseChange](t, b, api.EventLicenseChanged)
		if loss, _ := event[api.LeaseLoss](t, b, api.EventLeaseLost); loss.Reason.Code != code {
			t.Errorf("%s: %+v", code, loss)
		}
		b.quiet(t)
	}
	// Whatever is no decision is waited out.
	for _, status := range []int{400, 403, 429, 500, 503} {
		b := newBench(t)
		b.acquire(t, "s1")
		b.market.set(func(m *market) { m.status = status })
		b.advance(40 * time.Minute)
		b.quiet(t)
		b.market.set(func(m *market) { m.status = 0 })
		b.advance(pauseMost)
		event[api.LeaseGrant](t, b, api.EventLeaseRenewed)
	}
}

func TestRevoked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.acquire(t, "s2")
	b.Pushed(agentapi.PushMessage{Type: agentapi.LeaseRevoked, ID: grant.ID})
	loss, e := event[api.LeaseLoss](t, b, api.EventLeaseLost)
	if loss.ID != grant.ID || loss.Reason.Code != api.LeaseRevoked || e.Session != "s1" {
		t.Fatalf("%+v %+v", loss, e)
	}
	b.settleDown(t)
	if b.Deadline("s1") != 0 || b.Deadline("s2") == 0 {
		t.Fatal("the wrong lease went")
	}
}

func TestReleasedWhenTheProcessDies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.acquire(t, "s1")
	b.market.forgetCalls()
	b.SessionClosed(minicad("s1"))
	b.market.await(t, "DELETE /leases/")
	b.settleDown(t)
	if b.seatsTaken() != 0 || b.Deadline("s1") != 0 {
		t.Fatal("the seat is still taken")
	}
}

// An application that was killed is started again before the marketplace has
// its seat back.
func TestSeatOfADeadProcessIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.market.set(func(m *market) {
		m.seats = 1
		m.refuse["DELETE /leases/"] = api.Fail(api.MarketplaceFailed, "status", "503")
	})
	b.acquire(t, "s1")
	b.market.forgetCalls()
	b.SessionClosed(minicad("s1"))
	b.market.await(t, "DELETE /leases/")
	b.settleDown(t)
	b.market.set(func(m *market) { clear(m.refuse) })
	b.acquire(t, "s2")
	b.settleDown(t)
	if b.Deadline("s1") != 0 || b.Deadline("s2") == 0 || b.seatsTaken() != 1 {
		t.Fatalf("deadlines %d %d, %d seats", b.Deadline("s1"), b.Deadline("s2"), b.seatsTaken())
	}
}

func TestReconnectIsNoEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.acquire(t, "s1")
	b.SessionOpened(minicad("s1")) // the new connection comes before the old one's end is noticed
	b.SessionClosed(minicad("s1"))
	b.settleDown(t)
	if b.seatsTaken() != 1 || b.Deadline("s1") == 0 {
		t.Fatal("the seat was given away")
	}
}

func TestSessionThatComesBackAfterItsSeatWent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.acquire(t, "s1")
	b.market.forgetCalls()
	b.SessionClosed(minicad("s1"))
	b.market.await(t, "DELETE /leases/")
	b.settleDown(t)
	b.SessionOpened(minicad("s1"))
	if got, e := event[api.LeaseGrant](t, b, api.EventLeaseRenewed); got.ID == first.ID || e.Session != "s1" || b.seatsTaken() != 1 {
		t.Fatalf("%+v %+v", got, e)
	}
}

func TestReleasedOnPurpose(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	if err := b.Release(t.Context(), minicad("s1"), api.LeaseRelease{ID: "other"}); !errors.Is(err, api.LeaseNotHeld) {
		t.Fatal(err)
	}
	if err := b.Release(t.Context(), minicad("s2"), api.LeaseRelease{ID: grant.ID}); !errors.Is(err, api.LeaseNotHeld) {
		t.Fatalf("another session's lease: %v", err)
	}
	b.market.forgetCalls()
	if err := b.Release(t.Context(), minicad("s1"), api.LeaseRelease{ID: grant.ID}); err != nil {
		t.Fatal(err)
	}
	b.market.await(t, "DELETE /leases/"+grant.ID)
	if err := b.Release(t.Context(), minicad("s1"), api.LeaseRelease{ID: grant.ID}); !errors.Is(err, api.LeaseNotHeld) {
		t.Fatal(err)
	}
	b.settleDown(t)
	b.quiet(t) // the session is still there, and gets no lease that it gave back
	if b.seatsTaken() != 0 {
		t.Fatal("the seat is still taken")
	}
	if again := b.acquire(t, "s1"); again.ID == grant.ID {
		t.Fatal("the released lease came back")
	}
}

func TestReleaseIsQueuedWhileOffline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.acquire(t, "s1")
	b.unplug()
	b.SessionClosed(minicad("s1"))
	b.settleDown(t)
	b.restart(t)
	b.market.forgetCalls()
	b.plug()
	b.settleDown(t)
	if b.seatsTaken() != 1 {
		t.Fatal("given back before its session could return")
	}
	b.advance(settle)
	b.market.await(t, "DELETE /leases/")
	b.settleDown(t)
	if b.seatsTaken() != 0 {
		t.Fatal("the seat is still taken")
	}
}

func TestKeptLeaseServesOffline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.unplug()
	if again, err := b.try(t, "s1"); err != nil || again.ID != grant.ID {
		t.Fatalf("its own: %+v, %v", again, err)
	}
	b.SessionOpened(minicad("s2"))
	if _, err := b.try(t, "s2"); !errors.Is(err, api.Offline) {
		t.Fatalf("one that another application uses: %v", err)
	}
	b.SessionClosed(minicad("s1"))
	b.settleDown(t)
	other := minicad("s2")
	other.Product = "maxicad"
	if _, err := b.Acquire(t.Context(), other, api.LeaseRequest{Nonce: "n"}); !errors.Is(err, api.Offline) {
		t.Fatalf("another product: %v", err)
	}
	if _, err := b.Acquire(t.Context(), minicad("s2"), api.LeaseRequest{Nonce: "n", Features: []string{"mesh"}}); !errors.Is(err, api.Offline) {
		t.Fatalf("a feature that it lacks: %v", err)
	}
	b.clock.mu.Lock()
	b.clock.now = b.clock.now.Add(-25 * time.Hour)
	b.clock.mu.Unlock()
	if _, err := b.try(t, "s2"); !errors.Is(err, api.LeaseClockSetBack) {
		t.Fatalf("clock set back: %v", err)
	}
	b.advance(25 * time.Hour)
	if again, err := b.try(t, "s2"); err != nil || again != grant {
		t.Fatalf("started again offline: %+v, %v", again, err)
	}
	b.SessionOpened(minicad("s3"))
	if _, err := b.try(t, "s3"); !errors.Is(err, api.Offline) {
		t.Fatalf("one lease for two applications: %v", err)
	}
	b.plug()
	if got, e := event[api.LeaseGrant](t, b, api.EventLeaseRenewed); got.ID != grant.ID || e.Session != "s2" || b.seatsTaken() != 1 {
		t.Fatalf("%+v %+v", got, e)
	}
	b.unplug()
	b.SessionClosed(minicad("s2"))
	b.advance(26 * time.Hour)
	if _, err := b.try(t, "s3"); !errors.Is(err, api.Offline) {
		t.Fatalf("one that is over: %v", err)
	}
}

func TestServiceRestartTakesNoSecondSeat(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.acquire(t, "s2")
	// The service stops first, its connections close next.
	b.Stopping()
	b.SessionClosed(minicad("s1"))
	b.SessionClosed(minicad("s2"))
	b.restart(t)
	b.SessionOpened(minicad("s1"))
	again, err := b.try(t, "s1")
	if err != nil || again.ID != grant.ID || b.seatsTaken() != 2 {
		t.Fatalf("%+v, %v, %d seats", again, err, b.seatsTaken())
	}
	b.market.forgetCalls()
	b.advance(settle)
	b.market.await(t, "DELETE /leases/") // s2 did not come back
	b.settleDown(t)
	if b.seatsTaken() != 1 || b.Deadline("s1") == 0 {
		t.Fatalf("%d seats", b.seatsTaken())
	}
}

func TestKilledServiceKeepsSeats(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.restart(t) // no session was told of as closed
	b.SessionOpened(minicad("s1"))
	b.advance(2 * settle)
	b.settleDown(t)
	if b.seatsTaken() != 1 || b.Deadline("s1") == 0 {
		t.Fatal("a running application lost its seat")
	}
	if again, err := b.try(t, "s1"); err != nil || again.ID != grant.ID {
		t.Fatalf("%+v, %v", again, err)
	}
}

func TestProcessThatDiesWhileItAcquires(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	gate := make(chan struct{})
	b.market.set(func(m *market) { m.hold = gate })
	b.SessionOpened(minicad("s1"))
	done := make(chan error, 1)
	go func() { _, err := b.try(t, "s1"); done <- err }()
	b.market.await(t, "POST /leases")
	b.SessionClosed(minicad("s1"))
	b.advance(settle)
	b.market.set(func(m *market) { m.hold = nil })
	close(gate)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.market.await(t, "DELETE /leases/")
	b.settleDown(t)
	if b.seatsTaken() != 0 {
		t.Fatal("the seat stays with a dead process")
	}
}

func TestLogoutGivesSeatsBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.Forget(t.Context(), b.who())
	b.signedOut(api.AccountSignedOut, "")
	if loss, e := event[api.LeaseLoss](t, b, api.EventLeaseLost); loss.ID != grant.ID || loss.Reason.Code != api.SignedOut || e.Session != "s1" {
		t.Fatalf("%+v", loss)
	}
	if b.seatsTaken() != 0 || b.Deadline("s1") != 0 {
		t.Fatal("the seat is still taken")
	}
	if _, err := b.try(t, "s1"); !errors.Is(err, api.SignedOut) {
		t.Fatal(err)
	}
}

func TestExpiredLoginKeepsTheLease(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := b.acquire(t, "s1")
	b.signedOut(api.AccountExpired, "u1")
	b.advance(2 * time.Hour)
	b.quiet(t)
	if again, err := b.try(t, "s1"); err != nil || again.ID != grant.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	b.signIn("u1")
	event[api.LeaseGrant](t, b, api.EventLeaseRenewed)
}
