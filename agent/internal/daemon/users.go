package daemon

import (
	"context"
	"errors"
	"sync"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/ipc"
)

// household is one user's engines, and what has to be closed after them.
type household struct {
	user  *server.User
	serve []suture.Service
	close func() error
}

// users builds the engines of each user when he is first seen, and keeps them
// until the service ends. It implements server.Users.
type users struct {
	perUser bool
	build   func(ctx context.Context, key string) (*household, error)
	tree    *suture.Supervisor

	mu     sync.Mutex
	all    map[string]*household
	closed bool
}

// Of gives the engines of whoever calls.
func (u *users) Of(ctx context.Context, who actor.Actor) (*server.User, error) {
	if u.perUser && who.User() != ipc.CurrentUser() {
		return nil, api.Fail(api.PermissionDenied)
	}
	return u.start(ctx, who.User())
}

// start builds the engines of a user and sets them going, unless they go.
func (u *users) start(ctx context.Context, key string) (*server.User, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return nil, api.Fail(api.ShuttingDown)
	}
	if h := u.all[key]; h != nil {
		return h.user, nil
	}
	h, err := u.build(context.WithoutCancel(ctx), key)
	if err != nil {
		return nil, api.AsError(err)
	}
	engines := suture.New(key, suture.Spec{EventHook: func(suture.Event) {}})
	for _, s := range h.serve {
		engines.Add(s)
	}
	u.tree.Add(engines)
	u.all[key] = h
	return h.user, nil
}

// close closes what the engines used. They must have ended.
func (u *users) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	var errs []error
	for _, h := range u.all {
		errs = append(errs, h.close())
	}
	return errors.Join(errs...)
}
