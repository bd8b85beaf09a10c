package license

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hold(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) { d.State = agentapi.Pending }

func TestLicenseString(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.request(t, "s1", api.LicenseString)
	want := api.LicenseAnswer{Request: id, EventID: "event-1", State: api.LicenseGranted, Kind: api.LicenseString, Content: "0078-event-1", Tag: "tag"}
	if got := b.answer(t); got != want {
		t.Fatalf("%+v", got)
	}
	in := look(b.market, func(m *market) agentapi.LicenseApplication { return m.asked["event-1"] })
	if in.DeviceFingerprint != b.finger || in.ProductVersion != "1.0" || in.Trial {
		t.Fatalf("%+v", in)
	}
	b.quiet(t)
}

func TestLicenseFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.request(t, "s1", api.LicenseFile)
	a := b.answer(t)
	if a.State != api.LicenseGranted || a.FileName != "minicad.lic" || a.Size != 12 || len(a.SHA256) != 64 || a.Content != "" {
		t.Fatalf("%+v", a)
	}
	b.unplug() // it was fetched before the answer
	header, body, err := b.File(t.Context(), minicad("s1"), id)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(body)
	if err != nil || string(content) != "0078-event-1" || len(header.Entries) != 1 || header.Entries[0].Path != "minicad.lic" ||
		header.Entries[0].Size != 12 || len(header.Entries[0].Hash) != 64 {
		t.Fatalf("%q %+v %v", content, header, err)
	}
	for name, file := range map[string]struct{ session, request string }{"another product": {"p2", id}, "unknown": {"s1", "x"}} {
		app := minicad(file.session)
		if name == "another product" {
			app.Product = "maxicad"
		}
		if _, _, err := b.File(t.Context(), app, file.request); !errors.Is(err, api.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedFileIsFetchedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.market.set(func(m *market) {
		m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) {
			m.grant(d, "good")
			m.files[d.EventID] = []byte("evil")
		}
	})
	b.request(t, "s1", api.LicenseFile)
	if a := b.answer(t); a.State != api.LicensePendingState || a.Reason.Code != api.ContentDamaged {
		t.Fatalf("%+v", a)
	}
	b.market.set(func(m *market) { m.files["event-1"] = []byte("good") })
	b.advance(time.Minute)
	if a := b.answer(t); a.State != api.LicenseGranted || a.Size != 4 {
		t.Fatalf("%+v", a)
	}
}

func TestVendorDecidesLate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.market.set(func(m *market) {
		m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) {
			d.State, d.Reason = agentapi.Pending, agentapi.Error{Code: "license_vendor_unreachable"}
		}
	})
	b.request(t, "s1", api.LicenseString)
	if a := b.answer(t); a.State != api.LicensePendingState || a.Reason.Code != api.LicenseVendorUnreachable || a.EventID != "event-1" {
		t.Fatalf("%+v", a)
	}
	b.advance(time.Hour)
	b.quiet(t) // once is enough
	b.market.set(func(m *market) { m.grant(m.decisions["event-1"], "late") })
	b.Pushed(agentapi.PushMessage{Type: agentapi.LicenseDecided, ID: "event-1"})
	if a := b.answer(t); a.State != api.LicenseGranted || a.Content != "late" {
		t.Fatalf("%+v", a)
	}
	b.quiet(t)
	if n := look(b.market, func(m *market) int { return len(m.decisions) }); n != 1 {
		t.Fatalf("%d applications for one request", n)
	}
}

func TestDecisionIsFoundWithoutPush(t *testing.T) {
	t.Parallel()
	for name, notice := range map[string]func(*bench){
		"by asking now and then": func(b *bench) { b.advance(pollMost) },
		"after a reconnect":      func(b *bench) { b.Pushed(agentapi.PushMessage{Type: agentapi.Hello}) },
		"after a restart":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.market.set(func(m *market) { m.vendor = hold })
			b.request(t, "s1", api.LicenseString)
			b.quiet(t) // the vendor has a moment
			b.advance(hopeFor)
			if a := b.answer(t); a.Reason.Code != api.LicensePending {
				t.Fatalf("%+v", a)
			}
			b.settleDown(t) // the next question is set for a time before the clock moves
			b.market.set(func(m *market) { m.grant(m.decisions["event-1"], "late") })
			if notice == nil {
				b.restart(t)
			} else {
				notice(b)
			}
			if a := b.answer(t); a.Content != "late" {
				t.Fatalf("%+v", a)
			}
		})
	}
}

func TestPushThatOvertakesTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	gate := make(chan struct{})
	b.market.set(func(m *market) { m.vendor = hold; m.hold = gate })
	b.request(t, "s1", api.LicenseString)
	b.market.await(t, "POST /license-requests")
	b.Pushed(agentapi.PushMessage{Type: agentapi.LicenseDecided, ID: "event-1"})
	b.market.set(func(m *market) { m.hold = nil })
	close(gate)
	b.market.await(t, "GET /license-requests/event-1") // at once, not after the poll's pause
}

func TestVendorRefuses(t *testing.T) {
	t.Parallel()
	for _, code := range []api.Code{
		api.LicenseVendorRefused, api.LicenseQuotaExhausted, api.LicenseOutsidePeriod, api.LicenseExpiryRequired,
		api.LicenseFingerprintRequired, api.LicenseUndecided, api.LicenseNotEntitled, api.LicenseFrozen,
	} {
		b := newBench(t)
		b.market.set(func(m *market) {
			m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) {
				d.State, d.Reason = agentapi.Refused, agentapi.Error{Code: string(code), Params: map[string]string{"event": "event-1"}}
			}
		})
		b.request(t, "s1", api.LicenseString)
		if a := b.answer(t); a.State != api.LicenseRefused || a.Reason.Code != code || a.Reason.Params["event"] != "event-1" {
			t.Errorf("%s: %+v", code, a)
		}
		b.advance(24 * time.Hour)
		b.quiet(t)
	}
}

func TestMarketplaceRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.market.set(func(m *market) {
		m.refuse["POST /license-requests"] = api.Fail(api.LicenseNotEntitled, "product", "minicad")
	})
	b.request(t, "s1", api.LicenseString)
	if a := b.answer(t); a.State != api.LicenseRefused || a.Reason.Code != api.LicenseNotEntitled {
		t.Fatalf("%+v", a)
	}
}

// TestTroubleIsNoRefusal goes through all that can be wrong on the way.
func TestTroubleIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 408, 429, 500, 502, 503, 504} {
		b := newBench(t)
		b.market.set(func(m *market) { m.status = status })
		b.request(t, "s1", api.LicenseString)
		if a := b.answer(t); a.State != api.LicensePendingState || a.Reason == nil {
			t.Errorf("%d: %+v", status, a)
		}
		b.market.set(func(m *market) { m.status = 0 })
		b.settleDown(t) // the next attempt is set for a time before the clock moves
		b.advance(pauseMost)
		if a := b.answer(t); a.State != api.LicenseGranted {
			t.Errorf("%d, then well: %+v", status, a)
		}
	}
}

func TestOfflineWithNothingKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.unplug()
	b.request(t, "s1", api.LicenseString)
	if a := b.answer(t); a.State != api.LicensePendingState || a.Reason.Code != api.Offline {
		t.Fatalf("%+v", a)
	}
	b.restart(t)
	b.advance(time.Hour)
	b.quiet(t)
	b.plug()
	if a := b.answer(t); a.State != api.LicenseGranted || a.Cached {
		t.Fatalf("%+v", a)
	}
}

