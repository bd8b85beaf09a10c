package client

import (
	"context"
	"net/url"

	"iscdesk.dev/agent/api"
)

// Service says what runs. It costs the service nothing and makes no state for
// the caller.
func (c *Client) Service(ctx context.Context) (api.ServiceInfo, error) {
	return get[api.ServiceInfo](ctx, c, api.RouteService)
}

// State is the user's whole state.
func (c *Client) State(ctx context.Context) (api.State, error) {
	return get[api.State](ctx, c, api.RouteState)
}

// LoginBegin starts a login through the browser.
func (c *Client) LoginBegin(ctx context.Context, in api.LoginBegin) (api.LoginBegun, error) {
	return post[api.LoginBegun](ctx, c, api.RouteLoginBegin, in)
}

// LoginComplete hands in what the browser brought.
func (c *Client) LoginComplete(ctx context.Context, in api.LoginComplete) (api.Account, error) {
	return post[api.Account](ctx, c, api.RouteLoginComplete, in)
}

// LoginCancel gives up a login that was begun.
func (c *Client) LoginCancel(ctx context.Context, in api.LoginCancel) error {
	return c.call(ctx, api.RouteLoginCancel, nil, nil, in, nil)
}

// DeviceBegin starts a login on a machine without a browser.
func (c *Client) DeviceBegin(ctx context.Context) (api.DeviceLogin, error) {
	return get[api.DeviceLogin](ctx, c, api.RouteDeviceBegin)
}

// DeviceAwait waits until that login was decided.
func (c *Client) DeviceAwait(ctx context.Context, id string) (api.Account, error) {
	return get[api.Account](ctx, c, api.RouteDeviceAwait, id)
}

// Logout signs the user out.
func (c *Client) Logout(ctx context.Context) error {
	return c.call(ctx, api.RouteLogout, nil, nil, nil, nil)
}

// Licenses lists the user's licences.
func (c *Client) Licenses(ctx context.Context) ([]api.License, error) {
	return get[[]api.License](ctx, c, api.RouteLicenses)
}

// List lists a folder of the cloud.
func (c *Client) List(ctx context.Context, path string) (api.Listing, error) {
	return at[api.Listing](ctx, c, api.RouteList, path)
}

// Search finds documents and folders whose name contains q below path.
func (c *Client) Search(ctx context.Context, q, path string) (api.Listing, error) {
	var out api.Listing
	err := c.call(ctx, api.RouteSearch, nil, url.Values{"q": {q}, "path": {path}}, nil, &out)
	return out, err
}

// Recent lists the documents that the user has opened or saved here, the
// latest first.
func (c *Client) Recent(ctx context.Context) ([]api.Recent, error) {
	return get[[]api.Recent](ctx, c, api.RouteRecent)
}

// Trashed lists the documents below path that were set aside, the latest first.
func (c *Client) Trashed(ctx context.Context, path string) (api.Trashed, error) {
	return at[api.Trashed](ctx, c, api.RouteTrashed, path)
}

// Trash sets a document aside. Nothing of it is deleted.
func (c *Client) Trash(ctx context.Context, path string) (api.TrashedDocument, error) {
	return post[api.TrashedDocument](ctx, c, api.RouteTrash, api.PathRef{Path: path})
}

// Untrash takes a document back that was set aside.
func (c *Client) Untrash(ctx context.Context, in api.Untrash) (api.Entry, error) {
	return post[api.Entry](ctx, c, api.RouteUntrash, in)
}

// History lists the versions of a document, the newest first.
func (c *Client) History(ctx context.Context, path string) ([]api.Version, error) {
	return at[[]api.Version](ctx, c, api.RouteHistory, path)
}

// CreateFolder makes a folder in the cloud.
func (c *Client) CreateFolder(ctx context.Context, path string) error {
	return c.call(ctx, api.RouteFolder, nil, nil, api.PathRef{Path: path}, nil)
}

// Restore makes an old version the newest again.
func (c *Client) Restore(ctx context.Context, in api.RestoreRequest) (api.Version, error) {
	return post[api.Version](ctx, c, api.RouteRestore, in)
}

// CheckOut reserves a document for the user.
func (c *Client) CheckOut(ctx context.Context, path string) (api.Entry, error) {
	return post[api.Entry](ctx, c, api.RouteCheckout, api.PathRef{Path: path})
}

// CheckIn gives it back.
func (c *Client) CheckIn(ctx context.Context, path string) (api.Entry, error) {
	return post[api.Entry](ctx, c, api.RouteCheckin, api.PathRef{Path: path})
}

// Picks lists the applications that wait for their user to choose.
func (c *Client) Picks(ctx context.Context) ([]api.Pick, error) {
	return get[[]api.Pick](ctx, c, api.RoutePicks)
}

// AnswerPick hands in what the user chose.
func (c *Client) AnswerPick(ctx context.Context, id string, answer api.PickAnswer) error {
	return c.call(ctx, api.RoutePickAnswer, []string{id}, nil, answer, nil)
}

