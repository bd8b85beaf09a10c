package lease

import (
	"slices"

	"iscdesk.dev/agent/api"
)

// Stage is how far a good lease has come.
type Stage int

// The stages of a good lease. The zero Stage is that of one that is not good.
const (
	Active Stage = iota + 1
	// Grace follows when the lease has expired and could not be renewed: the
	// application runs on and should say so.
	Grace
)

// By how many seconds clocks may differ without anybody being suspected: this
// machine's own from what it showed before, and this machine's from that of
// the marketplace, which wrote the times of the token. A day covers what happens
// to honest people (a time zone taken for UTC, a second operating system, a
// clock that was put right), and gains whoever cheats no more than a day.
const (
	Leeway = 24 * 60 * 60
	Skew   = 24 * 60 * 60
	// drift is the little by which two good clocks differ.
	drift = 300
)

// Expect is what a lease is checked against. Times are Unix seconds.
type Expect struct {
	Product string
	Device  string
	OSUser  string
	// Features have to be in the licence, each of them.
	Features []string
	// Now is the machine's clock.
	Now int64
}

// Check tells whether the lease is good for e, and in which stage. It fails
// with one of the codes lease_wrong_product, lease_wrong_device,
// lease_wrong_user, lease_no_feature, lease_clock_set_back,
// lease_not_yet_valid and lease_expired. A clock that was set back is noticed
// because it is behind the token's own date of issue; set right, it passes
// again.
func (c *Claims) Check(e Expect) (Stage, error) {
	switch {
	case c.Product != e.Product:
		return 0, api.Fail(api.LeaseWrongProduct)
	case c.Device != e.Device:
		return 0, api.Fail(api.LeaseWrongDevice)
	case c.OSUser != e.OSUser:
		return 0, api.Fail(api.LeaseWrongUser)
	}
	for _, feature := range e.Features {
		if !slices.Contains(c.Features, feature) {
			return 0, api.Fail(api.LeaseNoFeature, "feature", feature)
		}
	}
	switch {
	case e.Now+Skew < c.IssuedAt:
		return 0, api.Fail(api.LeaseClockSetBack)
	case c.NotBefore > c.IssuedAt && e.Now+drift < c.NotBefore: // it begins later than it was issued
		return 0, api.Fail(api.LeaseNotYetValid)
	case e.Now < c.Expires:
		return Active, nil
	case e.Now < c.Grace:
		return Grace, nil
	}
	return 0, api.Fail(api.LeaseExpired)
}

// Seen moves a mark of the latest time seen forward to now. It never moves back.
func Seen(mark, now int64) int64 { return max(mark, now) }
