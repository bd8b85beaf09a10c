package licensing_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/vendor"
)

const fingerprint = "04:7C:16:5E:E3:5D|001B_444A_488B_5CEC.||BFEBFBFF00090672"

func TestLicenceOfTheSampleVendor(t *testing.T) {
	m := start(t, options{})
	instance := m.stock(licensing.Order{Seats: 2, Years: 1})
	v := sample(t, m, "", vendor.Knobs{})
	d := m.apply("ann", agentapi.LicenseApplicationKindString, fingerprint)
	d = m.awaitState("ann", d.EventID, agentapi.Granted)
	l, err := vendor.Check(d.Characters, v.PublicKey())
	must(t, err)
	same(t, "product", l.Product, "cad")
	same(t, "event", l.Event, d.EventID)
	same(t, "fingerprint", l.Fingerprint, fingerprint)
	same(t, "expires", l.Expires, d.ExpireTime.Unix())
	same(t, "instance", d.Instance, instance)
	if n := len(d.Characters); n > isv.MaxCharacters {
		t.Errorf("the licence has %d characters", n)
	}
	same(t, "again", m.apply("ann", agentapi.LicenseApplicationKindString, fingerprint).Characters, d.Characters)

	file := m.awaitState("ann", m.apply("ann", agentapi.LicenseApplicationKindFile, fingerprint).EventID, agentapi.Granted)
	if file.EventID == d.EventID {
		t.Error("file and string are one application")
	}
	req, _ := http.NewRequest("GET", m.url+"/api/agent/v1/license-requests/"+file.EventID+"/file", nil)
	req.Header.Set("Authorization", "Bearer ann")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	must(t, err)
	same(t, "size", int64(len(content)), file.Size)
	same(t, "sha256", isv.PayloadHash(content), file.Sha256)
	same(t, "name", file.FileName, "license.lic")
	if _, err := vendor.Check(strings.TrimSpace(string(content)), v.PublicKey()); err != nil {
		t.Error(err)
	}
	status, _ := call[agentapi.Error](m, "bob", "GET", "/api/agent/v1/license-requests/"+file.EventID+"/file", nil)
	same(t, "another user's file", status, http.StatusNotFound)
}

func TestHundredApplicationsMakeOneLicence(t *testing.T) {
	m := start(t, options{})
	m.stock(licensing.Order{Seats: 1})
	f := fake(t, m)
	f.next(t, isv.ActivityNewInstance)
	events := make(chan string, 100)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { events <- m.apply("ann", agentapi.LicenseApplicationKindString, fingerprint).EventID })
	}
	wg.Wait()
	close(events)
	first := <-events
	for e := range events {
		same(t, "event", e, first)
	}
	same(t, "asked for", f.next(t, isv.ActivityGetLicense).EventID, first)
	code, _ := upload(t, m, credentials(), first, text("LICENCE"))
	same(t, "upload", code, isv.CodeOK)
	m.awaitState("ann", first, agentapi.Granted)
	m.stop() // every call under way has ended
	for c := range drained(f.calls) {
		if c.EventID != first {
			t.Errorf("asked for %s too", c.EventID)
		}
	}
}

func drained(calls chan isv.Call) chan isv.Call {
	close(calls)
	return calls
}

func TestVendorDownThenUp(t *testing.T) {
	c := newClock()
	m := start(t, options{clock: c})
	m.stock(licensing.Order{Seats: 1, Years: 1})
	f := fake(t, m)
	f.next(t, isv.ActivityNewInstance)
	f.set(answering("")) // HTTP 503
	d := m.apply("ann", agentapi.LicenseApplicationKindString, fingerprint)
	same(t, "at first", d.Reason.Code, "license_pending")
	sent := f.next(t, isv.ActivityGetLicense)
	same(t, "effective time", len(sent.EffectiveTime), len("2023-10-27 10:30:15 z"))
	m.awaitDecision("ann", d.EventID, func(d agentapi.LicenseDecision) bool {
		return d.State == agentapi.Pending && d.Reason.Code == "license_vendor_unreachable"
	})
	f.set(answering(isv.ResultProcessing))
	c.awaitSleeper(t, 2*time.Minute)
	c.advance(2 * time.Minute)
	same(t, "second call", f.next(t, isv.ActivityGetLicense), sent)
	m.awaitDecision("ann", d.EventID, func(d agentapi.LicenseDecision) bool {
		return d.State == agentapi.Pending && d.Reason.Code == "license_pending"
	})
	code, _ := upload(t, m, credentials(), d.EventID, text("LICENCE"))
	same(t, "upload", code, isv.CodeOK)
	same(t, "licence", m.awaitState("ann", d.EventID, agentapi.Granted).Characters, "LICENCE")
}

