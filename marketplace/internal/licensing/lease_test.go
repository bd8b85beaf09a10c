package licensing_test

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/lease"
	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
)

func application(session string, features ...string) agentapi.LeaseApplication {
	return agentapi.LeaseApplication{Product: "cad", Session: session, Device: "device", OsUser: "uid:1000", Nonce: "nonce-" + session, Features: features}
}

func TestLeaseIsWhatTheSDKVerifies(t *testing.T) {
	c := newClock()
	m := start(t, options{clock: c})
	m.stock(licensing.Order{Seats: 2, Years: 1, Features: []string{"part", "assembly"}})
	status, l := call[agentapi.SignedLease](m, "ann", "POST", "/api/agent/v1/leases", application("s1"))
	same(t, "status", status, http.StatusCreated)
	key, err := m.ProductKey(t.Context(), "cad")
	must(t, err)
	claims, err := lease.Parse(l.Token, []ed25519.PublicKey{key})
	must(t, err)
	same(t, "issuer", claims.Issuer, m.url)
	same(t, "subject", claims.Subject, ann().ID)
	same(t, "id", claims.ID, l.ID)
	same(t, "nonce", claims.Nonce, "nonce-s1")
	same(t, "features", fmt.Sprint(claims.Features), "[part assembly]")
	same(t, "life", claims.Expires-claims.IssuedAt, 3600)
	same(t, "grace", claims.Grace-claims.Expires, 72*3600)
	same(t, "times", l.Expires.Unix(), claims.Expires)

	_, one := call[agentapi.SignedLease](m, "ann", "POST", "/api/agent/v1/leases", application("s2", "part"))
	claims, err = lease.Parse(one.Token, []ed25519.PublicKey{key})
	must(t, err)
	same(t, "features asked for", fmt.Sprint(claims.Features), "[part]")
	_, e := call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases", application("s2", "magic"))
	same(t, "unlicensed feature", e.Code, "lease_no_feature")
	_, e = call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases", agentapi.LeaseApplication{Product: "cad"})
	same(t, "empty application", e.Code, "invalid_argument")
	_, e = call[agentapi.Error](m, "bob", "POST", "/api/agent/v1/leases", application("s3"))
	same(t, "not entitled", e.Code, "license_not_entitled")
	status, _ = call[agentapi.Error](m, "bob", "POST", "/api/agent/v1/leases/"+l.ID+"/renew", nil)
	same(t, "another user's lease", status, http.StatusNotFound)
}

func TestLeaseEndsWithWhatWasBought(t *testing.T) {
	c := newClock()
	m := start(t, options{clock: c, timing: licensing.Timing{Lease: 2 * 365 * 24 * time.Hour}})
	m.stock(licensing.Order{Seats: 1, Years: 1})
	l, err := m.Acquire(t.Context(), ann().ID, application("s"))
	must(t, err)
	end := c.Now().UTC().AddDate(1, 0, 0)
	if !l.Expires.Equal(end) || !l.Grace.Equal(end) {
		t.Errorf("lease until %v, grace until %v, bought until %v", l.Expires, l.Grace, end)
	}
}

func TestSeatsUnderManySessions(t *testing.T) {
	m := start(t, options{})
	m.stock(licensing.Order{Seats: 8, Users: []string{ann().ID, bob().ID}})
	type result struct {
		session, id, code string
	}
	results := make(chan result, 64*3)
	var wg sync.WaitGroup
	for n := range 64 {
		user := []string{"ann", "bob"}[n%2]
		session := fmt.Sprint("s", n)
		for range 3 { // every session asks three times
			wg.Go(func() {
				status, l := call[struct {
					agentapi.SignedLease
					agentapi.Error
				}](m, user, "POST", "/api/agent/v1/leases", application(session))
				if status != http.StatusCreated && status != http.StatusConflict {
					t.Errorf("HTTP %d", status)
				}
				results <- result{session, l.ID, l.Code}
			})
		}
	}
	wg.Wait()
	close(results)
	ids, sessions := map[string]string{}, map[string]bool{}
	for r := range results {
		if r.id == "" {
			same(t, "refusal", r.code, "lease_no_seat")
			continue
		}
		if before, ok := ids[r.session]; ok && before != r.id {
			t.Errorf("session %s has two leases", r.session)
		}
		ids[r.session], sessions[r.session] = r.id, true
	}
	same(t, "sessions with a seat", len(sessions), 8)
	list, err := m.Licenses(t.Context(), ann().ID)
	must(t, err)
	same(t, "seats used", list[0].SeatsUsed, 8)
	for session, id := range ids {
		user := "ann"
		var n int
		_, _ = fmt.Sscanf(session, "s%d", &n)
		if n%2 == 1 {
			user = "bob"
		}
		for range 2 { // giving back twice gives back once
			status, _ := call[agentapi.Error](m, user, "DELETE", "/api/agent/v1/leases/"+id, nil)
			same(t, "release", status, http.StatusNoContent)
		}
		break
	}
	list, err = m.Licenses(t.Context(), ann().ID)
	must(t, err)
	same(t, "seats used", list[0].SeatsUsed, 7)
}

