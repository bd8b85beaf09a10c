package daemon

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/bus"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/internal/server/servertest"
	"iscdesk.dev/agent/internal/store"
)

// database is the name of a user's database in his folder.
const database = "agent.db"

// assemble builds the engines of one user and joins them.
func assemble(ctx context.Context, cfg Config, state *stateDir, key string) (*household, error) {
	dir, err := state.user(key)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(dir + "/" + database)
	if err != nil {
		return nil, err
	}
	events, err := bus.New(ctx, bus.Config{DB: db, Log: cfg.Log})
	if err != nil {
		return nil, err
	}
	fakes := &servertest.Users{Events: func(string) server.Events { return busEvents{events} }}
	return &household{user: fakes.Engines(key).User(), close: db.Close}, nil
}

// busEvents is a bus as the server takes it.
type busEvents struct{ *bus.Bus }

func (b busEvents) Since(ctx context.Context, app api.Session, seq uint64) (server.EventStream, error) {
	return b.Bus.Since(ctx, app, seq)
}

func (b busEvents) Watch(ctx context.Context) (server.Watch, error) { return b.Bus.Watch(ctx) }
