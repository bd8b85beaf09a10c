package desk

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/session"
)

// Service is what the tray app asks of the service; *client.Client is one.
type Service interface {
	State(ctx context.Context) (api.State, error)
	Watch(ctx context.Context) (*client.Watch, error)
	Policy(ctx context.Context) (api.Policy, error)
	Doctor(ctx context.Context) ([]api.Check, error)
	Logs(ctx context.Context) (api.Logs, error)

	LoginBegin(ctx context.Context, in api.LoginBegin) (api.LoginBegun, error)
	LoginComplete(ctx context.Context, in api.LoginComplete) (api.Account, error)
	LoginCancel(ctx context.Context, in api.LoginCancel) error
	DeviceBegin(ctx context.Context) (api.DeviceLogin, error)
	DeviceAwait(ctx context.Context, id string) (api.Account, error)
	Logout(ctx context.Context) error

	List(ctx context.Context, path string) (api.Listing, error)
	Search(ctx context.Context, q, path string) (api.Listing, error)
	History(ctx context.Context, path string) ([]api.Version, error)
	CreateFolder(ctx context.Context, path string) error
	Restore(ctx context.Context, in api.RestoreRequest) (api.Version, error)
	CheckOut(ctx context.Context, path string) (api.Entry, error)
	CheckIn(ctx context.Context, path string) (api.Entry, error)
	AnswerPick(ctx context.Context, id string, answer api.PickAnswer) error
	Transfer(ctx context.Context) (*session.Client, error)

	PauseUploads(ctx context.Context, paused bool) error
	Retry(ctx context.Context, operation string) error
	Redirect(ctx context.Context, operation string, to api.Redirect) error
	Discard(ctx context.Context, operation string) error
	EndConflict(ctx context.Context, id string, answer api.ConflictAnswer) error

	Install(ctx context.Context, product string) error
	Uninstall(ctx context.Context, product string) error
	AnswerUpgrade(ctx context.Context, in api.UserUpgradeAnswer) error
	CancelSolve(ctx context.Context, id string) error

	ReadMessages(ctx context.Context, ids ...string) error
	ChangeSettings(ctx context.Context, change api.SettingsChange) (api.Settings, error)
}
