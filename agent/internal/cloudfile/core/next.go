package core

import (
	"time"

	"iscdesk.dev/agent/api"
)

// State is where a document stands on this machine.
type State string

// The states of a document.
const (
	Clean      State = "clean"      // the marketplace has what this machine has
	Modified   State = "modified"   // the user's file has changes that were never saved
	Staged     State = "staged"     // saved here, waiting for its turn
	Uploading  State = "uploading"  // on its way
	Conflicted State = "conflicted" // published as a copy beside a newer version
	Failed     State = "failed"     // tried in vain; RetryAt tells when it is tried again
)

// Action is what has to be done next.
type Action string

// The actions.
const (
	Rest     Action = "rest"     // nothing, until something changes
	Wait     Action = "wait"     // nothing before Decision.RetryAt
	Upload   Action = "upload"   // send and publish the save
	Announce Action = "announce" // delete the staged content, tell the session
)

// Facts are what is known of a document's oldest save that has not ended, or
// of the document where there is none.
type Facts struct {
	Modified  bool // the local file differs from what was opened or saved last
	Saved     bool // a save is staged and has not ended
	Picking   bool // the user still chooses where it goes
	Behind    bool // it builds on another save that is not published
	Sending   bool // its content is on the way now
	Published bool // the marketplace has it; nobody has been told
	Paused    bool // the user wants nothing sent
	Damaged   bool // the staged content is gone or spoilt
	Refused   bool // the marketplace will not have it as it is
	Conflict  bool // the last published save became a copy
	// Owner tells whether the account that saved is the one signed in; SignedIn
	// whether any is.
	Owner, SignedIn bool
	RetryAt         time.Time // not before
	Reason          *api.Error
}

// Decision is what Next decided. Reason tells people what is waited for.
type Decision struct {
	State   State
	Do      Action
	RetryAt time.Time
	Reason  *api.Error
}

// Next decides what a document needs now.
func Next(f Facts, now time.Time) Decision {
	switch {
	case !f.Saved && f.Modified:
		return Decision{State: Modified, Do: Rest}
	case !f.Saved && f.Conflict:
		return Decision{State: Conflicted, Do: Rest, Reason: f.Reason}
	case !f.Saved:
		return Decision{State: Clean, Do: Rest}
	case f.Published:
		return Decision{State: Uploading, Do: Announce}
	case f.Damaged, f.Refused:
		return Decision{State: Failed, Do: Rest, Reason: f.Reason}
	case f.Sending:
		return Decision{State: Uploading, Do: Rest}
	case f.Picking, f.Behind:
		return Decision{State: Staged, Do: Rest}
	case !f.SignedIn:
		return Decision{State: Staged, Do: Rest, Reason: api.Fail(api.SignedOut)}
	case !f.Owner:
		return Decision{State: Staged, Do: Rest, Reason: api.Fail(api.SavedByOther)}
	case f.Paused:
		return Decision{State: Staged, Do: Rest, Reason: api.Fail(api.UploadsPaused)}
	case f.RetryAt.After(now):
		return Decision{State: Failed, Do: Wait, RetryAt: f.RetryAt, Reason: f.Reason}
	}
	return Decision{State: Staged, Do: Upload}
}
