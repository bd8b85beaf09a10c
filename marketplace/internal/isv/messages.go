package isv

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// The activities of a vendor's production URL that industrial software needs.
const (
	ActivityNewInstance     = "newInstance"
	ActivityRefreshInstance = "refreshInstance"
	ActivityUpdateStatus    = "updateInstanceStatus"
	ActivityReleaseInstance = "releaseInstance"
	ActivityGetLicense      = "getLicenseAsync"
)

// The result codes of callbacks.
const (
	ResultSuccess             = "000000"
	ResultAuthFailed          = "000001"
	ResultInvalidParameter    = "000002"
	ResultInstanceUnknown     = "000003"
	ResultProcessing          = "000004"
	ResultInternal            = "000005"
	ResultNoResource          = "000100"
	ResultQuotaExhausted      = "000900"
	ResultOutsidePeriod       = "000901"
	ResultExpiryRequired      = "000902"
	ResultFingerprintRequired = "000903"
)

// Values of scene and status.
const (
	SceneTrialToFormal = "TRIAL_TO_FORMAL"
	SceneRenewal       = "RENEWAL"
	StatusFreeze       = "FREEZE"
	StatusUnfreeze     = "UNFREEZE"
)

// Call is the body of any callback: the union of the activities' fields. Which
// of them an activity uses, and how long they may be, Validate knows.
type Call struct {
	Activity    string `json:"activity"`
	OrderID     string `json:"orderId,omitempty"`
	OrderLineID string `json:"orderLineId,omitempty"`
	// BusinessID differs on every request.
	BusinessID string `json:"businessId,omitempty"`
	InstanceID string `json:"instanceId,omitempty"`
	Scene      string `json:"scene,omitempty"`
	ProductID  string `json:"productId,omitempty"`
	Status     string `json:"status,omitempty"`
	// EffectiveTime and ExpireTime are formatted by LicenseTime for
	// getLicenseAsync and by OrderTime elsewhere.
	EffectiveTime     string `json:"effectiveTime,omitempty"`
	ExpireTime        string `json:"expireTime,omitempty"`
	EventID           string `json:"eventId,omitempty"`
	DeviceFingerprint string `json:"deviceFingerprint,omitempty"`
	// TestFlag is "1" in debugging calls.
	TestFlag string `json:"testFlag,omitempty"`
}

// Answer is the body of any answer to a callback. InstanceID is set for
// newInstance only.
type Answer struct {
	ResultCode string `json:"resultCode"`
	ResultMsg  string `json:"resultMsg,omitempty"`
	InstanceID string `json:"instanceId,omitempty"`
}

// limit is the documented length of a field and whether it must be there.
type limit struct {
	name, value string
	most        int
	must        bool
}

// Validate checks that the call has what its activity needs, within the
// documented lengths. An unknown activity is invalid.
func (c Call) Validate() error {
	limits := []limit{{"activity", c.Activity, 32, true}, {"testFlag", c.TestFlag, 2, false}}
	instance := limit{"instanceId", c.InstanceID, 64, true}
	order := func(must bool) []limit {
		return []limit{{"orderId", c.OrderID, 64, must}, {"orderLineId", c.OrderLineID, 64, must}}
	}
	switch c.Activity {
	case ActivityNewInstance:
		limits = append(append(limits, order(true)...), limit{"businessId", c.BusinessID, 64, true})
	case ActivityRefreshInstance:
		limits = append(append(limits, order(true)...), instance, limit{"scene", c.Scene, 64, true},
			limit{"productId", c.ProductID, 64, false}, limit{"expireTime", c.ExpireTime, 20, true})
	case ActivityUpdateStatus:
		limits = append(limits, instance, limit{"status", c.Status, 32, true})
		if c.Status != StatusFreeze && c.Status != StatusUnfreeze {
			return fmt.Errorf("status is %q", c.Status)
		}
	case ActivityReleaseInstance:
		limits = append(append(limits, order(false)...), instance)
	case ActivityGetLicense:
		limits = append(limits, instance, limit{"effectiveTime", c.EffectiveTime, 32, true}, limit{"expireTime", c.ExpireTime, 32, false},
			limit{"eventId", c.EventID, 64, true}, limit{"deviceFingerprint", c.DeviceFingerprint, 1024, false})
	default:
		return fmt.Errorf("activity is %q", c.Activity)
	}
	return check(limits)
}

func check(limits []limit) error {
	for _, l := range limits {
		if l.must && l.value == "" {
			return fmt.Errorf("%s is missing", l.name)
		}
		if utf8.RuneCountInString(l.value) > l.most {
			return fmt.Errorf("%s is longer than %d characters", l.name, l.most)
		}
	}
	return nil
}

const (
	licenseTime = "2006-01-02 15:04:05"
	orderTime   = "20060102150405"
)

// LicenseTime formats a time for getLicenseAsync, e.g. "2023-10-27 10:30:15 z".
// The zero time is empty.
func LicenseTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(licenseTime) + " z"
}

// ParseLicenseTime reads what LicenseTime writes; empty is the zero time.
func ParseLicenseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(licenseTime, strings.TrimSuffix(strings.ToLower(s), " z"))
}

// OrderTime formats a time as yyyyMMddHHmmss in UTC. The zero time is empty.
func OrderTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(orderTime)
}

// ParseOrderTime reads yyyyMMddHHmmss, with or without milliseconds; empty is
// the zero time.
func ParseOrderTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if len(s) == len(orderTime)+3 {
		s = s[:len(orderTime)]
	}
	return time.Parse(orderTime, s)
}