func TestSeatOfALeaseThatIsNotRenewed(t *testing.T) {
	c := newClock()
	m := start(t, options{clock: c})
	m.stock(licensing.Order{Seats: 1, Years: 1})
	first, err := m.Acquire(t.Context(), ann().ID, application("s1"))
	must(t, err)
	c.advance(30 * time.Minute)
	renewed, err := m.RenewLease(t.Context(), ann().ID, first.ID)
	must(t, err)
	same(t, "renewed until", renewed.Expires.Unix(), c.Now().Add(time.Hour).Unix())
	c.advance(time.Hour + 4*time.Minute) // ended, within the margin
	_, e := call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases", application("s2"))
	same(t, "within the margin", e.Code, "lease_no_seat")
	same(t, "total", e.Params["total"], "1")
	c.advance(2 * time.Minute)
	second, err := m.Acquire(t.Context(), ann().ID, application("s2"))
	must(t, err)
	_, e = call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases/"+first.ID+"/renew", nil)
	same(t, "the seat is another's", e.Code, "lease_no_seat")
	must(t, m.ReleaseLease(t.Context(), ann().ID, second.ID))
	again, err := m.RenewLease(t.Context(), ann().ID, first.ID)
	must(t, err)
	same(t, "taken again", again.ID, first.ID)
	_, e = call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases/"+second.ID+"/renew", nil)
	same(t, "a released lease", e.Code, "lease_not_held")
}

func TestLifeOfAnInstance(t *testing.T) {
	c := newClock()
	m := start(t, options{clock: c})
	id := m.stock(licensing.Order{Seats: 2, Years: 1})
	f := fake(t, m)
	made := f.next(t, isv.ActivityNewInstance)
	same(t, "assigned", m.pushes.await(t, agentapi.LicenseChanged).message.License.Change, agentapi.LicenseChangeNoticeChangeAssigned)
	l, err := m.Acquire(t.Context(), ann().ID, application("s1"))
	must(t, err)

	must(t, m.Freeze(t.Context(), id))
	frozen := f.next(t, isv.ActivityUpdateStatus)
	same(t, "status", frozen.Status, "FREEZE")
	same(t, "instance", frozen.InstanceID, "isv-"+made.OrderID)
	same(t, "lease revoked", m.pushes.await(t, agentapi.LeaseRevoked).message.ID, l.ID)
	notice := m.pushes.await(t, agentapi.LicenseChanged)
	same(t, "change", notice.message.License.Change, agentapi.LicenseChangeNoticeChangeFrozen)
	same(t, "status", notice.message.License.Status, agentapi.LicenseChangeNoticeStatusFrozen)
	same(t, "who", fmt.Sprint(notice.users), "[u-ann]")
	_, e := call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases", application("s1"))
	same(t, "frozen", e.Code, "license_frozen")

	must(t, m.Unfreeze(t.Context(), id))
	same(t, "status", f.next(t, isv.ActivityUpdateStatus).Status, "UNFREEZE")
	_, e = call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases/"+l.ID+"/renew", nil)
	same(t, "a revoked lease", e.Code, "lease_revoked")

	must(t, m.Renew(t.Context(), id, 2))
	refresh := f.next(t, isv.ActivityRefreshInstance)
	same(t, "scene", refresh.Scene, "RENEWAL")
	same(t, "end", refresh.ExpireTime, isv.OrderTime(c.Now().UTC().AddDate(3, 0, 0)))
	if refresh.OrderID == made.OrderID {
		t.Error("the renewal has no order of its own")
	}
	c.advance(3 * 366 * 24 * time.Hour)
	for m.pushes.await(t, agentapi.LicenseChanged).message.License.Change != agentapi.LicenseChangeNoticeChangeExpired {
	}
	_, e = call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases", application("s1"))
	same(t, "expired", e.Code, "license_expired")

	must(t, m.Release(t.Context(), id))
	f.next(t, isv.ActivityReleaseInstance)
	_, e = call[agentapi.Error](m, "ann", "POST", "/api/agent/v1/leases", application("s1"))
	same(t, "released", e.Code, "license_released")
}

// The calls about one instance come in order, however often they fail.
func TestChangesReachTheVendorInOrder(t *testing.T) {
	c := newClock()
	m := start(t, options{clock: c})
	id := m.stock(licensing.Order{Seats: 1, Years: 1})
	f := fake(t, m)
	f.next(t, isv.ActivityNewInstance)
	f.set(func(isv.Call) isv.Answer { return isv.Answer{} })
	must(t, m.Freeze(t.Context(), id))
	must(t, m.Unfreeze(t.Context(), id))
	same(t, "first", f.next(t, isv.ActivityUpdateStatus).Status, "FREEZE")
	c.awaitSleeper(t, 2*time.Minute)
	f.set(good)
	c.advance(2 * time.Minute)
	same(t, "again", f.next(t, isv.ActivityUpdateStatus).Status, "FREEZE")
	same(t, "then", f.next(t, isv.ActivityUpdateStatus).Status, "UNFREEZE")
}
