package server

import (
	"context"
	"io"

	"iscdesk.dev/agent/api"
)

// User is everything the service does for one user of the operating system.
// The daemon builds one per user; nothing in it can reach another's.
type User struct {
	Account  Account
	Licenses Licenses
	Files    Files
	Apps     Apps
	Solves   Solves
	Events   Events
	Health   Health
	Settings Settings
	Messages Messages
	// Heartbeat is the interval in seconds that the marketplace sets; nil or
	// 0: it has not said.
	Heartbeat func() int
	// Logs is the end of the service's log: the user's own lines and nobody's,
	// or everybody's where all is set; nil: there is no log to read.
	Logs func(all bool) (api.Logs, error)
}

// Account signs the user in and out.
type Account interface {
	State() api.Account
	LoginBegin(context.Context, api.LoginBegin) (api.LoginBegun, error)
	LoginComplete(context.Context, api.LoginComplete) (api.Account, error)
	// LoginCancel forgets a login under way; one that is not known is forgotten
	// already.
	LoginCancel(context.Context, api.LoginCancel) error
	DeviceBegin(context.Context) (api.DeviceLogin, error)
	// DeviceAwait returns when the login was decided, or with ctx.
	DeviceAwait(ctx context.Context, id string) (api.Account, error)
	Logout(context.Context) error
}

// Licenses gets licences and leases for the user's applications.
type Licenses interface {
	List(context.Context) ([]api.License, error)
	Request(context.Context, api.Session, api.LicenseRequest) (api.LicenseTicket, error)
	Verdict(context.Context, api.Session, api.LicenseVerdict) error
	File(ctx context.Context, app api.Session, request string) (api.FetchHeader, io.ReadCloser, error)
	Acquire(context.Context, api.Session, api.LeaseRequest) (api.LeaseGrant, error)
	Release(context.Context, api.Session, api.LeaseRelease) error
	// Deadline is when the session's lease ends, in Unix seconds; 0 without one.
	Deadline(session string) int64
	// SessionOpened and SessionClosed follow the application's connection, in
	// order and for one session at a time; they must not wait for anything. The
	// leases of a session whose process is gone are released at once.
	SessionOpened(api.Session)
	SessionClosed(api.Session)
}

// Files keeps the user's documents.
type Files interface {
	List(ctx context.Context, path string) (api.Listing, error)
	History(ctx context.Context, path string) ([]api.Version, error)
	Search(ctx context.Context, q, path string) (api.Listing, error)
	Recent(context.Context) ([]api.Recent, error)
	Trash(ctx context.Context, path string) (api.TrashedDocument, error)
	Trashed(ctx context.Context, path string) (api.Trashed, error)
	Untrash(context.Context, api.Untrash) (api.Entry, error)
	CreateFolder(ctx context.Context, path string) error
	Restore(context.Context, api.RestoreRequest) (api.Version, error)
	CheckOut(ctx context.Context, path string) (api.Entry, error)
	CheckIn(ctx context.Context, path string) (api.Entry, error)

	Pick(context.Context, api.Session) (api.PickTicket, error)
	Picks() []api.Pick
	AnswerPick(ctx context.Context, id string, answer api.PickAnswer) error
	// SessionClosed withdraws the picks that nobody waits for any more.
	SessionClosed(api.Session)

	Opened(context.Context, api.OpenedDocument) error
	Lookup(context.Context, api.DocumentLookup) (api.OpenedDocument, error)

	BeginSave(context.Context, api.Session, api.SaveBegin) (Save, error)
	Fetch(context.Context, api.FetchBegin) (api.FetchHeader, io.ReadCloser, error)

	Transfers() []api.Transfer
	Retry(ctx context.Context, operation string) error
	Redirect(ctx context.Context, operation string, to api.Redirect) error
	Discard(ctx context.Context, operation string) error
	Uploads() api.Uploads
	PauseUploads(context.Context, api.Uploads) error

	Conflicts(context.Context) ([]api.Conflict, error)
	EndConflict(ctx context.Context, id string, answer api.ConflictAnswer) error
}

// Save takes the content of one save. Exactly one of Commit and Abort ends it.
type Save interface {
	Ticket() api.SaveTicket
	// Write takes the bytes of the entries, one after the other.
	io.Writer
	// Commit returns once the content is fsynced in the staging.
	Commit(context.Context, api.SaveCommit) (api.Saved, error)
	Abort()
}

// Apps installs and upgrades the user's applications.
type Apps interface {
	List(context.Context) ([]api.App, error)
	Check(context.Context, api.Session) error
	Answer(context.Context, api.Session, api.UpgradeAnswer) error
	AnswerUser(context.Context, api.UserUpgradeAnswer) error
	Install(ctx context.Context, product string) error
	// Uninstall removes what Install has installed. It fails with
	// api.AppRunning while the application runs.
	Uninstall(ctx context.Context, product string) error
	SessionOpened(api.Session)
	SessionClosed(api.Session)
}

// Solves follows the user's solves in the cloud.
type Solves interface {
	List(context.Context) ([]api.Solve, error)
	Cancel(ctx context.Context, id string) error
}

// Events is where the engines say what happened, and where sessions and
// watches hear it.
type Events interface {
	// Publish keeps an event that is meant for a session until the session has
	// had it, and tells everyone who watches.
	Publish(context.Context, api.Event)
	// Changed tells the watches that a section of the state is another now.
	Changed(section string)
	// Since gives the kept events for a session and for its product after seq,
	// and follows them.
	Since(ctx context.Context, app api.Session, seq uint64) (EventStream, error)
	// Watch follows every event and changed section of the user.
	Watch(context.Context) (Watch, error)
}

// EventStream gives a session its events in order.
type EventStream interface {
	// Next waits for the next event, or for ctx.
	Next(context.Context) (api.Event, error)
	Close()
}

// Watch gives a tray or CLI what changed.
type Watch interface {
	// Next waits for the next change. Sections are coalesced; skipped counts
	// the events that a slow reader missed.
	Next(context.Context) (event *api.Event, sections []string, skipped int, err error)
	Close()
}

// Health knows lasting trouble and examines the machine.
type Health interface {
	Warnings() []api.Warning
	Doctor(context.Context) []api.Check
}

// Settings keeps what the user has chosen for himself.
type Settings interface {
	// Settings are those in force.
	Settings() api.Settings
	// Change is durable when it returns, with those in force then.
	Change(context.Context, api.SettingsChange) (api.Settings, error)
}

// Messages keeps what happened to the user.
type Messages interface {
	// List gives all that are kept, the latest first.
	List(context.Context) ([]api.Message, error)
	// Read marks them as read; no ids: all.
	Read(ctx context.Context, ids []string) error
}
