package api

// LicenseKind is the form in which a licence is handed over.
type LicenseKind string

// The kinds of licence, spelt as the events spell them.
const (
	LicenseString LicenseKind = "string"
	LicenseFile   LicenseKind = "file"
)

// LicenseRequest asks for the application's licence.
type LicenseRequest struct {
	Kind LicenseKind `json:"kind"`
	// DeviceInfo is the application's own description of the machine; empty:
	// the service takes the fingerprint.
	DeviceInfo string `json:"deviceInfo,omitempty"`
	// Trial asks for the dialog that offers to apply for a licence first.
	Trial bool `json:"trial,omitempty"`
	// Tag comes back with the answer.
	Tag string `json:"tag,omitempty"`
}

// LicenseTicket is the immediate answer to a request; the decision follows as
// an event.
type LicenseTicket struct {
	Request string `json:"request"`
}

// LicenseState is where a licence request stands.
type LicenseState string

// The states of a licence request.
const (
	LicensePendingState LicenseState = "pending"
	LicenseGranted      LicenseState = "granted"
	LicenseRefused      LicenseState = "refused"
)

// LicenseAnswer is the data of EventLicenseVerify. A request that is still
// pending when the application must be told something carries State pending
// and a Reason; the decision follows as another event.
type LicenseAnswer struct {
	Request string       `json:"request"`
	EventID string       `json:"eventId,omitempty"` // the marketplace's event id
	State   LicenseState `json:"state"`
	Kind    LicenseKind  `json:"kind"`
	// Content is the licence string of kind string.
	Content string `json:"content,omitempty"`
	// FileName, Size and SHA256 describe the licence file; its content is
	// fetched with CallLicenseFile and written by the caller.
	FileName string `json:"fileName,omitempty"`
	Size     int64  `json:"size,omitempty"`
	SHA256   string `json:"sha256,omitempty"`
	// Cached tells that the answer was kept from an earlier request.
	Cached bool   `json:"cached,omitempty"`
	Reason *Error `json:"reason,omitempty"`
	Tag    string `json:"tag,omitempty"`
}

// LicenseFileFetch asks for the content of a granted licence file.
type LicenseFileFetch struct {
	Request string `json:"request"`
}

// LicenseVerdict is the application's own verdict on its licence.
type LicenseVerdict struct {
	Accepted bool   `json:"accepted"`
	Message  string `json:"message,omitempty"`
}

// License is one licence of the signed-in user, for screens and the CLI.
type License struct {
	Product       string   `json:"product"`
	ProductName   string   `json:"productName"`
	Instance      string   `json:"instance"`
	Status        string   `json:"status"` // active, frozen, released, expired
	EffectiveTime int64    `json:"effectiveTime,omitempty"`
	ExpireTime    int64    `json:"expireTime,omitempty"` // Unix seconds; 0: no end
	Trial         bool     `json:"trial,omitempty"`
	Features      []string `json:"features,omitempty"`
	SeatsTotal    int      `json:"seatsTotal,omitempty"`
	SeatsUsed     int      `json:"seatsUsed,omitempty"`
	// Requests are this machine's requests and their verdicts.
	Requests []LicenseRecord `json:"requests,omitempty"`
	// Leases are the leases held now.
	Leases []LeaseInfo `json:"leases,omitempty"`
}

// LicenseRecord is one request as it stands.
type LicenseRecord struct {
	LicenseAnswer
	Updated int64 `json:"updated"` // Unix seconds
	// Verdict is what the application said of it: empty, accepted, rejected.
	Verdict        string `json:"verdict,omitempty"`
	VerdictMessage string `json:"verdictMessage,omitempty"`
}

// LicenseChange is pushed when a licence was frozen, unfrozen, released,
// renewed or expired.
type LicenseChange struct {
	Product    string `json:"product"`
	Instance   string `json:"instance"`
	Status     string `json:"status"`
	Change     string `json:"change"` // frozen, unfrozen, released, renewed, expired
	ExpireTime int64  `json:"expireTime,omitempty"`
	Reason     *Error `json:"reason,omitempty"`
}

// TrialOver is shown to the user by tray or CLI.
type TrialOver struct {
	Product string `json:"product"`
	Request string `json:"request"`
}

// LeaseRequest asks for a signed lease.
type LeaseRequest struct {
	Features []string `json:"features,omitempty"`
	// Nonce is random; a lease issued for this very call carries it.
	Nonce string `json:"nonce"`
}

// LeaseGrant is a lease as the vendor's key signed it.
type LeaseGrant struct {
	ID    string `json:"id"`
	Token string `json:"token"`
}

// LeaseRelease gives a lease back.
type LeaseRelease struct {
	ID string `json:"id"`
}

// LeaseLoss tells a session that its lease is gone.
type LeaseLoss struct {
	ID     string `json:"id"`
	Reason *Error `json:"reason"`
}

// LeaseInfo is a lease for screens and the CLI.
type LeaseInfo struct {
	ID      string `json:"id"`
	Session string `json:"session"`
	// Device is the beginning of the identity of the machine that it is bound
	// to, enough to tell two machines apart.
	Device   string   `json:"device,omitempty"`
	State    string   `json:"state"` // active, renewing, grace, expired
	Features []string `json:"features,omitempty"`
	Expires  int64    `json:"expires"`
	Grace    int64    `json:"grace"`
}
