package licenses

import (
	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
)

// LicenseLook is how a licence is shown in one state.
type LicenseLook struct {
	// State is api.License.Status, or what follows from its dates.
	State string
	Tone  view.Tone
	// Code names the reason that is told with its next step; empty: there is
	// nothing to do.
	Code api.Code
}

// The states of a licence that follow from its dates, and that of a product
// of which only requests are known.
const (
	future    = "future"
	expiring  = "expiring"
	expired   = "expired"
	requested = "requested"
)

// LicenseLooks is the table of the states of a licence. The word for a state
// is licenses.status.<state>.
func LicenseLooks() []LicenseLook {
	return []LicenseLook{
		{State: "active", Tone: view.Good},
		{State: future, Tone: view.Quiet},
		{State: expiring, Tone: view.Attention, Code: api.LicenseExpiring},
		{State: expired, Tone: view.Trouble, Code: api.LicenseExpired},
		{State: "frozen", Tone: view.Trouble, Code: api.LicenseFrozen},
		{State: "released", Tone: view.Attention, Code: api.LicenseReleased},
		{State: requested, Tone: view.Quiet},
	}
}

// LeaseLook is how a lease is shown in one state.
type LeaseLook struct {
	State string
	Tone  view.Tone
	Code  api.Code
}

// The states of a lease that are not the service's own: the machine's clock
// is wrong, so that the lease may be refused; and it was taken away.
const (
	suspectClock = "suspect_clock"
	lost         = "lost"
)

// LeaseLooks is the table of the states of a lease. The word for a state is
// licenses.lease.<state>, the sentence licenses.lease.<state>.text.
func LeaseLooks() []LeaseLook {
	return []LeaseLook{
		{State: "active", Tone: view.Good},
		{State: "renewing", Tone: view.Busy},
		{State: "grace", Tone: view.Attention, Code: api.Offline},
		{State: "expired", Tone: view.Trouble, Code: api.LeaseExpired},
		{State: suspectClock, Tone: view.Attention, Code: api.LeaseClockSetBack},
		{State: lost, Tone: view.Trouble},
	}
}

// RequestLook is how a request is shown.
type RequestLook struct {
	State api.LicenseState
	// Verdict is what the application said of the licence it got: empty,
	// accepted or rejected.
	Verdict string
	Tone    view.Tone
	// Name is the key of its word, licenses.request.<Name>.
	Name string
}

// RequestLooks is the table of the states of a request. Why it is so and the
// next step come with its reason.
func RequestLooks() []RequestLook {
	return []RequestLook{
		{api.LicensePendingState, "", view.Busy, "pending"},
		{api.LicenseGranted, "", view.Good, "granted"},
		{api.LicenseGranted, "accepted", view.Good, "accepted"},
		{api.LicenseGranted, "rejected", view.Trouble, "rejected"},
		{api.LicenseRefused, "", view.Trouble, "refused"},
	}
}

// lookOfLicense finds the row of a state; a state that is newer than this
// program is shown by its own name.
func lookOfLicense(state string) (look LicenseLook, known bool) {
	for _, look := range LicenseLooks() {
		if look.State == state {
			return look, true
		}
	}
	return LicenseLook{State: state}, false
}

func lookOfLease(state string) (look LeaseLook, known bool) {
	for _, look := range LeaseLooks() {
		if look.State == state {
			return look, true
		}
	}
	return LeaseLook{State: state}, false
}

func lookOfRequest(r api.LicenseRecord) (look RequestLook, known bool) {
	for _, look := range RequestLooks() {
		if look.State == r.State && (look.Verdict == r.Verdict || r.State != api.LicenseGranted) {
			return look, true
		}
	}
	return RequestLook{State: r.State, Name: string(r.State)}, false
}
