package licensing

import (
	"errors"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
)

func TestChoose(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	active := instance{ID: "active", State: stateActive, Created: now}
	older := instance{ID: "older", State: stateActive, Created: now.Add(-time.Hour)}
	creating := instance{ID: "creating", State: stateCreating, Created: now.Add(-2 * time.Hour)}
	trial := instance{ID: "trial", State: stateActive, Trial: true, Created: now.Add(-3 * time.Hour)}
	frozen := instance{ID: "frozen", State: stateFrozen}
	expired := instance{ID: "expired", State: stateActive, Expires: now}
	future := instance{ID: "future", State: stateActive, Effective: now.Add(time.Second)}
	released := instance{ID: "released", State: stateReleased}
	failed := instance{ID: "failed", State: stateFailed, FailCode: "000100"}
	unanswered := instance{ID: "unanswered", State: stateFailed}
	cases := []struct {
		list []instance
		want string
		code fault.Code
	}{
		{nil, "", fault.LicenseNotEntitled},
		{[]instance{active, older}, "older", ""},
		{[]instance{active, creating}, "creating", ""},
		{[]instance{trial, active}, "active", ""},
		{[]instance{released, trial}, "trial", ""},
		{[]instance{released, frozen, expired}, "frozen", fault.LicenseFrozen},
		{[]instance{released, expired, future}, "expired", fault.LicenseExpired},
		{[]instance{released, future}, "future", fault.LicenseOutsidePeriod},
		{[]instance{released}, "released", fault.LicenseReleased},
		{[]instance{failed}, "failed", fault.LicenseVendorRefused},
		{[]instance{unanswered}, "unanswered", fault.LicenseVendorUnreachable},
		{[]instance{expired, active}, "active", ""},
	}
	for _, c := range cases {
		got, err := choose("cad", c.list, now)
		if got.ID != c.want || (c.code == "") != (err == nil) || (err != nil && !errors.Is(err, c.code)) {
			t.Errorf("%v: %q, %v; want %q, %s", c.list, got.ID, err, c.want, c.code)
		}
	}
}

func TestJudge(t *testing.T) {
	cases := []struct {
		kind, code, instance string
		err                  error
		want                 step
	}{
		{jobGet, isv.ResultSuccess, "", nil, again},
		{jobGet, isv.ResultProcessing, "", nil, again},
		{jobGet, isv.ResultInstanceUnknown, "", nil, refused},
		{jobGet, "", "", errors.New("timeout"), again},
		{jobNew, isv.ResultSuccess, "i", nil, done},
		{jobNew, isv.ResultSuccess, "", nil, again},
		{jobNew, isv.ResultProcessing, "i", nil, again},
		{jobNew, isv.ResultNoResource, "", nil, refused},
		{jobStatus, isv.ResultSuccess, "", nil, done},
		{jobStatus, isv.ResultInstanceUnknown, "", nil, refused},
		{jobRelease, isv.ResultInstanceUnknown, "", nil, done},
		{jobRefresh, isv.ResultInternal, "", nil, again},
		{jobRefresh, isv.ResultAuthFailed, "", nil, refused},
	}
	for _, c := range cases {
		if got := judge(c.kind, isv.Answer{ResultCode: c.code, InstanceID: c.instance}, c.err, "e"); got.step != c.want || (got.step != done && got.reason == nil) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestTerms(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	timing := Timing{}.orDefaults()
	cases := []struct {
		bought         time.Time
		expires, grace time.Duration
	}{
		{time.Time{}, time.Hour, 73 * time.Hour},
		{now.Add(1000 * time.Hour), time.Hour, 73 * time.Hour},
		{now.Add(10 * time.Hour), time.Hour, 10 * time.Hour},
		{now.Add(10 * time.Minute), 10 * time.Minute, 10 * time.Minute},
		{now.Add(time.Millisecond), 0, 0},
	}
	for _, c := range cases {
		expires, grace := terms(now, c.bought, timing)
		if expires.Sub(now) != c.expires || grace.Sub(now) != c.grace {
			t.Errorf("bought until %v: %v, %v", c.bought, expires.Sub(now), grace.Sub(now))
		}
	}
}

func TestBaseName(t *testing.T) {
	for raw, want := range map[string]string{
		"license.lic": "license.lic", "../../etc/passwd": "passwd", `C:\keys\a.lic`: "a.lic", "a:b.lic": "ab.lic", "许可证.lic": "许可证.lic",
		"a\x00b\n.lic": "ab.lic", "trailing. ": "trailing", "safe\u202ecil.exe": "safecil.exe", `a"b<c>|?*.lic`: "abc.lic", ".lic": ".lic",
		"": "", "..": "", "/": "", "CON": "", "nul.lic": "", "com1.lic": "", "LPT9": "", "com10.lic": "com10.lic", "\xff": "", strings.Repeat("n", 201): "",
	} {
		if got := baseName(raw); got != want {
			t.Errorf("baseName(%q) = %q, want %q", raw, got, want)
		}
	}
}
