package mend

import "iscdesk.dev/agent/api"

// Step is the one thing that mends something.
type Step string

// The steps. Those that need something of the subject (see Subject) are no
// button without it.
const (
	// Nothing is for what mends itself, or what the text itself says all about.
	Nothing Step = ""

	SignIn      Step = "sign_in"
	Renew       Step = "renew"       // pay for it in the marketplace
	Marketplace Step = "marketplace" // have it assigned or bought there
	Check       Step = "check"       // examine it again: it was mended outside
	Retry       Step = "retry"       // needs Subject.Retry

	Resume        Step = "resume"        // the uploads were paused
	Pending       Step = "pending"       // what is saved and not published
	Transfer      Step = "transfer"      // one of them; needs Operation
	Conflicts     Step = "conflicts"     // what was saved by two
	Document      Step = "document"      // needs Path
	Application   Step = "application"   // needs Product
	License       Step = "license"       // needs Product
	Solves        Step = "solves"        // the list of solves
	Administrator Step = "administrator" // what the administrator has set
	Checks        Step = "checks"        // what was examined, with the outcome
	Bundle        Step = "bundle"        // support needs to see it
	CopyEvent     Step = "copy_event"    // the number that the vendor asks for
	CopyDetails   Step = "copy_details"  // what to send to the vendor
)

// Row is the step for a code.
type Row struct {
	Code api.Code
	Step Step
}

// Table is the step for every code of the error table, in its order.
//
//nolint:funlen // one line per code; cutting the table up would hide it
func Table() []Row {
	return []Row{
		{api.Internal, Bundle},
		{api.InvalidArgument, Nothing},
		{api.NotInitialized, Nothing},
		{api.AlreadyInitialized, Nothing},
		{api.BufferTooSmall, Nothing},
		{api.ServiceUnavailable, Nothing}, // found again by itself
		{api.ServiceTooOld, Nothing},
		{api.ServiceTooNew, Application},
		{api.Timeout, Retry},
		{api.Cancelled, Nothing},
		{api.Busy, Retry},
		{api.Offline, Check},
		{api.SignedOut, SignIn},
		{api.PermissionDenied, Transfer},
		{api.NotFound, Transfer},
		{api.Exists, Transfer},
		{api.TooLarge, Transfer},
		{api.Unsupported, Nothing},
		{api.Protocol, Bundle},
		{api.ShuttingDown, Nothing},
		{api.MarketplaceFailed, Retry},
		{api.NoPicker, Nothing},
		{api.LoginFailed, SignIn},
		{api.ServiceImpostor, Nothing},
		{api.ClockWrong, Check},
		{api.DiskLow, Pending},
		{api.StateDamaged, Bundle},
		{api.Untrusted, Check},
		{api.NotConfigured, Administrator},

		{api.LicensePending, Nothing},
		{api.LicenseNotEntitled, Marketplace},
		{api.LicenseVendorUnreachable, Nothing}, // asked again by itself
		{api.LicenseVendorRefused, CopyEvent},
		{api.LicenseQuotaExhausted, Marketplace},
		{api.LicenseOutsidePeriod, Renew},
		{api.LicenseExpiryRequired, CopyEvent},
		{api.LicenseFingerprintRequired, Checks},
		{api.LicenseFrozen, Renew},
		{api.LicenseReleased, Marketplace},
		{api.LicenseExpired, Renew},
		{api.LicenseUndecided, CopyEvent},
		{api.LicenseRejectedByApp, CopyDetails},
		{api.LicenseExpiring, Renew},

		{api.LeaseNoSeat, Marketplace},
		{api.LeaseMalformed, Nothing},
		{api.LeaseBadSignature, Bundle},
		{api.LeaseUnknownKey, Application},
		{api.LeaseWrongProduct, Nothing},
		{api.LeaseWrongDevice, Nothing},
		{api.LeaseWrongUser, Nothing},
		{api.LeaseNotYetValid, Check},
		{api.LeaseExpired, Check},
		{api.LeaseRevoked, License},
		{api.LeaseClockSetBack, Check},
		{api.LeaseNotHeld, Nothing},
		{api.LeaseNoFeature, Marketplace},
		{api.DeviceUnknown, Check},

		{api.DocumentReadOnly, Document},
		{api.DocumentConflict, Conflicts},
		{api.DocumentCheckedOut, Transfer},
		{api.DocumentNotCheckedOut, Document},
		{api.AssemblyNotFolder, Nothing},
		{api.AssemblyMainMissing, Nothing},
		{api.AssemblyDependencyMissing, Nothing},
		{api.AssemblyEmpty, Nothing},
		{api.NameInvalid, Transfer},
		{api.FileUnreadable, Nothing},
		{api.FileUnwritable, Nothing},
		{api.FileChanged, Nothing},
		{api.FileModified, Nothing},
		{api.ContentDamaged, Retry},
		{api.DiskFull, Pending},
		{api.NotAFile, Nothing},
		{api.SavedByOther, SignIn},
		{api.TransfersFailed, Pending},

		{api.PackageDamaged, Application},
		{api.PackageUnsafe, Application},
		{api.InstallFailed, Application},
		{api.AppRunning, Application},
		{api.SolveFailed, Solves},
		{api.UpgradeWaiting, Application},

		{api.PolicyForbids, Administrator},
		{api.PolicyValue, Administrator},
		{api.PolicyUnknown, Administrator},
		{api.PolicyRefused, Administrator},
		{api.PolicyOverruled, Administrator},
		{api.ProxyFailed, Check},
		{api.TenantRefused, SignIn},
		{api.StagingFull, Pending},
		{api.CAFileUnusable, Administrator},
		{api.UploadsPaused, Resume},
		{api.SavesWaiting, Pending},
		{api.DocumentChanged, Document},
	}
}

// For is the step that mends what has this code. A code that is newer than
// this program has none: its text says all.
func For(code api.Code) Step {
	for _, row := range Table() {
		if row.Code == code {
			return row.Step
		}
	}
	return Nothing
}
