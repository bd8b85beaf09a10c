package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/ipc"
)

// enginesWait is how long the engines may take to end when the service stops.
const enginesWait = time.Second

// Run is the whole life of the service: it prepares, answers until ctx ends,
// and then stops within five seconds with everything that was saved safe. The
// socket appears when the service answers on it.
func Run(ctx context.Context, cfg Config) (err error) {
	if err := cfg.check(); err != nil {
		return err
	}
	state, err := openState(cfg.State)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.close()) }()
	client, err := cloud.HTTPClient(cfg.CAFile)
	if err != nil {
		return err
	}
	tree := newTree("iscdeskd", cfg.Log)
	all := &users{
		perUser: cfg.PerUser, tree: tree, log: cfg.Log, all: make(map[string]home),
		build: func(ctx context.Context, key string) (*household, error) {
			return assemble(ctx, cfg, client, state, key)
		},
	}
	defer func() { err = errors.Join(err, all.close()) }()
	engines, stopEngines := context.WithCancel(context.WithoutCancel(ctx))
	ended := tree.ServeBackground(engines)
	defer func() { <-ended }()
	defer stopEngines()
	if err := resume(ctx, cfg, state, all); err != nil {
		return err
	}
	local := server.New(server.Config{
		Users: all, Limits: cfg.Limits, Log: cfg.Log,
		Service: api.ServiceInfo{
			Version: cfg.Version, Protocol: api.ProtocolVersion,
			Started: time.Now().Unix(), PerUser: cfg.PerUser,
		},
	})
	listener, err := ipc.Listen(cfg.Socket, !cfg.PerUser)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Socket, err)
	}
	// The engines hear of the end before the sessions do: an application whose
	// connection the service itself closes has not gone away.
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	defer context.AfterFunc(ctx, func() {
		all.stopping()
		stopServing()
	})()
	cfg.Log.Info("iscdeskd answers", "socket", cfg.Socket, "state", state.path, "version", cfg.Version)
	return local.Serve(serving, listener)
}

// resume sets the engines of every user with state going, so that what was
// saved before a restart is published without anybody having to come back.
func resume(ctx context.Context, cfg Config, state *stateDir, all *users) error {
	known, err := state.known()
	if err != nil {
		return err
	}
	for _, key := range known {
		if cfg.PerUser && key != ipc.CurrentUser() {
			continue
		}
		if _, err := all.start(ctx, key); err != nil {
			cfg.Log.Error("a user's engines do not start", "user", key, "err", err)
		}
	}
	return nil
}

func newTree(name string, log *slog.Logger) *suture.Supervisor {
	return suture.New(name, suture.Spec{
		Timeout: enginesWait,
		EventHook: func(e suture.Event) {
			log.Warn("supervisor", "event", e.String())
		},
	})
}
