package daemon

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/ipc"
)

// home is one user's engines as they run.
type home struct {
	user *server.User
	*household
}

// users builds the engines of each user when he is first seen, and keeps them
// until the service ends. It implements server.Users.
type users struct {
	perUser bool
	build   func(ctx context.Context, key string) (*household, error)
	log     *slog.Logger
	tree    *suture.Supervisor

	mu       sync.Mutex // guards what follows
	all      map[string]home
	building map[string]*sync.Mutex // one builder per user at a time
	closed   bool
}

// Of gives the engines of whoever calls.
func (u *users) Of(ctx context.Context, who actor.Actor) (*server.User, error) {
	if u.perUser && who.User() != ipc.CurrentUser() {
		return nil, api.Fail(api.PermissionDenied)
	}
	return u.start(ctx, who.User())
}

// start builds the engines of a user and sets them going, unless they go. A
// user whose state is slow or damaged holds up nobody else.
func (u *users) start(ctx context.Context, key string) (*server.User, error) {
	user, building, err := u.find(key)
	if user != nil || err != nil {
		return user, err
	}
	building.Lock()
	defer building.Unlock()
	if user, _, err = u.find(key); user != nil || err != nil {
		return user, err
	}
	h, err := u.build(context.WithoutCancel(ctx), key)
	if err != nil {
		return nil, api.AsError(err)
	}
	return u.add(key, h)
}

// find gives a user's engines, or the lock of whoever builds them.
func (u *users) find(key string) (*server.User, *sync.Mutex, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return nil, nil, api.Fail(api.ShuttingDown)
	}
	if h, ok := u.all[key]; ok {
		return h.user, nil, nil
	}
	if u.building[key] == nil {
		u.building[key] = new(sync.Mutex)
	}
	return nil, u.building[key], nil
}

func (u *users) add(key string, h *household) (*server.User, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return nil, errors.Join(api.Fail(api.ShuttingDown), h.close())
	}
	engines := newTree(key, u.log)
	for _, s := range h.services() {
		engines.Add(s)
	}
	u.tree.Add(engines)
	u.all[key] = home{user: h.user(), household: h}
	return u.all[key].user, nil
}

// ruled tells the engines that the administrator's settings are others.
func (u *users) ruled() {
	u.mu.Lock()
	all := slices.Collect(maps.Values(u.all))
	u.mu.Unlock()
	for _, h := range all {
		h.ruled()
	}
}

// stopping tells the engines that the service is about to stop.
func (u *users) stopping() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, h := range u.all {
		h.licenses.Stopping()
	}
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
