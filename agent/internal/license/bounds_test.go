package license

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, c := range map[string]struct {
		app api.Session
		in  api.LicenseRequest
	}{
		"no kind":       {minicad("s1"), api.LicenseRequest{}},
		"other kind":    {minicad("s1"), api.LicenseRequest{Kind: "dongle"}},
		"no session":    {minicad(""), api.LicenseRequest{Kind: "string"}},
		"no product":    {api.Session{ID: "s"}, api.LicenseRequest{Kind: "string"}},
		"huge device":   {minicad("s1"), api.LicenseRequest{Kind: "string", DeviceInfo: strings.Repeat("x", maxDeviceInfo+1)}},
		"huge tag":      {minicad("s1"), api.LicenseRequest{Kind: "string", Tag: strings.Repeat("x", maxTag+1)}},
		"huge session":  {minicad(strings.Repeat("x", 300)), api.LicenseRequest{Kind: "string"}},
		"huge product":  {api.Session{ID: "s", Product: strings.Repeat("x", 300)}, api.LicenseRequest{Kind: "string"}},
		"huge versions": {api.Session{ID: "s", Product: "p", Version: strings.Repeat("x", 300)}, api.LicenseRequest{Kind: "string"}},
	} {
		if _, err := b.Request(t.Context(), c.app, c.in); err == nil || errors.Is(err, api.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.quiet(t)
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.stop()
	if _, err := b.Request(t.Context(), minicad("s"), api.LicenseRequest{Kind: "string"}); err == nil {
		t.Fatal("a request was taken by a service that has stopped")
	}
	b.unplug()
	b.start(t)
	var err error
	n := 0
	for ; err == nil && n < 2*maxPending; n++ {
		_, err = b.Request(t.Context(), minicad("s"), api.LicenseRequest{Kind: "string"})
	}
	if !errors.Is(err, api.Busy) || n != maxPending+1 {
		t.Fatalf("%d requests, then %v", n, err)
	}
}

func TestLongDeviceInformationIsCut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	info := strings.Repeat("长", 1500)
	if _, err := b.Request(t.Context(), minicad("s1"), api.LicenseRequest{Kind: "string", DeviceInfo: info}); err != nil {
		t.Fatal(err)
	}
	b.answer(t)
	if got := look(b.market, func(m *market) string { return m.asked["event-1"].DeviceFingerprint }); got != strings.Repeat("长", 1024) {
		t.Fatalf("%d characters", len([]rune(got)))
	}
}

func TestHostileGrants(t *testing.T) {
	t.Parallel()
	for name, vendor := range map[string]func(*market, *agentapi.LicenseDecision){
		"endless string": func(m *market, d *agentapi.LicenseDecision) { m.grant(d, strings.Repeat("x", maxContent+1)) },
		"another kind": func(m *market, d *agentapi.LicenseDecision) {
			m.grant(d, "x")
			d.Kind = agentapi.LicenseDecisionKindFile
		},
		"no event": func(m *market, d *agentapi.LicenseDecision) { m.grant(d, "x"); d.EventID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.market.set(func(m *market) {
				m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) { vendor(m, d) }
			})
			b.request(t, "s1", api.LicenseString)
			if a := b.answer(t); a.State == api.LicenseGranted || a.Reason == nil {
				t.Fatalf("%+v", a)
			}
		})
	}
	b := newBench(t)
	b.market.set(func(m *market) {
		m.vendor = func(_ agentapi.LicenseApplication, d *agentapi.LicenseDecision) {
			m.grant(d, "x")
			d.FileName, d.Size = "../../x", maxFile+1
		}
	})
	b.request(t, "s1", api.LicenseFile)
	if a := b.answer(t); a.State != api.LicenseRefused || a.Reason.Code != api.TooLarge {
		t.Fatalf("%+v", a)
	}
}

func TestOldRequestsAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.request(t, "s1", api.LicenseFile)
	b.answer(t)
	b.settleDown(t)
	count := func(table string) (n int) {
		if err := b.db.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.advance(29 * 24 * time.Hour)
	b.settleDown(t)
	if count("license_request") != 1 {
		t.Fatal("forgotten too early")
	}
	b.advance(2 * 24 * time.Hour)
	b.settleDown(t)
	if count("license_request") != 0 || count("license_kept") != 1 || count("license_file") != 1 {
		t.Fatal("the request stays, or the kept licence went with it")
	}
}

func TestKeyedLetsOneIn(t *testing.T) {
	t.Parallel()
	var k keyed
	leave, err := k.enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if other, err := k.enter(t.Context(), "b"); err != nil {
		t.Fatal(err)
	} else {
		other()
	}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := k.enter(late, "a"); err == nil {
		t.Fatal("two are in")
	}
	leave()
	again, err := k.enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	again()
	if len(k.rooms) != 0 {
		t.Fatalf("%d rooms are left", len(k.rooms))
	}
}
