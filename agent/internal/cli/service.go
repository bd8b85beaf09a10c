package cli

import (
	"context"

	"iscdesk.dev/agent/api"
)

// Service is what the commands ask of the iscdesk service. The errors are
// *api.Error.
type Service interface {
	Accounts
	Documents
	Programs

	State(context.Context) (api.State, error)
	// Watch gives the whole state first and every change after it.
	Watch(context.Context) (Watch, error)
	Doctor(context.Context) ([]api.Check, error)
	// Policy gives the administrator's settings in force.
	Policy(context.Context) (api.Policy, error)
	Logs(context.Context) (api.Logs, error)
	Licenses(context.Context) ([]api.License, error)
	// Messages gives what happened, the latest first.
	Messages(context.Context) ([]api.Message, error)
	ReadMessages(ctx context.Context, ids ...string) error
	Settings(context.Context) (api.Settings, error)
	ChangeSettings(context.Context, api.SettingsChange) (api.Settings, error)
}

// Accounts signs in and out.
type Accounts interface {
	LoginBegin(context.Context, api.LoginBegin) (api.LoginBegun, error)
	LoginComplete(context.Context, api.LoginComplete) (api.Account, error)
	LoginCancel(context.Context, api.LoginCancel) error
	DeviceBegin(context.Context) (api.DeviceLogin, error)
	DeviceAwait(ctx context.Context, id string) (api.Account, error)
	Logout(context.Context) error
}

// Documents looks at and moves the user's documents.
type Documents interface {
	List(ctx context.Context, path string) (api.Listing, error)
	History(ctx context.Context, path string) ([]api.Version, error)
	CreateFolder(ctx context.Context, path string) error
	Restore(context.Context, api.RestoreRequest) (api.Version, error)
	CheckOut(ctx context.Context, path string) (api.Entry, error)
	CheckIn(ctx context.Context, path string) (api.Entry, error)
	AnswerPick(ctx context.Context, id string, answer api.PickAnswer) error
	Retry(ctx context.Context, operation string) error
	Redirect(ctx context.Context, operation string, to api.Redirect) error
	Discard(ctx context.Context, operation string) error
	Search(ctx context.Context, q, path string) (api.Listing, error)
	Recent(context.Context) ([]api.Recent, error)
	Trash(ctx context.Context, path string) (api.TrashedDocument, error)
	Trashed(ctx context.Context, path string) (api.Trashed, error)
	Untrash(context.Context, api.Untrash) (api.Entry, error)
	PauseUploads(ctx context.Context, paused bool) error
	Conflicts(context.Context) ([]api.Conflict, error)
	EndConflict(ctx context.Context, id string, answer api.ConflictAnswer) error
	// Lookup tells what a local path was got from; api.NotFound if nothing.
	Lookup(ctx context.Context, local string) (api.OpenedDocument, error)
	// Save reads a local file or assembly folder with the user's rights and
	// returns once its content is safe on this machine.
	Save(context.Context, SaveOrder) (api.Saved, error)
	// Fetch writes a document to a local path with the user's rights.
	Fetch(context.Context, FetchOrder) (Fetched, error)
}

// Programs looks after applications and solves.
type Programs interface {
	Apps(context.Context) ([]api.App, error)
	Solves(context.Context) ([]api.Solve, error)
	Install(ctx context.Context, product string) error
	Uninstall(ctx context.Context, product string) error
	AnswerUpgrade(context.Context, api.UserUpgradeAnswer) error
	CancelSolve(ctx context.Context, id string) error
}

// Watch follows the state.
type Watch interface {
	Next(context.Context) (api.WatchMessage, error)
	Close()
}

// SaveOrder is what 'files put' and 'solve' save.
type SaveOrder struct {
	Local     string // absolute
	Cloud     string // empty: where Local was opened from, or the user's own space
	Overwrite bool
	Base      int    // the version of Cloud that the content builds on; 0: not known
	Operation string // idempotency key; empty: a new one
	Comment   string
	Solve     bool
	// Progress hears of the bytes sent to the service; it may be nil.
	Progress func(done, total int64)
}

// FetchOrder is what 'files get' fetches.
type FetchOrder struct {
	Cloud    string
	Version  int    // 0: the newest
	Local    string // absolute: the file or folder to write
	Checkout bool   // it was checked out for editing
	Progress func(done, total int64)
}

// Fetched is what 'files get' wrote.
type Fetched struct {
	LocalPath string           `json:"localPath"`
	Path      string           `json:"path"`
	Kind      api.DocumentKind `json:"kind"`
	Version   int              `json:"version"`
	Size      int64            `json:"size"`
	// Aside is where a local copy went that was in the way and had changes
	// which were never saved.
	Aside string `json:"aside,omitempty"`
}
