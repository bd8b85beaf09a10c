package fault

// The codes that the marketplace answers with. Each stands in the project's
// error table under the same name.
const (
	Internal         Code = "internal"
	InvalidArgument  Code = "invalid_argument"
	Timeout          Code = "timeout"
	Cancelled        Code = "cancelled"
	Busy             Code = "busy"
	SignedOut        Code = "signed_out"
	PermissionDenied Code = "permission_denied"
	NotFound         Code = "not_found"
	Exists           Code = "exists"
	TooLarge         Code = "too_large"
	Unsupported      Code = "unsupported"
	Protocol         Code = "protocol"
	ShuttingDown     Code = "shutting_down"

	LicensePending             Code = "license_pending"
	LicenseNotEntitled         Code = "license_not_entitled"
	LicenseVendorUnreachable   Code = "license_vendor_unreachable"
	LicenseVendorRefused       Code = "license_vendor_refused"
	LicenseQuotaExhausted      Code = "license_quota_exhausted"
	LicenseOutsidePeriod       Code = "license_outside_period"
	LicenseExpiryRequired      Code = "license_expiry_required"
	LicenseFingerprintRequired Code = "license_fingerprint_required"
	LicenseFrozen              Code = "license_frozen"
	LicenseReleased            Code = "license_released"
	LicenseExpired             Code = "license_expired"
	LicenseUndecided           Code = "license_undecided"

	LeaseNoSeat    Code = "lease_no_seat"
	LeaseExpired   Code = "lease_expired"
	LeaseRevoked   Code = "lease_revoked"
	LeaseNotHeld   Code = "lease_not_held"
	LeaseNoFeature Code = "lease_no_feature"

	DocumentCheckedOut    Code = "document_checked_out"
	DocumentNotCheckedOut Code = "document_not_checked_out"
	DocumentChanged       Code = "document_changed"
	NameInvalid           Code = "name_invalid"
	ContentDamaged        Code = "content_damaged"
	DiskFull              Code = "disk_full"

	PackageDamaged Code = "package_damaged"
	SolveFailed    Code = "solve_failed"
)

// Codes is every code that the marketplace uses with its HTTP status, which
// is the one of the error table.
func Codes() map[Code]int {
	return map[Code]int{
		Internal: 500, InvalidArgument: 400, Timeout: 504, Cancelled: 409, Busy: 429, SignedOut: 401,
		PermissionDenied: 403, NotFound: 404, Exists: 409, TooLarge: 413, Unsupported: 501, Protocol: 400, ShuttingDown: 503,

		LicensePending: 202, LicenseNotEntitled: 403, LicenseVendorUnreachable: 502, LicenseVendorRefused: 403,
		LicenseQuotaExhausted: 403, LicenseOutsidePeriod: 403, LicenseExpiryRequired: 502, LicenseFingerprintRequired: 400,
		LicenseFrozen: 403, LicenseReleased: 403, LicenseExpired: 403, LicenseUndecided: 504,

		LeaseNoSeat: 409, LeaseExpired: 403, LeaseRevoked: 403, LeaseNotHeld: 404, LeaseNoFeature: 403,

		DocumentCheckedOut: 409, DocumentNotCheckedOut: 409, DocumentChanged: 409, NameInvalid: 400, ContentDamaged: 502, DiskFull: 507,

		PackageDamaged: 502, SolveFailed: 422,
	}
}