func TestTheNextDayOffline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, kind := range []api.LicenseKind{api.LicenseString, api.LicenseFile} {
		b.request(t, "s1", kind)
		b.answer(t)
	}
	b.unplug()
	b.restart(t)
	b.advance(24 * time.Hour)
	b.finger = "ANOTHER|CARD||" // the laptop is out of its dock
	b.request(t, "s2", api.LicenseString)
	a := b.answer(t)
	if a.State != api.LicenseGranted || !a.Cached || a.Content != "0078-event-1" || a.Tag != "tag" {
		t.Fatalf("%+v", a)
	}
	id := b.request(t, "s2", api.LicenseFile)
	if a := b.answer(t); !a.Cached || a.FileName != "minicad.lic" {
		t.Fatalf("%+v", a)
	}
	if _, body, err := b.File(t.Context(), minicad("s2"), id); err != nil {
		t.Fatal(err)
	} else if content, _ := io.ReadAll(body); string(content) != "0078-event-2" {
		t.Fatalf("%q", content)
	}
	other := minicad("s3")
	other.Product = "maxicad"
	if _, err := b.Request(t.Context(), other, api.LicenseRequest{Kind: api.LicenseString}); err != nil {
		t.Fatal(err)
	}
	if a := b.answer(t); a.State != api.LicensePendingState {
		t.Fatalf("another product got it: %+v", a)
	}
	if _, err := b.Request(t.Context(), minicad("s4"), api.LicenseRequest{Kind: api.LicenseString, DeviceInfo: "dongle"}); err != nil {
		t.Fatal(err)
	}
	if a := b.answer(t); a.State != api.LicensePendingState {
		t.Fatalf("another device got it: %+v", a)
	}
}

func TestServedFromKeptThenDecided(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	b.unplug()
	b.request(t, "s2", api.LicenseString)
	if a := b.answer(t); !a.Cached {
		t.Fatalf("%+v", a)
	}
	b.plug()
	b.quiet(t) // the decision is the one it has
	b.unplug()
	b.request(t, "s3", api.LicenseString)
	if a := b.answer(t); !a.Cached {
		t.Fatalf("%+v", a)
	}
	b.market.set(func(m *market) { m.decisions["event-1"].Characters = "changed" })
	b.plug()
	if a := b.answer(t); a.Content != "changed" || a.Cached {
		t.Fatalf("%+v", a)
	}
}

func TestMarketplaceThatHangs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	gate := make(chan struct{})
	defer close(gate)
	b.market.set(func(m *market) { m.hold = gate })
	b.market.forgetCalls()
	b.request(t, "s2", api.LicenseString)
	b.market.await(t, "POST /license-requests")
	b.restart(t) // must not hang either
	b.market.await(t, "POST /license-requests")
}

func TestSignedOutAndExpired(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.signedOut(api.AccountSignedOut, "")
	b.request(t, "s1", api.LicenseString)
	if a := b.answer(t); a.State != api.LicensePendingState || a.Reason.Code != api.SignedOut {
		t.Fatalf("%+v", a)
	}
	b.signIn("u1")
	if a := b.answer(t); a.State != api.LicenseGranted {
		t.Fatalf("%+v", a)
	}
	b.signedOut(api.AccountExpired, "u1")
	b.request(t, "s2", api.LicenseString)
	if a := b.answer(t); a.State != api.LicenseGranted || !a.Cached {
		t.Fatalf("an expired login took the licence away: %+v", a)
	}
	b.signedOut(api.AccountSignedOut, "") // lost, not given up
	b.request(t, "s3", api.LicenseString)
	if a := b.answer(t); a.State != api.LicenseGranted || !a.Cached {
		t.Fatalf("a lost login took the licence away: %+v", a)
	}
}

func TestLogoutForgets(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseFile)
	b.answer(t)
	b.Forget(t.Context(), b.who())
	b.signedOut(api.AccountSignedOut, "")
	b.request(t, "s2", api.LicenseFile)
	if a := b.answer(t); a.State != api.LicensePendingState || a.Reason.Code != api.SignedOut {
		t.Fatalf("%+v", a)
	}
	b.settleDown(t)
	for _, table := range []string{"license_kept", "license_file", "license_list", "lease", "license_meta WHERE name = 'account'"} {
		var n int
		if err := b.db.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d rows are left, %v", table, n, err)
		}
	}
	b.signIn("u1")
	if a := b.answer(t); a.State != api.LicenseGranted || a.Cached {
		t.Fatalf("the request did not wait for the next user: %+v", a)
	}
}

func TestAnotherUserGetsHisOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseString)
	first := b.answer(t)
	b.signIn("u2")
	b.request(t, "s2", api.LicenseString)
	if a := b.answer(t); a.Content == first.Content || a.Cached {
		t.Fatalf("%+v", a)
	}
	b.unplug()
	b.signIn("u3")
	b.request(t, "s3", api.LicenseString)
	if a := b.answer(t); a.State != api.LicensePendingState {
		t.Fatalf("a user was served from another's licence: %+v", a)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.Verdict(t.Context(), minicad("s1"), api.LicenseVerdict{Accepted: true}); !errors.Is(err, api.NotFound) {
		t.Fatalf("a verdict on nothing: %v", err)
	}
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	b.settleDown(t)
	b.unplug()
	if err := b.Verdict(t.Context(), minicad("s1"), api.LicenseVerdict{Message: "wrong machine"}); err != nil {
		t.Fatal(err)
	}
	b.settleDown(t)
	list, err := b.List(t.Context())
	if err != nil || len(list) != 1 || len(list[0].Requests) != 1 || list[0].Requests[0].Verdict != "rejected" || list[0].Requests[0].VerdictMessage != "wrong machine" {
		t.Fatalf("%+v, %v", list, err)
	}
	b.restart(t)
	b.settleDown(t)
	b.market.forgetCalls()
	b.plug()
	b.market.await(t, "POST /license-requests/event-1/verdict")
	b.settleDown(t)
	if v := look(b.market, func(m *market) agentapi.Verdict { return m.verdicts["event-1"] }); v.Accepted || v.Message != "wrong machine" {
		t.Fatalf("%+v", v)
	}
	b.market.forgetCalls()
	b.plug()
	b.settleDown(t)
	for len(b.market.calls) > 0 {
		if call := <-b.market.calls; strings.HasSuffix(call, "verdict") {
			t.Fatal("reported twice")
		}
	}
}

func TestTrial(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ticket, err := b.Request(t.Context(), minicad("s1"), api.LicenseRequest{Kind: api.LicenseString, Trial: true})
	if err != nil {
		t.Fatal(err)
	}
	over, e := event[api.TrialOver](t, b, api.EventTrialExpired)
	if over.Product != "minicad" || over.Request != ticket.Request || e.Session != "" || e.Product != "" {
		t.Fatalf("%+v %+v", over, e)
	}
	b.answer(t)
	if !look(b.market, func(m *market) bool { return m.asked["event-1"].Trial }) {
		t.Fatal("the marketplace does not know that the trial is over")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.market.set(func(m *market) {
		m.licenses = []agentapi.LicenseInfo{
			{Product: "minicad", ProductName: "Mini CAD", Instance: "i1", Status: "released"},
			{Product: "minicad", ProductName: "Mini CAD", Instance: "i2", Status: "active", Features: []string{"mesh"}, SeatsTotal: 5, SeatsUsed: 1},
		}
	})
	list, err := b.List(t.Context()) // right after signing in
	if err != nil || len(list) != 2 || list[1].SeatsTotal != 5 || list[1].ProductName != "Mini CAD" {
		t.Fatalf("%+v, %v", list, err)
	}
	b.SessionOpened(minicad("s1"))
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	if _, err := b.Acquire(t.Context(), minicad("s1"), api.LeaseRequest{Nonce: "n", Features: []string{"mesh"}}); err != nil {
		t.Fatal(err)
	}
	b.unplug()
	b.restart(t)
	list, err = b.List(t.Context())
	if err != nil || len(list) != 2 || len(list[0].Requests) != 0 || len(list[1].Requests) != 1 || len(list[1].Leases) != 1 ||
		list[1].Leases[0].State != "active" || list[1].Leases[0].Session != "s1" {
		t.Fatalf("offline: %+v, %v", list, err)
	}
	if r := list[1].Requests[0]; r.State != api.LicenseGranted || r.Content != "" || r.Updated == 0 {
		t.Fatalf("%+v", r)
	}
}
