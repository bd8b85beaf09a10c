package cloudfile

import (
	"context"

	"iscdesk.dev/agent/api"
)

// Uploads is what the user wants of the uploads as a whole.
func (e *Engine) Uploads() api.Uploads {
	e.mu.Lock()
	defer e.mu.Unlock()
	return api.Uploads{Paused: e.paused}
}

// PauseUploads stops sending, or goes on with it, also after a restart. What is
// on its way ends with the chunk that is being sent. Saving goes on.
func (e *Engine) PauseUploads(ctx context.Context, in api.Uploads) error {
	if err := e.ledger.SetPaused(ctx, in.Paused); err != nil {
		return err
	}
	e.mu.Lock()
	e.paused = in.Paused
	e.mu.Unlock()
	e.cfg.Log.Info("uploads", "paused", in.Paused)
	e.moved()
	return nil
}

// going is errPaused while nothing is to be sent.
func (e *Engine) going() error {
	if e.Uploads().Paused {
		return errPaused
	}
	return nil
}
