package isv_test

import (
	"strings"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
)

func TestTimes(t *testing.T) {
	at := time.Date(2023, 10, 27, 10, 30, 15, 0, time.UTC)
	if got := isv.LicenseTime(at); got != "2023-10-27 10:30:15 z" {
		t.Errorf("LicenseTime: %q", got)
	}
	if got := isv.OrderTime(at.In(time.FixedZone("CST", 8*3600))); got != "20231027103015" {
		t.Errorf("OrderTime: %q", got)
	}
	if isv.LicenseTime(time.Time{}) != "" || isv.OrderTime(time.Time{}) != "" {
		t.Error("no time is not empty")
	}
	for _, text := range []string{"20231027103015", "20231027103015618"} {
		if got, err := isv.ParseOrderTime(text); err != nil || !got.Equal(at) {
			t.Errorf("ParseOrderTime(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"2023-10-27 10:30:15 z", "2023-10-27 10:30:15 Z", "2023-10-27 10:30:15"} {
		if got, err := isv.ParseLicenseTime(text); err != nil || !got.Equal(at) {
			t.Errorf("ParseLicenseTime(%q) = %v, %v", text, got, err)
		}
	}
}

func TestValidate(t *testing.T) {
	license := isv.Call{Activity: isv.ActivityGetLicense, InstanceID: "i", EffectiveTime: "2023-10-27 10:30:15 z", EventID: "e"}
	cases := []struct {
		name string
		call isv.Call
		want string // part of the error, empty: valid
	}{
		{"licence", license, ""},
		{"licence without event", with(license, func(c *isv.Call) { c.EventID = "" }), "eventId is missing"},
		{"licence with a long event", with(license, func(c *isv.Call) { c.EventID = strings.Repeat("e", 65) }), "eventId is longer"},
		{"longest fingerprint", with(license, func(c *isv.Call) { c.DeviceFingerprint = strings.Repeat("指", 1024) }), ""},
		{"longer fingerprint", with(license, func(c *isv.Call) { c.DeviceFingerprint = strings.Repeat("a", 1025) }), "deviceFingerprint is longer"},
		{"new instance", isv.Call{Activity: "newInstance", OrderID: "o", OrderLineID: "l", BusinessID: "b"}, ""},
		{"new instance without line", isv.Call{Activity: "newInstance", OrderID: "o", BusinessID: "b"}, "orderLineId is missing"},
		{"status", isv.Call{Activity: "updateInstanceStatus", InstanceID: "i", Status: "FREEZE"}, ""},
		{"another status", isv.Call{Activity: "updateInstanceStatus", InstanceID: "i", Status: "NORMAL"}, "status"},
		{"release", isv.Call{Activity: "releaseInstance", InstanceID: "i"}, ""},
		{"refresh", isv.Call{Activity: "refreshInstance", InstanceID: "i", OrderID: "o", OrderLineID: "l", Scene: "RENEWAL", ExpireTime: "20231027103015"}, ""},
		{"refresh without end", isv.Call{Activity: "refreshInstance", InstanceID: "i", OrderID: "o", OrderLineID: "l", Scene: "RENEWAL"}, "expireTime is missing"},
		{"unknown", isv.Call{Activity: "upgrade"}, "activity"},
	}
	for _, c := range cases {
		err := c.call.Validate()
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func with(c isv.Call, change func(*isv.Call)) isv.Call {
	change(&c)
	return c
}
