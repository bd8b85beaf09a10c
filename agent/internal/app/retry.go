package app

import (
	"errors"
	"time"

	"iscdesk.dev/agent/api"
)

const (
	firstRetry = 30 * time.Second
	lastRetry  = 30 * time.Minute
	// maxDamaged is how often a package that does not match its checksum is
	// fetched anew before people are asked.
	maxDamaged = 3
)

// fail gives the failure that follows old when a step ended with err: whether
// it is tried again by itself, and when.
func fail(old *failure, err error, now time.Time) *failure {
	f := &failure{Reason: api.AsError(err), Attempts: 1}
	if old != nil && old.Reason.Code == f.Reason.Code {
		f.Attempts = old.Attempts + 1
	}
	switch f.Reason.Code {
	case api.InstallFailed, api.PackageUnsafe, api.Unsupported, api.NameInvalid, api.NotFound, api.TooLarge, api.PermissionDenied:
		f.Lasting = true
	case api.PackageDamaged, api.ContentDamaged:
		f.Lasting = f.Attempts >= maxDamaged
	}
	if !f.Lasting {
		f.RetryAt = now.Add(min(firstRetry<<min(f.Attempts-1, 10), lastRetry))
	}
	return f
}

// curedByNetwork tells whether a failure is worth another try as soon as the
// marketplace is there again.
func curedByNetwork(f *failure) bool {
	if f.Lasting {
		return false
	}
	for _, code := range []api.Code{api.Offline, api.Timeout, api.MarketplaceFailed, api.SignedOut, api.Busy} {
		if errors.Is(f.Reason, code) {
			return true
		}
	}
	return false
}
