package health

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
)

func TestEvaluate(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	signedIn := api.Account{State: api.AccountSignedIn, Online: true, Marketplace: "https://m.example"}
	sound := func(edit func(*facts)) facts {
		f := facts{account: signedIn, free: 1 << 40}
		edit(&f)
		return f
	}
	in := func(d time.Duration) int64 { return now.Add(d).Unix() }
	day := 24 * time.Hour
	cases := []struct {
		name  string
		facts facts
		want  []string // code and action
	}{
		{"sound", sound(func(*facts) {}), nil},
		{"nothing known", facts{account: signedIn, free: -1}, nil},
		{"signed out", sound(func(f *facts) { f.account.State = api.AccountSignedOut }), []string{"signed_out: iscdesk login"}},
		{"expired", sound(func(f *facts) { f.account.State = api.AccountExpired }), []string{"signed_out: iscdesk login"}},
		{"signing in", sound(func(f *facts) { f.account.State = api.AccountSigningIn }), nil},
		{"offline", sound(func(f *facts) { f.account.Online = false }), []string{"offline: iscdesk doctor"}},
		{"signed out and offline", sound(func(f *facts) { f.account.Online, f.account.State = false, api.AccountSignedOut }), []string{"signed_out: iscdesk login"}},
		{"no marketplace", sound(func(f *facts) { f.account = api.Account{State: api.AccountSignedOut} }), []string{"marketplace_not_configured: iscdesk policy show"}},
		{"a wrong policy", sound(func(f *facts) {
			f.policy = []*api.Error{api.Fail(api.PolicyValue, "key", "proxy", "where", "p:1", "value", "x", "expected", "y"), api.Fail(api.ProxyFailed, "proxy", "p", "reason", "r")}
		}), []string{"policy_value: iscdesk policy show", "proxy_failed: iscdesk policy show"}},
		{"untrusted", sound(func(f *facts) { f.untrusted = api.Fail(api.Untrusted, "reason", "x") }), []string{"marketplace_untrusted: iscdesk doctor"}},
		{"enough room", sound(func(f *facts) { f.free = 1 << 30 }), nil},
		{"little room", sound(func(f *facts) { f.free = 1<<30 - 1 }), []string{"disk_low: "}},
		{"no room", sound(func(f *facts) { f.free = 1 << 20 }), []string{"disk_full: "}},
		{"clock right", sound(func(f *facts) { f.skew, f.skewKnown = 5*time.Minute, true }), nil},
		{"clock ahead", sound(func(f *facts) { f.skew, f.skewKnown = 6*time.Minute, true }), []string{"clock_wrong: timedatectl set-ntp true"}},
		{"clock behind", sound(func(f *facts) { f.skew, f.skewKnown = -6*time.Minute, true }), []string{"clock_wrong: timedatectl set-ntp true"}},
		{"clock unknown", sound(func(f *facts) { f.skew = time.Hour }), nil},
		{"transfers under way", sound(func(f *facts) { f.transfers = []api.Transfer{{State: "waiting"}, {State: "uploading"}} }), nil},
		{"uploads paused, and one waits", sound(func(f *facts) {
			f.uploads.Paused, f.transfers = true, []api.Transfer{{State: "waiting"}}
		}), []string{"uploads_paused: iscdesk transfers resume"}},
		{"uploads paused, nothing waits", sound(func(f *facts) { f.uploads.Paused = true }), nil},
		{"transfers failed", sound(func(f *facts) {
			f.transfers = []api.Transfer{{State: "failed"}, {State: "failed"}, {State: "waiting"}}
		}), []string{"transfers_failed: iscdesk transfers"}},
		{"a transfer failed", sound(func(f *facts) {
			f.transfers = []api.Transfer{{State: "failed", Operation: "op"}}
		}), []string{"transfers_failed: iscdesk transfers retry op"}},
		{"licences", sound(func(f *facts) {
			f.licenses = []api.License{
				{Product: "fine", Status: "active"},
				{Product: "far", Status: "active", ExpireTime: in(8 * day)},
				{Product: "soon", Status: "active", ExpireTime: in(7 * day)},
				{Product: "over", Status: "active", ExpireTime: in(-time.Second)},
				{Product: "frozen", Status: "frozen", ExpireTime: in(-day)},
				{Product: "ended", Status: "expired", ExpireTime: in(-day)},
				{Product: "gone", Status: "released"},
			}
		}), []string{"license_expiring: ", "license_expired: ", "license_frozen: ", "license_expired: "}},
		{"applications", sound(func(f *facts) {
			f.apps = []api.App{
				{Product: "a", State: "installed", Installed: "1", Latest: "2"},
				{Product: "b", State: "offered", Offered: "2"},
				{Product: "c", State: "broken", Reason: api.Fail(api.InstallFailed, "product", "c")},
			}
		}), []string{"upgrade_waiting: iscdesk apps answer b yes", "install_failed: iscdesk apps install c"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range evaluate(c.facts, now, "/var/lib/iscdesk") {
				got = append(got, w.Code+": "+w.Action)
				if _, known := api.Lookup(w.Reason.Code); !known || w.Code != string(w.Reason.Code) {
					t.Errorf("%s: the reason's code is %s", w.Code, w.Reason.Code)
				}
				if c.name == "applications" && w.Product == "" {
					t.Errorf("%s names no product", w.Code)
				}
				for _, lang := range []api.Language{api.English, api.Chinese} {
					text := w.Reason.Text(lang)
					if holes := strings.Contains(text, "{"); holes && w.Code != string(api.InstallFailed) {
						t.Errorf("%s: a hole in %q", w.Code, text)
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	first, second := time.Unix(100, 0), time.Unix(200, 0)
	signedOut := func() []api.Warning { return warn(api.Fail(api.SignedOut), "") }
	frozen := func(product string) []api.Warning {
		return warn(api.Fail(api.LicenseFrozen, "product", product), "")
	}
	old, changed := merge(nil, append(signedOut(), frozen("a")...), first)
	if !changed || old[0].Since != 100 || old[1].Since != 100 {
		t.Errorf("the first time: %v %+v", changed, old)
	}
	same, changed := merge(old, append(signedOut(), frozen("a")...), second)
	if changed || same[0].Since != 100 {
		t.Errorf("nothing new: %v %+v", changed, same)
	}
	other, changed := merge(same, append(signedOut(), frozen("b")...), second)
	if !changed || other[0].Since != 100 || other[1].Since != 200 {
		t.Errorf("another product: %v %+v", changed, other)
	}
	if none, changed := merge(other, []api.Warning{}, second); !changed || len(none) != 0 {
		t.Errorf("mended: %v %+v", changed, none)
	}
}