// Transfers lists what is saved and not yet published.
func (c *Client) Transfers(ctx context.Context) ([]api.Transfer, error) {
	return get[[]api.Transfer](ctx, c, api.RouteTransfers)
}

// Retry tries a transfer again now.
func (c *Client) Retry(ctx context.Context, operation string) error {
	return c.call(ctx, api.RouteTransferRetry, []string{operation}, nil, nil, nil)
}

// Redirect publishes a transfer to another place than it was meant for.
func (c *Client) Redirect(ctx context.Context, operation string, to api.Redirect) error {
	return c.call(ctx, api.RouteTransferMove, []string{operation}, nil, to, nil)
}

// Discard forgets a transfer, and its content on this machine.
func (c *Client) Discard(ctx context.Context, operation string) error {
	return c.call(ctx, api.RouteTransferDrop, []string{operation}, nil, nil, nil)
}

// PauseUploads stops sending, or goes on with it. Saving goes on in any case.
func (c *Client) PauseUploads(ctx context.Context, paused bool) error {
	return c.call(ctx, api.RouteUploadsPause, nil, nil, api.Uploads{Paused: paused}, nil)
}

// Conflicts lists the saves that met a newer version and wait for a choice.
func (c *Client) Conflicts(ctx context.Context) ([]api.Conflict, error) {
	return get[[]api.Conflict](ctx, c, api.RouteConflicts)
}

// EndConflict hands in the user's choice.
func (c *Client) EndConflict(ctx context.Context, id string, answer api.ConflictAnswer) error {
	return c.call(ctx, api.RouteConflictEnd, []string{id}, nil, answer, nil)
}

// Apps lists the applications of the catalogue as they stand on this machine.
func (c *Client) Apps(ctx context.Context) ([]api.App, error) {
	return get[[]api.App](ctx, c, api.RouteApps)
}

// Install installs or upgrades an application.
func (c *Client) Install(ctx context.Context, product string) error {
	return c.call(ctx, api.RouteAppInstall, []string{product}, nil, nil, nil)
}

// Uninstall removes an application that iscdesk has installed.
func (c *Client) Uninstall(ctx context.Context, product string) error {
	return c.call(ctx, api.RouteAppUninstall, []string{product}, nil, nil, nil)
}

// AnswerUpgrade hands in the user's answer to an upgrade.
func (c *Client) AnswerUpgrade(ctx context.Context, in api.UserUpgradeAnswer) error {
	return c.call(ctx, api.RouteAppAnswer, nil, nil, in, nil)
}

// Solves lists the user's solves.
func (c *Client) Solves(ctx context.Context) ([]api.Solve, error) {
	return get[[]api.Solve](ctx, c, api.RouteSolves)
}

// CancelSolve cancels a solve.
func (c *Client) CancelSolve(ctx context.Context, id string) error {
	return c.call(ctx, api.RouteSolveCancel, []string{id}, nil, nil, nil)
}

// Messages lists what happened, the latest first.
func (c *Client) Messages(ctx context.Context) ([]api.Message, error) {
	return get[[]api.Message](ctx, c, api.RouteMessages)
}

// ReadMessages marks messages as read; no ids: all of them.
func (c *Client) ReadMessages(ctx context.Context, ids ...string) error {
	return c.call(ctx, api.RouteMessagesRead, nil, nil, api.MessagesRead{IDs: ids}, nil)
}

// Settings are the user's own settings.
func (c *Client) Settings(ctx context.Context) (api.Settings, error) {
	return get[api.Settings](ctx, c, api.RouteSettings)
}

// ChangeSettings changes what is set in change.
func (c *Client) ChangeSettings(ctx context.Context, change api.SettingsChange) (api.Settings, error) {
	return post[api.Settings](ctx, c, api.RouteSettingsSet, change)
}

// Policy gives what the administrator has set, and what is wrong with it.
func (c *Client) Policy(ctx context.Context) (api.Policy, error) {
	return get[api.Policy](ctx, c, api.RoutePolicy)
}

// Doctor examines the service and what it needs.
func (c *Client) Doctor(ctx context.Context) ([]api.Check, error) {
	return get[[]api.Check](ctx, c, api.RouteDoctor)
}

// Logs is the end of the service's log as this user may see it.
func (c *Client) Logs(ctx context.Context) (api.Logs, error) {
	return get[api.Logs](ctx, c, api.RouteLogs)
}

func get[Out any](ctx context.Context, c *Client, route string, names ...string) (Out, error) {
	var out Out
	err := c.call(ctx, route, names, nil, nil, &out)
	return out, err
}

func post[Out any](ctx context.Context, c *Client, route string, in any) (Out, error) {
	var out Out
	err := c.call(ctx, route, nil, nil, in, &out)
	return out, err
}

func at[Out any](ctx context.Context, c *Client, route, path string) (Out, error) {
	var out Out
	err := c.call(ctx, route, nil, url.Values{"path": {path}}, nil, &out)
	return out, err
}
