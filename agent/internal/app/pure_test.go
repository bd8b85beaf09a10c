package app

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
	"iscdesk.dev/marketplace/agentapi"
)

func TestNext(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	later := now.Add(time.Minute)
	cases := []struct {
		name  string
		facts facts
		state string
		do    step
		due   time.Time
	}{
		{"nothing known", facts{}, stateAbsent, stepNone, time.Time{}},
		{"installed", facts{installed: "1"}, stateInstalled, stepNone, time.Time{}},
		{"installed and running", facts{installed: "1", running: true}, stateInstalled, stepNone, time.Time{}},
		{"asked", facts{installed: "1", offered: "2"}, stateOffered, stepNone, time.Time{}},
		{"asked, not installed by us", facts{offered: "2", running: true}, stateOffered, stepNone, time.Time{}},
		{"ordered", facts{ordered: "2"}, stateDownloading, stepFetch, time.Time{}},
		{"ordered while it runs", facts{installed: "1", ordered: "2", running: true}, stateWaiting, stepNone, time.Time{}},
		{"fetched, opened again", facts{ordered: "2", fetched: true, running: true}, stateWaiting, stepNone, time.Time{}},
		{"fetched", facts{ordered: "2", fetched: true}, stateInstalling, stepInstall, time.Time{}},
		{"failed, tried later", facts{ordered: "2", failed: true, retryAt: later}, stateBroken, stepNone, later},
		{"failed, due", facts{ordered: "2", failed: true, retryAt: now}, stateDownloading, stepFetch, time.Time{}},
		{"failed, due, runs", facts{ordered: "2", failed: true, retryAt: now, running: true}, stateWaiting, stepNone, time.Time{}},
		{"failed for good", facts{installed: "1", ordered: "2", failed: true, lasting: true}, stateBroken, stepNone, time.Time{}},
		{"to be removed", facts{installed: "1", removal: true}, stateRemoving, stepRemove, time.Time{}},
		{"to be removed, runs", facts{installed: "1", removal: true, running: true}, stateWaiting, stepNone, time.Time{}},
		{"removal failed", facts{installed: "1", removal: true, failed: true, retryAt: later}, stateBroken, stepNone, later},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			state, do, due := next(c.facts, now)
			if state != c.state || do != c.do || !due.Equal(c.due) {
				t.Errorf("%s, step %d, due %v; want %s, step %d, due %v", state, do, due, c.state, c.do, c.due)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	cases := []struct {
		forced bool
		who    voice
		yes    bool
		want   verdict
	}{
		{false, byCatalogue, true, verdict{ask: true}},
		{true, byCatalogue, true, verdict{order: true, announce: true}},
		{false, byUser, true, verdict{order: true, announce: true}},
		{false, byUser, false, verdict{withdraw: true}},
		{false, byApplication, true, verdict{order: true}},
		{false, byApplication, false, verdict{withdraw: true}},
		{true, byUser, true, verdict{order: true}},
		{true, byUser, false, verdict{order: true}},
		{true, byApplication, true, verdict{order: true}},
		{true, byApplication, false, verdict{order: true}},
	}
	for _, c := range cases {
		if got := decide(c.forced, c.who, c.yes); got != c.want {
			t.Errorf("forced %v, voice %d, yes %v: %+v, want %+v", c.forced, c.who, c.yes, got, c.want)
		}
	}
}

func TestWithdraw(t *testing.T) {
	optional, forced := &release{Version: "2"}, &release{Version: "2", Forced: true}
	cases := map[string]struct{ have, want record }{
		"a question":        {record{Offer: optional}, record{}},
		"an order":          {record{Order: optional, Failure: &failure{}}, record{}},
		"an order begun":    {record{Order: optional, Begun: true}, record{Order: optional, Begun: true}},
		"a forced order":    {record{Order: forced}, record{Order: forced}},
		"what is installed": {record{Installed: "1"}, record{Installed: "1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.have.withdraw()
			if diff := cmp.Diff(c.want, c.have); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFail(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	var f *failure
	for i, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
		f = fail(f, api.Fail(api.Offline), now)
		if f.Lasting || f.RetryAt.Sub(now) != want || !curedByNetwork(f) {
			t.Errorf("attempt %d: %+v, want a retry after %v", i+1, f, want)
		}
	}
	for range 100 {
		f = fail(f, api.Fail(api.Offline), now)
	}
	if f.RetryAt.Sub(now) != lastRetry {
		t.Errorf("after many attempts: %v", f.RetryAt.Sub(now))
	}
	if f = fail(f, api.Fail(api.DiskFull), now); f.Attempts != 1 || f.Lasting || curedByNetwork(f) {
		t.Errorf("another failure: %+v", f)
	}
	f = nil
	for i := range maxDamaged {
		f = fail(f, api.Fail(api.PackageDamaged), now)
		if f.Lasting != (i == maxDamaged-1) {
			t.Errorf("damaged %d times: %+v", i+1, f)
		}
	}
	for _, code := range []api.Code{api.InstallFailed, api.PackageUnsafe, api.Unsupported, api.NameInvalid} {
		if f := fail(nil, code, now); !f.Lasting {
			t.Errorf("%s is tried again by itself", code)
		}
	}
}

func TestReleaseCheck(t *testing.T) {
	const sum = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
	good := agentapi.Package{File: "cad.tar.gz", Size: 1, Sha256: sum}
	cases := []struct {
		name    string
		product string
		release release
		want    api.Code
	}{
		{"good", "minicad", release{Version: "1.0", Package: good}, ""},
		{"product climbs", "..", release{Version: "1.0", Package: good}, api.NameInvalid},
		{"version climbs", "cad", release{Version: "../1", Package: good}, api.NameInvalid},
		{"no package", "cad", release{Version: "1.0"}, api.NotFound},
		{"program", "cad", release{Version: "1.0", Package: agentapi.Package{File: "a.exe", Size: 1, Sha256: sum}}, api.Unsupported},
		{"hash climbs", "cad", release{Version: "1.0", Package: agentapi.Package{File: "a.zip", Size: 1, Sha256: "../../x"}}, api.PackageDamaged},
		{"short hash", "cad", release{Version: "1.0", Package: agentapi.Package{File: "a.zip", Size: 1, Sha256: "abcd"}}, api.PackageDamaged},
		{"empty", "cad", release{Version: "1.0", Package: agentapi.Package{File: "a.zip", Sha256: sum}}, api.NotFound},
		{"huge", "cad", release{Version: "1.0", Package: agentapi.Package{File: "a.zip", Size: 1 << 50, Sha256: sum}}, api.TooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := c.release.check(c.product)
			if c.want == "" && err != nil || c.want != "" && !errors.Is(err, c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"minicad", "Mini-CAD_2", "cad.pro", "3dcad"} {
		if err := helper.CheckProduct(name); err != nil {
			t.Errorf("product %q: %v", name, err)
		}
	}
	for _, name := range []string{"1", "2.0.1", "2024.1-rc.2", "1.0+build.7", "v1~beta"} {
		if err := helper.CheckVersion(name); err != nil {
			t.Errorf("version %q: %v", name, err)
		}
	}
	long := make([]byte, 65)
	for i := range long {
		long[i] = 'a'
	}
	for _, name := range []string{
		"", ".", "..", "../x", "a/b", `a\b`, "a..b", ".hidden", "-flag", "a b", "a\x00b", "a\n", "a:b", "con", "NUL.1", "com1", "a.", "数控", string(long),
	} {
		if helper.CheckProduct(name) == nil {
			t.Errorf("product %q was accepted", name)
		}
		if helper.CheckVersion(name) == nil {
			t.Errorf("version %q was accepted", name)
		}
	}
	for _, name := range []string{"current", "Current", "1.0.partial", "1.0.old"} {
		if helper.CheckVersion(name) == nil {
			t.Errorf("version %q was accepted", name)
		}
	}
}

func TestWhatTheCatalogueSays(t *testing.T) {
	for address, want := range map[string]string{
		"https://market.example/trial?p=minicad": "https://market.example/trial?p=minicad",
		"http://127.0.0.1:8080/trial":            "http://127.0.0.1:8080/trial",
		"javascript:alert(1)":                    "",
		"file:///etc/passwd":                     "",
		"smb://host/share":                       "",
		"/trial":                                 "",
		"https://" + strings.Repeat("x", 3000):   "",
	} {
		if _, _, got := said(agentapi.App{TrialURL: address}); got != want {
			t.Errorf("%.40s becomes %q, want %q", address, got, want)
		}
	}
	if _, summary, _ := said(agentapi.App{Summary: strings.Repeat("x", 3000)}); summary != "" {
		t.Errorf("a summary of %d bytes", len(summary))
	}
	for called, want := range map[string]string{"MiniCAD 迷你": "MiniCAD 迷你", "a\x1b[2Jb": "", "a\nb": "", strings.Repeat("x", 1<<20): ""} {
		if name, _, _ := said(agentapi.App{Name: called}); name != want {
			t.Errorf("%.40q becomes %.40q", called, name)
		}
	}
	if notes := releaseOf(agentapi.AppVersion{Notes: strings.Repeat("长", 1<<20)}, false).Notes; len(notes) > maxNotes || !utf8.ValidString(notes) {
		t.Errorf("notes of %d bytes", len(notes))
	}
}
