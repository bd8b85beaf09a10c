package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/awake"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/ipc"
)

// enginesWait is how long the engines may take to end when the service stops.
const enginesWait = time.Second

// Run is the whole life of the service: it prepares, answers until ctx ends,
// and then stops within five seconds with everything that was saved safe. The
// socket appears when the service answers on it.
//
// Where a policy names another marketplace, everything inside is built anew for
// it: applications see what they see when the service restarts.
func Run(ctx context.Context, cfg Config) error {
	for {
		d, err := prepare(ctx, cfg, nil)
		if err != nil {
			return err
		}
		err = errors.Join(d.serve(ctx), d.close())
		if err != nil || ctx.Err() != nil || !d.rules.hasMoved() {
			return err
		}
		cfg.Opened, cfg.Ready = nil, nil // they have heard
	}
}

// daemon is a service that is ready to answer.
type daemon struct {
	cfg    Config
	rules  *rules
	state  *stateDir
	users  *users
	local  *server.Server
	socket net.Listener
	// stopEngines ends the engines; ended tells that they have.
	stopEngines context.CancelFunc
	ended       <-chan error
}

// prepare sets everything going but the answering. identify is who connects;
// nil: the kernel says it.
func prepare(ctx context.Context, cfg Config, identify actor.Identify) (*daemon, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	state, err := openState(cfg.State)
	if err != nil {
		return nil, err
	}
	if cfg.Opened != nil {
		if err := cfg.Opened(state.path); err != nil {
			return nil, errors.Join(err, state.close())
		}
	}
	d := &daemon{cfg: cfg, state: state, rules: newRules(cfg)}
	client := d.rules.client()
	tree := newTree(root, cfg.Log)
	d.users = &users{
		perUser: cfg.PerUser, tree: tree, log: cfg.Log, all: make(map[string]home), building: make(map[string]*sync.Mutex),
		build: func(ctx context.Context, key string) (*household, error) {
			return assemble(ctx, cfg, d.rules, client, state, key)
		},
	}
	d.local = server.New(server.Config{
		Users: d.users, Identify: identify, Limits: cfg.Limits, Log: cfg.Log,
		Policy: d.rules.view, MayInstall: d.rules.mayInstall,
		Service: api.ServiceInfo{
			Version: cfg.Version, Protocol: api.ProtocolVersion,
			Started: time.Now().Unix(), PerUser: cfg.PerUser,
		},
	})
	d.rules.onChange(d.users.ruled)
	for _, s := range d.rules.services() {
		tree.Add(s)
	}
	tree.Add(named{"awake", awake.Watcher{Told: cfg.Resumed, Wake: d.users.awake, Log: cfg.Log}})
	engines, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stopEngines, d.ended = stop, tree.ServeBackground(engines)
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// open sets the engines of every user with state going, so that what was saved
// before a restart is published without anybody having to come back, and then
// makes the socket.
func (d *daemon) open(ctx context.Context) error {
	known, err := d.state.known()
	if err != nil {
		return err
	}
	for _, key := range known {
		if d.cfg.PerUser && key != ipc.CurrentUser() {
			continue
		}
		if _, err := d.users.start(ctx, key); err != nil {
			d.cfg.Log.Error("a user's engines do not start", logs.UserKey, key, "err", err)
		}
	}
	if d.socket, err = ipc.Listen(d.cfg.Socket, !d.cfg.PerUser); err != nil {
		return fmt.Errorf("listen on %s: %w", d.cfg.Socket, err)
	}
	d.cfg.Log.Info("iscdeskd answers", "socket", d.cfg.Socket, "state", d.state.path, "version", d.cfg.Version)
	if d.cfg.Ready != nil {
		d.cfg.Ready()
	}
	return nil
}

// serve answers until ctx ends. The engines hear of the end before the
// sessions do: an application whose connection the service itself closes has
// not gone away. Another marketplace is an end too.
func (d *daemon) serve(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(d.rules.moved, func() {
		d.cfg.Log.Info("another marketplace is set: starting anew for it")
		end()
	})()
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() {
		d.users.stopping()
		stop()
	})()
	return d.local.Serve(serving, d.socket)
}

// close ends the engines and lets go of everything.
func (d *daemon) close() error {
	d.stopEngines()
	if err := <-d.ended; err != nil && !errors.Is(err, context.Canceled) {
		d.cfg.Log.Warn("the engines did not end well", "err", err)
	}
	return errors.Join(d.users.close(), d.state.close())
}

// root is the name of the tree of the whole service. The trees below it bear
// the keys of their users.
const root = "iscdeskd"

func newTree(name string, log *slog.Logger) *suture.Supervisor {
	return suture.New(name, suture.Spec{
		Timeout:   enginesWait,
		EventHook: func(e suture.Event) { report(log, e) },
	})
}

// report logs what a supervisor tells; a tree reports what the trees below it
// do.
func report(log *slog.Logger, e suture.Event) {
	if name, ok := e.Map()["supervisor_name"].(string); ok && name != root {
		log = log.With(logs.UserKey, name)
	}
	level := slog.LevelWarn
	switch e.Type() {
	case suture.EventTypeServicePanic:
		level = slog.LevelError
	case suture.EventTypeResume:
		level = slog.LevelInfo
	}
	log.Log(context.Background(), level, "supervisor", "event", e.String())
}
