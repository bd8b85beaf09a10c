package cli

import (
	"context"

	"iscdesk.dev/agent/client"
)

// remote is the service behind the local socket.
type remote struct{ *client.Client }

// Connect makes the client of the service behind socket; empty: where this
// machine or user has it.
func Connect(socket string) Service { return remote{client.New(socket)} }

// Watch follows the state.
func (r remote) Watch(ctx context.Context) (Watch, error) {
	watch, err := r.Client.Watch(ctx)
	if err != nil {
		return nil, err
	}
	return watch, nil
}
