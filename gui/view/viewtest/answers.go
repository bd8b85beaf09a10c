package viewtest

import (
	"context"
	"encoding/json"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
)

// Answers are what the service says where it is asked for a value.
type Answers struct {
	State    api.State
	Policy   api.Policy
	Checks   []api.Check
	Logs     api.Logs
	Settings func(api.SettingsChange) api.Settings // nil: the usual ones
}

// State answers what Answers says.
func (s *Service) State(ctx context.Context) (api.State, error) {
	return s.Answers.State, s.called(ctx, "State")
}

// Policy answers what Answers says.
func (s *Service) Policy(ctx context.Context) (api.Policy, error) {
	return s.Answers.Policy, s.called(ctx, "Policy")
}

// Logs answers what Answers says.
func (s *Service) Logs(ctx context.Context) (api.Logs, error) {
	return s.Answers.Logs, s.called(ctx, "Logs")
}

// ChangeSettings is called with the change as JSON.
func (s *Service) ChangeSettings(ctx context.Context, change api.SettingsChange) (api.Settings, error) {
	text, err := json.Marshal(change)
	if err != nil {
		return api.Settings{}, err
	}
	if err := s.called(ctx, "ChangeSettings", string(text)); err != nil {
		return api.Settings{}, err
	}
	if s.Answers.Settings == nil {
		return api.DefaultSettings(), nil
	}
	return s.Answers.Settings(change), nil
}

// Uninstall is called.
func (s *Service) Uninstall(ctx context.Context, product string) error {
	return s.called(ctx, "Uninstall", product)
}

// CancelSolve is called.
func (s *Service) CancelSolve(ctx context.Context, id string) error {
	return s.called(ctx, "CancelSolve", id)
}

// Transfer has no connection to give: without an error of Fail it is offline.
func (s *Service) Transfer(ctx context.Context) (*session.Client, error) {
	if err := s.called(ctx, "Transfer"); err != nil {
		return nil, err
	}
	return nil, api.Fail(api.Offline)
}
