package app

import "time"

// The states of an application, as api.App spells them.
const (
	stateAbsent      = "absent"
	stateOffered     = "offered"
	stateWaiting     = "waiting_for_exit"
	stateDownloading = "downloading"
	stateInstalling  = "installing"
	stateInstalled   = "installed"
	stateRemoving    = "uninstalling"
	stateBroken      = "broken"
)

// facts are all that Next looks at.
type facts struct {
	installed string // version, empty: none
	offered   string // version that the user is asked about
	ordered   string // version that is to be installed
	removal   bool   // the product is to be removed
	running   bool   // a session is open or its process lives
	fetched   bool   // the checked package is held
	failed    bool   // the last step failed
	lasting   bool   // and is not tried again by itself
	retryAt   time.Time
}

// step is the one thing to do next for a product.
type step int

const (
	stepNone step = iota
	stepFetch
	stepInstall
	stepRemove
)

// next derives where a product stands and what to do for it. due is when to
// look again if nothing happens before; zero: not at all.
func next(f facts, now time.Time) (state string, do step, due time.Time) {
	if f.ordered == "" && !f.removal {
		return resting(f), stepNone, time.Time{}
	}
	if f.failed && f.lasting {
		return stateBroken, stepNone, time.Time{}
	}
	if f.running {
		return stateWaiting, stepNone, time.Time{}
	}
	if f.failed && now.Before(f.retryAt) {
		return stateBroken, stepNone, f.retryAt
	}
	switch {
	case f.removal:
		return stateRemoving, stepRemove, time.Time{}
	case f.fetched:
		return stateInstalling, stepInstall, time.Time{}
	}
	return stateDownloading, stepFetch, time.Time{}
}

func resting(f facts) string {
	switch {
	case f.failed:
		return stateBroken
	case f.offered != "":
		return stateOffered
	case f.installed != "":
		return stateInstalled
	}
	return stateAbsent
}
