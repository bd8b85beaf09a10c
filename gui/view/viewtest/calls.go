package viewtest

import (
	"context"
	"strconv"

	"iscdesk.dev/agent/api"
)

// Doctor finds what Answers says.
func (s *Service) Doctor(ctx context.Context) ([]api.Check, error) {
	return s.Answers.Checks, s.called(ctx, "Doctor")
}

// LoginBegin gives the address of a page that nobody serves.
func (s *Service) LoginBegin(ctx context.Context, _ api.LoginBegin) (api.LoginBegun, error) {
	return api.LoginBegun{URL: "https://market.example/login", State: "state"}, s.called(ctx, "LoginBegin")
}

// LoginComplete signs in.
func (s *Service) LoginComplete(ctx context.Context, _ api.LoginComplete) (api.Account, error) {
	return api.Account{State: api.AccountSignedIn}, s.called(ctx, "LoginComplete")
}

// LoginCancel is called.
func (s *Service) LoginCancel(ctx context.Context, in api.LoginCancel) error {
	return s.called(ctx, "LoginCancel", in.State+in.Device)
}

// DeviceBegin gives a code.
func (s *Service) DeviceBegin(ctx context.Context) (api.DeviceLogin, error) {
	return api.DeviceLogin{
		ID: "device", UserCode: "WDJB-MJHT", VerificationURI: "https://market.example/device",
		ExpiresAt: Now().AddDate(1000, 0, 0).Unix(),
	}, s.called(ctx, "DeviceBegin")
}

// DeviceAwait signs in, or is held.
func (s *Service) DeviceAwait(ctx context.Context, id string) (api.Account, error) {
	return api.Account{State: api.AccountSignedIn}, s.called(ctx, "DeviceAwait", id)
}

// Logout is called.
func (s *Service) Logout(ctx context.Context) error { return s.called(ctx, "Logout") }

// PauseUploads is called.
func (s *Service) PauseUploads(ctx context.Context, paused bool) error {
	return s.called(ctx, "PauseUploads", strconv.FormatBool(paused))
}

// Retry is called.
func (s *Service) Retry(ctx context.Context, operation string) error {
	return s.called(ctx, "Retry", operation)
}

// Install is called.
func (s *Service) Install(ctx context.Context, product string) error {
	return s.called(ctx, "Install", product)
}

// AnswerUpgrade is called.
func (s *Service) AnswerUpgrade(ctx context.Context, in api.UserUpgradeAnswer) error {
	return s.called(ctx, "AnswerUpgrade", in.Product, strconv.FormatBool(in.Accept))
}

// ReadMessages is called.
func (s *Service) ReadMessages(ctx context.Context, ids ...string) error {
	return s.called(ctx, "ReadMessages", ids...)
}