// Two hours of calls every two minutes, across a restart of the marketplace.
func TestRetriesEndUndecidedAcrossARestart(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	m := start(t, options{clock: c, dir: dir})
	m.stock(licensing.Order{Seats: 1, Years: 1})
	f := fake(t, m)
	f.set(answering(isv.ResultInternal))
	f.next(t, isv.ActivityNewInstance)
	d := m.apply("ann", agentapi.LicenseApplicationKindString, fingerprint)
	f.next(t, isv.ActivityGetLicense)
	for n := 1; n <= 60; n++ {
		c.awaitSleeper(t, 2*time.Minute)
		if n == 30 {
			m.stop()
			m = start(t, options{clock: c, dir: dir})
			c.awaitSleeper(t, 2*time.Minute)
		}
		c.advance(2 * time.Minute)
		same(t, "event", f.next(t, isv.ActivityGetLicense).EventID, d.EventID)
	}
	refused := m.awaitState("ann", d.EventID, agentapi.Refused)
	same(t, "reason", refused.Reason.Code, "license_undecided")
	same(t, "event", refused.Reason.Params["event"], d.EventID)

	// The vendor is late: his licence counts all the same.
	code, _ := upload(t, m, credentials(), d.EventID, text("LATE"))
	same(t, "late upload", code, isv.CodeOK)
	same(t, "licence", m.awaitState("ann", d.EventID, agentapi.Granted).Characters, "LATE")
	same(t, "again", m.apply("ann", agentapi.LicenseApplicationKindString, fingerprint).EventID, d.EventID)
}

func TestEachDocumentedCode(t *testing.T) {
	cases := map[string]struct{ state, reason string }{
		"000000": {"pending", "license_pending"}, "000004": {"pending", "license_pending"}, "000005": {"pending", "license_vendor_unreachable"},
		"000001": {"refused", "license_vendor_refused"}, "000002": {"refused", "license_vendor_refused"}, "000003": {"refused", "license_vendor_refused"},
		"000100": {"refused", "license_vendor_refused"}, "000900": {"refused", "license_quota_exhausted"}, "000901": {"refused", "license_outside_period"},
		"000902": {"refused", "license_expiry_required"}, "000903": {"refused", "license_fingerprint_required"}, "123456": {"refused", "license_vendor_refused"},
	}
	m := start(t, options{clock: newClock()})
	m.stock(licensing.Order{Seats: 1})
	f := fake(t, m)
	f.next(t, isv.ActivityNewInstance)
	for code, want := range cases {
		f.set(answering(code))
		d := m.apply("ann", agentapi.LicenseApplicationKindString, "machine "+code)
		f.next(t, isv.ActivityGetLicense)
		got := m.awaitDecision("ann", d.EventID, func(d agentapi.LicenseDecision) bool {
			return string(d.State) == want.state && d.Reason.Code == want.reason
		})
		if want.reason == "license_vendor_refused" {
			same(t, code+" vendorCode", got.Reason.Params["vendorCode"], code)
			same(t, code+" vendorMessage", got.Reason.Params["vendorMessage"], "because")
			same(t, code+" event", got.Reason.Params["event"], d.EventID)
		}
		again := m.apply("ann", agentapi.LicenseApplicationKindString, "machine "+code)
		if (again.EventID == d.EventID) != (want.state == "pending") {
			t.Errorf("%s: the next application is event %s after %s", code, again.EventID, d.EventID)
		}
		if want.state == "refused" {
			f.next(t, isv.ActivityGetLicense)
		}
	}
}

func TestApplicationsThatAreRefusedAtOnce(t *testing.T) {
	m := start(t, options{})
	id := m.stock(licensing.Order{Seats: 1})
	good := agentapi.LicenseApplication{Product: "cad", Kind: agentapi.LicenseApplicationKindString, DeviceFingerprint: fingerprint}
	post := func(user string, a agentapi.LicenseApplication) string {
		_, e := call[agentapi.Error](m, user, "POST", "/api/agent/v1/license-requests", a)
		return e.Code
	}
	long := good
	long.DeviceFingerprint = strings.Repeat("a", 1025)
	kind := good
	kind.Kind = "paper"
	other := good
	other.Product = "other"
	same(t, "long fingerprint", post("ann", long), "invalid_argument")
	same(t, "kind", post("ann", kind), "invalid_argument")
	same(t, "another product", post("ann", other), "license_not_entitled")
	same(t, "another user", post("bob", good), "license_not_entitled")
	must(t, m.Freeze(t.Context(), id))
	same(t, "frozen", post("ann", good), "license_frozen")
	must(t, m.Release(t.Context(), id))
	same(t, "released", post("ann", good), "license_released")
}
