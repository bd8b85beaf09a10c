package license

import (
	"errors"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func change(kind agentapi.LicenseChangeNoticeChange, status agentapi.LicenseChangeNoticeStatus, end time.Time) agentapi.PushMessage {
	return agentapi.PushMessage{Type: agentapi.LicenseChanged, ID: "instance-minicad", License: agentapi.LicenseChangeNotice{
		Product: "minicad", Instance: "instance-minicad", Change: kind, Status: status, ExpireTime: end,
	}}
}

func TestFrozenReleasedExpiredUnfrozen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	end := b.clock.Now().Add(30 * 24 * time.Hour)
	for _, c := range []struct {
		change agentapi.LicenseChangeNoticeChange
		status agentapi.LicenseChangeNoticeStatus
		reason api.Code
	}{
		{"frozen", "frozen", api.LicenseFrozen},
		{"unfrozen", "active", ""},
		{"expired", "expired", api.LicenseExpired},
		{"renewed", "active", ""},
		{"released", "released", api.LicenseReleased},
	} {
		b.Pushed(change(c.change, c.status, end))
		got, e := event[api.LicenseChange](t, b, api.EventLicenseChanged)
		if got.Change != string(c.change) || got.Status != string(c.status) || got.ExpireTime != end.Unix() || e.Session != "" || e.Product != "minicad" {
			t.Fatalf("%+v %+v", got, e)
		}
		if (got.Reason == nil) != (c.reason == "") || got.Reason != nil && got.Reason.Code != c.reason {
			t.Fatalf("%s: reason %v", c.change, got.Reason)
		}
		b.settleDown(t)
		b.unplug()
		b.request(t, "s2", api.LicenseString)
		a := b.answer(t)
		if c.reason == "" && (!a.Cached || a.State != api.LicenseGranted) || c.reason != "" && (a.State != api.LicensePendingState || a.Reason.Code != c.reason) {
			t.Errorf("%s, offline: %+v", c.change, a)
		}
		b.plug()
		if c.reason != "" {
			if a := b.answer(t); a.State != api.LicenseGranted { // the double still grants it
				t.Fatalf("%+v", a)
			}
		}
		b.settleDown(t)
	}
	b.Pushed(change("assigned", "active", end))
	b.quiet(t)
}

func TestFrozenFileIsNotHandedOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.request(t, "s1", api.LicenseFile)
	b.answer(t)
	b.Pushed(change("frozen", "frozen", time.Time{}))
	event[api.LicenseChange](t, b, api.EventLicenseChanged)
	if _, _, err := b.File(t.Context(), minicad("s1"), id); !errors.Is(err, api.LicenseFrozen) {
		t.Fatal(err)
	}
}

func TestRenewedIsFetchedAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	b.market.set(func(m *market) { m.status = 503 })
	b.Pushed(change("renewed", "active", b.clock.Now().Add(time.Hour)))
	event[api.LicenseChange](t, b, api.EventLicenseChanged)
	b.settleDown(t)
	b.market.set(func(m *market) { m.status = 0; m.decisions["event-1"].Characters = "renewed" })
	b.market.forgetCalls()
	b.advance(pollMost)
	b.market.await(t, "POST /license-requests")
	b.settleDown(t)
	b.unplug()
	b.request(t, "s2", api.LicenseString)
	if a := b.answer(t); a.Content != "renewed" || !a.Cached {
		t.Fatalf("%+v", a)
	}
}

func TestKeptAnswerEndsWithItsLicence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.market.set(func(m *market) {
		m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) {
			m.grant(d, "short")
			d.ExpireTime = m.now().Add(time.Hour)
		}
	})
	b.request(t, "s1", api.LicenseString)
	b.answer(t)
	b.unplug()
	b.advance(2 * time.Hour)
	b.request(t, "s2", api.LicenseString)
	if a := b.answer(t); a.State != api.LicensePendingState || a.Reason.Code != api.LicenseExpired || a.Reason.Params["date"] != "2026-11-21" {
		t.Fatalf("%+v", a)
	}
}

// A change comes by push and stands in the next list: it is told once.
func TestAChangeIsToldOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	end := b.clock.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	list := func(status agentapi.LicenseInfoStatus) {
		b.market.set(func(m *market) {
			m.licenses = []agentapi.LicenseInfo{{Product: "minicad", ProductName: "Mini CAD", Instance: "instance-minicad", Status: status, ExpireTime: end}}
		})
	}
	list("active")
	b.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
	b.quiet(t)
	list("frozen")
	b.Pushed(change("frozen", "frozen", end))
	if got, _ := event[api.LicenseChange](t, b, api.EventLicenseChanged); got.Change != "frozen" {
		t.Fatalf("%+v", got)
	}
	b.quiet(t) // the list that follows the push
	list("active")
	b.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
	if got, _ := event[api.LicenseChange](t, b, api.EventLicenseChanged); got.Change != "unfrozen" {
		t.Fatalf("%+v", got)
	}
	b.Pushed(change("unfrozen", "active", end)) // overtaken by the list
	b.quiet(t)
}

func TestChangesThatNoPushBrought(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := func(status agentapi.LicenseInfoStatus, end time.Time) {
		b.market.set(func(m *market) {
			m.licenses = []agentapi.LicenseInfo{{Product: "minicad", ProductName: "Mini CAD", Instance: "instance-minicad", Status: status, ExpireTime: end, SeatsTotal: 5}}
		})
		b.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
	}
	end := b.clock.Now().Add(24 * time.Hour)
	list("active", end)
	b.quiet(t)
	for _, c := range []struct {
		status agentapi.LicenseInfoStatus
		end    time.Time
		want   string
	}{{"frozen", end, "frozen"}, {"active", end, "unfrozen"}, {"active", end.Add(time.Hour), "renewed"}, {"expired", end, "expired"}, {"released", end, "released"}} {
		list(c.status, c.end)
		if got, _ := event[api.LicenseChange](t, b, api.EventLicenseChanged); got.Change != c.want || got.Instance != "instance-minicad" {
			t.Fatalf("%+v, want %s", got, c.want)
		}
		b.quiet(t)
	}
	b.market.set(func(m *market) { m.licenses = nil })
	b.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
	b.quiet(t)
}
