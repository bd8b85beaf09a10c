package cli

import (
	"context"
	"errors"

	"iscdesk.dev/agent/api"
)

// The exit codes of iscdesk. They are part of its interface: scripts rely on
// them, so a number never changes its meaning.
const (
	ExitOK          = 0  // done
	ExitFailed      = 1  // anything without a code of its own
	ExitUsage       = 2  // the command line was wrong
	ExitNoService   = 3  // the service cannot be reached, or cannot be talked to
	ExitSignedOut   = 4  // nobody is signed in, or signing in failed
	ExitOffline     = 5  // the marketplace or the vendor cannot be reached
	ExitConflict    = 6  // somebody else's work is in the way
	ExitCancelled   = 7  // the user or the caller cancelled
	ExitNotFound    = 8  // what was named does not exist
	ExitNotAllowed  = 9  // a licence or permission is missing
	ExitStillGoing  = 10 // no answer in time; what was asked for goes on
	ExitUnsuitable  = 11 // a local file or folder does not fit
	ExitInterrupted = 130
)

// ExitCode is the exit code for an error: first by its code, then by the HTTP
// status that the error table gives it.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if errors.Is(err, context.Canceled) {
		return ExitInterrupted
	}
	code := api.AsError(err).Code
	if exit, ok := exitByCode(code); ok {
		return exit
	}
	row, _ := api.Lookup(code)
	return exitByStatus(row.HTTP)
}

// exitByCode holds the codes whose HTTP status says too little.
func exitByCode(code api.Code) (exit int, ok bool) {
	switch code {
	case api.InvalidArgument:
		return ExitUsage, true
	case api.ServiceUnavailable, api.ServiceTooOld, api.ServiceTooNew, api.ServiceImpostor,
		api.ShuttingDown, api.Protocol:
		return ExitNoService, true
	case api.Offline, api.ProxyFailed, api.NotConfigured, api.MarketplaceFailed, api.LicenseVendorUnreachable, api.Untrusted:
		return ExitOffline, true
	case api.PolicyOverruled:
		return ExitFailed, true
	case api.DocumentReadOnly:
		return ExitConflict, true
	case api.Cancelled:
		return ExitCancelled, true
	case api.LicensePending, api.LicenseUndecided, api.Timeout, api.Busy:
		return ExitStillGoing, true
	case api.LeaseNoSeat, api.LeaseNotHeld:
		return ExitNotAllowed, true
	case api.AssemblyNotFolder, api.AssemblyMainMissing, api.AssemblyDependencyMissing,
		api.AssemblyEmpty, api.NameInvalid, api.FileUnreadable, api.FileUnwritable, api.NotAFile:
		return ExitUnsuitable, true
	}
	return 0, false
}

func exitByStatus(status int) int {
	switch status {
	case 401:
		return ExitSignedOut
	case 403:
		return ExitNotAllowed
	case 404:
		return ExitNotFound
	case 409:
		return ExitConflict
	case 413:
		return ExitUnsuitable
	}
	return ExitFailed
}
