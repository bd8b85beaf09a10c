package server

import (
	"context"

	"iscdesk.dev/agent/api"
)

// stateMessages is how many messages stand in the state; RouteMessages gives
// all of them.
const stateMessages = 100

func loginCancel(ctx context.Context, u *User, in api.LoginCancel) (nothing, error) {
	return nothing{}, u.Account.LoginCancel(ctx, in)
}

func settings(_ context.Context, u *User) (api.Settings, error) { return u.Settings.Settings(), nil }

func changeSettings(ctx context.Context, u *User, in api.SettingsChange) (api.Settings, error) {
	return u.Settings.Change(ctx, in)
}

func messages(ctx context.Context, u *User) ([]api.Message, error) {
	return some(u.Messages.List(ctx))
}

func readMessages(ctx context.Context, u *User, in api.MessagesRead) (nothing, error) {
	return nothing{}, u.Messages.Read(ctx, in.IDs)
}

// latest is what the state shows of the messages.
func latest(ctx context.Context, u *User) ([]api.Message, error) {
	all, err := u.Messages.List(ctx)
	return all[:min(len(all), stateMessages)], err
}

// uninstall is open to everybody whatever the policy says about installing:
// what is removed is the user's own.
func uninstall(ctx context.Context, u *User, product string) (nothing, error) {
	return nothing{}, u.Apps.Uninstall(ctx, product)
}
