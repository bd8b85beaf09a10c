package server

import (
	"context"

	"iscdesk.dev/agent/api"
)

// search looks for q below path, where that is given.
func search(ctx context.Context, c *call) (any, error) {
	q := c.r.URL.Query().Get("q")
	if err := checkName("q", q); err != nil {
		return nil, err
	}
	return atPath(func(ctx context.Context, u *User, path string) (api.Listing, error) {
		l, err := u.Files.Search(ctx, q, path)
		l.Entries, err = some(l.Entries, err)
		return l, err
	})(ctx, c)
}

func recent(ctx context.Context, u *User) ([]api.Recent, error) { return some(u.Files.Recent(ctx)) }

func trashed(ctx context.Context, u *User, path string) (api.Trashed, error) {
	t, err := u.Files.Trashed(ctx, path)
	t.Documents, err = some(t.Documents, err)
	return t, err
}

func trash(ctx context.Context, u *User, in api.PathRef) (api.TrashedDocument, error) {
	return u.Files.Trash(ctx, in.Path)
}

func untrash(ctx context.Context, u *User, in api.Untrash) (api.Entry, error) {
	return u.Files.Untrash(ctx, in)
}

func pauseUploads(ctx context.Context, u *User, in api.Uploads) (nothing, error) {
	return nothing{}, u.Files.PauseUploads(ctx, in)
}

func conflicts(ctx context.Context, u *User) ([]api.Conflict, error) {
	return some(u.Files.Conflicts(ctx))
}

func endConflict(ctx context.Context, u *User, id string, in api.ConflictAnswer) (nothing, error) {
	return nothing{}, u.Files.EndConflict(ctx, id, in)
}
