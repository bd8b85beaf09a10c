package documents

import (
	"iscdesk.dev/agent/api"
)

// The states of api.Transfer.
const (
	picking   = "picking"
	waiting   = "waiting"
	uploading = "uploading"
	failed    = "failed"
)

// step is the one thing that gets a save on its way again.
type step string

// The steps. stepNone: it goes its way by itself.
const (
	stepNone      step = ""
	stepPick      step = "pick"
	stepResume    step = "resume"
	stepSignIn    step = "signin"
	stepRetry     step = "retry"
	stepPlace     step = "place"
	stepOverwrite step = "overwrite"
	stepLicenses  step = "licenses"
	stepCopy      step = "copy"
)

// refused tells a save that the marketplace will not take as it is: it is
// tried again only when the user asks for it.
func refused(t api.Transfer) bool {
	return t.State == failed && t.RetryAt == 0 && t.Reason != nil
}

// stepOf decides what gets a save on its way again.
func stepOf(t api.Transfer, uploads api.Uploads) step {
	code := api.Code("")
	if t.Reason != nil {
		code = t.Reason.Code
	}
	switch {
	case t.State == picking:
		return stepPick
	case code == api.SignedOut, code == api.LoginFailed, code == api.SavedByOther:
		return stepSignIn
	case refused(t):
		return refusedStep(code)
	case uploads.Paused:
		return stepResume
	case t.State == failed, t.RetryAt > 0:
		return stepRetry
	}
	return stepNone
}

func refusedStep(code api.Code) step {
	switch code {
	case api.Exists:
		return stepOverwrite
	case api.PermissionDenied, api.NotFound, api.NameInvalid, api.DocumentReadOnly, api.DocumentCheckedOut, api.DocumentNotCheckedOut:
		return stepPlace
	case api.LicenseNotEntitled, api.LicenseFrozen, api.LicenseExpired, api.LicenseReleased:
		return stepLicenses
	case api.TooLarge, api.Unsupported, api.InvalidArgument:
		return stepCopy
	}
	return stepRetry
}

// others are the steps that are offered behind the one, for a save that waits
// for its user.
func others(t api.Transfer, first step) []step {
	var all []step
	switch {
	case refused(t) && t.Reason.Code == api.ContentDamaged:
		return nil
	case refused(t):
		all = []step{stepRetry, stepPlace, stepCopy}
	case t.State == waiting || t.State == failed:
		all = []step{stepPlace}
	}
	kept := all[:0]
	for _, s := range all {
		if s != first {
			kept = append(kept, s)
		}
	}
	return kept
}
