package api

import "encoding/json"

// ProtocolVersion is the version of the framed session protocol. A service answers
// every version from ProtocolOldest to ProtocolVersion.
const (
	ProtocolVersion = 1
	ProtocolOldest  = 1
)

// The names of the calls of a framed session. The first call on a connection
// is always CallHello.
const (
	CallHello          = "hello"           // Hello → HelloReply
	CallHeartbeat      = "heartbeat"       // nil → Heartbeat
	CallLicenseRequest = "license.request" // LicenseRequest → LicenseTicket; the answer is EventLicenseVerify
	CallLicenseVerdict = "license.verdict" // LicenseVerdict → nil
	CallLicenseFile    = "license.file"    // LicenseFileFetch → FetchHeader, then content (transfer connection)
	CallLeaseAcquire   = "lease.acquire"   // LeaseRequest → LeaseGrant
	CallLeaseRelease   = "lease.release"   // LeaseRelease → nil
	CallAppCheck       = "app.check"       // nil → nil; the answer is EventUpgradeNotice
	CallAppAnswer      = "app.answer"      // UpgradeAnswer → nil
	CallDocumentPick   = "document.pick"   // nil → PickTicket; the answer is EventDocumentPicked
	CallDocumentOpened = "document.opened" // OpenedDocument → nil: the caller wrote the document to this path (both roles)
	CallDocumentLookup = "document.lookup" // DocumentLookup → OpenedDocument: what this path was opened from (both roles)
	CallSaveBegin      = "save.begin"      // SaveBegin → SaveTicket, then content (transfer connection)
	CallSaveCommit     = "save.commit"     // SaveCommit → Saved (transfer connection)
	CallFetchBegin     = "fetch.begin"     // FetchBegin → FetchHeader, then content (transfer connection)
	CallSolveCancel    = "solve.cancel"    // SolveRef → nil
)

// Role tells what a connection is for.
type Role string

// The roles of a connection. Content flows only on transfer connections, so
// that a large save never delays a call.
const (
	RoleSession  Role = "session"
	RoleTransfer Role = "transfer"
)

// Hello opens a framed session.
type Hello struct {
	Protocol int  `json:"protocol"`
	Role     Role `json:"role"`
	// Session is the random identity that the library gave itself at Init; it
	// stays the same over reconnects, and a transfer names the session that it
	// belongs to.
	Session string `json:"session"`
	// Product and Version name the application as the catalogue knows it.
	Product string `json:"product"`
	Version string `json:"version"`
	// Library is the version of the SDK library.
	Library string `json:"library"`
	// LastEvent is the highest event number this session has delivered; the
	// service sends later ones again.
	LastEvent uint64 `json:"lastEvent,omitempty"`
}

// HelloReply answers Hello.
type HelloReply struct {
	Protocol int    `json:"protocol"`
	Service  string `json:"service"` // version of the service
	// HeartbeatSeconds is the interval that the marketplace sets.
	HeartbeatSeconds int       `json:"heartbeatSeconds"`
	State            Heartbeat `json:"state"`
}

// ServiceState is the service's state as a heartbeat reports it.
type ServiceState string

// The states that a heartbeat reports.
const (
	StateOnline    ServiceState = "online"
	StateOffline   ServiceState = "offline"
	StateSignedOut ServiceState = "signed_out"
)

// Heartbeat is the answer to CallHeartbeat and the data of EventHeartbeat.
type Heartbeat struct {
	State ServiceState `json:"state"`
	// IntervalSeconds is when the next automatic heartbeat is due.
	IntervalSeconds int `json:"intervalSeconds"`
	// LeaseDeadline is when the session's lease ends if it is not renewed, in
	// Unix seconds; 0 without a lease.
	LeaseDeadline int64 `json:"leaseDeadline"`
}

// Event is something that happened to a user, and perhaps to one session of
// that user.
type Event struct {
	// Seq rises by at least one per event of a user. It survives restarts.
	Seq  uint64 `json:"seq"`
	Name string `json:"name"`
	// Session is the one session that the event is for; empty: every session
	// of the product Product, and where that is empty too, everyone who watches.
	Session string `json:"session,omitempty"`
	Product string `json:"product,omitempty"`
	// Time is Unix milliseconds.
	Time int64           `json:"time"`
	Data json.RawMessage `json:"data,omitempty"`
}

// The names of the events, with the type of their data.
const (
	EventHeartbeat         = "heartbeat"          // Heartbeat
	EventServiceClosing    = "service.closing"    // nil: the service stops; the session reconnects by itself
	EventLicenseVerify     = "license.verify"     // LicenseAnswer
	EventLicenseChanged    = "license.changed"    // LicenseChange
	EventTrialExpired      = "license.trial_over" // TrialOver
	EventLeaseRenewed      = "lease.renewed"      // LeaseGrant
	EventLeaseLost         = "lease.lost"         // LeaseLoss
	EventDocumentPicked    = "document.picked"    // Picked
	EventDocumentSaved     = "document.saved"     // Saved
	EventUploadProgress    = "document.uploading" // UploadProgress
	EventDocumentPublished = "document.published" // Published
	EventUpgradeNotice     = "app.notice"         // UpgradeNotice
	EventUpgrade           = "app.upgrade"        // UpgradeOrder
	EventInstallProgress   = "app.installing"     // InstallProgress
	EventSolve             = "solve.changed"      // Solve
)
