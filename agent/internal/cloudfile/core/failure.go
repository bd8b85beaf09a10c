package core

import (
	"errors"
	"time"

	"iscdesk.dev/agent/api"
)

// Verdict is what a failed attempt means for the save.
type Verdict string

// The verdicts. In none of them is anything deleted.
const (
	TryAgain Verdict = "try_again" // by itself, after a pause
	SignIn   Verdict = "sign_in"   // when the account is signed in again
	Refuse   Verdict = "refuse"    // when the user asks, or the document changes
	Spoilt   Verdict = "spoilt"    // the staged content is not what was saved
)

// Judge tells what a failure of the marketplace, or of the way to it, means.
// What it does not know is tried again: a wrong retry costs a call, a wrong
// refusal a drawing that stays behind.
func Judge(err error) Verdict {
	if errors.Is(err, ErrSpoilt) {
		return Spoilt
	}
	switch api.AsError(err).Code {
	case api.SignedOut, api.LoginFailed, api.SavedByOther:
		return SignIn
	case api.PermissionDenied, api.NotFound, api.Exists, api.TooLarge, api.NameInvalid, api.InvalidArgument,
		api.Unsupported, api.DocumentReadOnly, api.DocumentCheckedOut, api.DocumentNotCheckedOut,
		api.DocumentChanged,
		api.LicenseNotEntitled, api.LicenseFrozen, api.LicenseExpired, api.LicenseReleased:
		return Refuse
	}
	return TryAgain
}

// ErrSpoilt marks an error of reading staged content. The marketplace can say
// content_damaged too, of what arrived there: that is tried again.
const ErrSpoilt = sentinel("staged content is not what was saved")

type sentinel string

func (s sentinel) Error() string { return string(s) }

// The pauses between attempts.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
)

// Pause is how long to wait after the given number of failed attempts (1: the
// first). It doubles up to five minutes; luck, from 0 to 1, takes away up to
// half, so that a thousand machines do not come back at once.
func Pause(attempts int, luck float64) time.Duration {
	pause := firstPause
	for i := 1; i < attempts && pause < longestPause; i++ {
		pause *= 2
	}
	pause = min(pause, longestPause)
	return pause - time.Duration(luck*float64(pause)/2)
}
