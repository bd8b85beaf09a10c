package server

import (
	"context"

	"iscdesk.dev/agent/api"
)

// The shapes of the handlers: what a request brings, and what it gets.

// takes is a route whose body is an In.
func takes[In, Out any](f func(context.Context, *User, In) (Out, error)) handler {
	return func(ctx context.Context, c *call) (any, error) {
		var in In
		if err := c.read(&in); err != nil {
			return nil, err
		}
		return f(ctx, c.user, in)
	}
}

// takesNamed is a route with a name in its path and an In as its body.
func takesNamed[In, Out any](key string, f func(context.Context, *User, string, In) (Out, error)) handler {
	return func(ctx context.Context, c *call) (any, error) {
		var in In
		if err := c.read(&in); err != nil {
			return nil, err
		}
		name := c.r.PathValue(key)
		if err := checkName(key, name); err != nil {
			return nil, err
		}
		return f(ctx, c.user, name, in)
	}
}

// named is a route with a name in its path and no body.
func named[Out any](key string, f func(context.Context, *User, string) (Out, error)) handler {
	return func(ctx context.Context, c *call) (any, error) {
		name := c.r.PathValue(key)
		if err := checkName(key, name); err != nil {
			return nil, err
		}
		return f(ctx, c.user, name)
	}
}

// atPath is a route with a cloud path in its query.
func atPath[Out any](f func(context.Context, *User, string) (Out, error)) handler {
	return func(ctx context.Context, c *call) (any, error) {
		path := c.r.URL.Query().Get("path")
		if path == "" {
			path = "/"
		}
		if err := checkCloudPath("path", path); err != nil {
			return nil, err
		}
		return f(ctx, c.user, path)
	}
}

// gives is a route without parameters.
func gives[Out any](f func(context.Context, *User) (Out, error)) handler {
	return func(ctx context.Context, c *call) (any, error) { return f(ctx, c.user) }
}

// nothing is the answer of what only succeeds.
type nothing struct{}

func loginBegin(ctx context.Context, u *User, in api.LoginBegin) (api.LoginBegun, error) {
	return u.Account.LoginBegin(ctx, in)
}

func loginComplete(ctx context.Context, u *User, in api.LoginComplete) (api.Account, error) {
	return u.Account.LoginComplete(ctx, in)
}

func deviceBegin(ctx context.Context, u *User) (api.DeviceLogin, error) {
	return u.Account.DeviceBegin(ctx)
}

func deviceAwait(ctx context.Context, u *User, id string) (api.Account, error) {
	return u.Account.DeviceAwait(ctx, id)
}

func logout(ctx context.Context, u *User) (nothing, error) {
	return nothing{}, u.Account.Logout(ctx)
}

func licenses(ctx context.Context, u *User) ([]api.License, error) {
	return some(u.Licenses.List(ctx))
}

func list(ctx context.Context, u *User, path string) (api.Listing, error) {
	l, err := u.Files.List(ctx, path)
	l.Entries, err = some(l.Entries, err)
	return l, err
}

func history(ctx context.Context, u *User, path string) ([]api.Version, error) {
	return some(u.Files.History(ctx, path))
}

func createFolder(ctx context.Context, u *User, in api.PathRef) (nothing, error) {
	return nothing{}, u.Files.CreateFolder(ctx, in.Path)
}

func restore(ctx context.Context, u *User, in api.RestoreRequest) (api.Version, error) {
	return u.Files.Restore(ctx, in)
}

func checkOut(ctx context.Context, u *User, in api.PathRef) (api.Entry, error) {
	return u.Files.CheckOut(ctx, in.Path)
}

func checkIn(ctx context.Context, u *User, in api.PathRef) (api.Entry, error) {
	return u.Files.CheckIn(ctx, in.Path)
}

func picks(_ context.Context, u *User) ([]api.Pick, error) { return some(u.Files.Picks(), nil) }

func answerPick(ctx context.Context, u *User, id string, in api.PickAnswer) (nothing, error) {
	return nothing{}, u.Files.AnswerPick(ctx, id, in)
}

func transfers(_ context.Context, u *User) ([]api.Transfer, error) {
	return some(u.Files.Transfers(), nil)
}

func retry(ctx context.Context, u *User, id string) (nothing, error) {
	return nothing{}, u.Files.Retry(ctx, id)
}

func redirect(ctx context.Context, u *User, id string, in api.Redirect) (nothing, error) {
	return nothing{}, u.Files.Redirect(ctx, id, in)
}

func discard(ctx context.Context, u *User, id string) (nothing, error) {
	return nothing{}, u.Files.Discard(ctx, id)
}

func apps(ctx context.Context, u *User) ([]api.App, error) { return some(u.Apps.List(ctx)) }

func solves(ctx context.Context, u *User) ([]api.Solve, error) { return some(u.Solves.List(ctx)) }

func cancelSolve(ctx context.Context, u *User, id string) (nothing, error) {
	return nothing{}, u.Solves.Cancel(ctx, id)
}

func doctor(ctx context.Context, u *User) ([]api.Check, error) {
	return some(u.Health.Doctor(ctx), nil)
}

// readLogs shows every line only to an administrator.
func readLogs(_ context.Context, c *call) (any, error) {
	if c.user.Logs == nil {
		return api.Logs{Lines: []string{}}, nil
	}
	l, err := c.user.Logs(c.conn.who.Admin())
	l.Lines, err = some(l.Lines, err)
	return l, err
}

// info answers as long as the service does, whoever asks.
func (s *Server) info(context.Context, *call) (any, error) { return s.cfg.Service, nil }

// some turns a nil list into an empty one: clients read [], never null.
func some[T any](list []T, err error) ([]T, error) {
	if list == nil {
		list = []T{}
	}
	return list, err
}
