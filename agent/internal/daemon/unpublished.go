package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/internal/store"
)

// Unpublished is a save that is safe on this machine and nowhere else.
type Unpublished struct {
	// User is the key of the user of the operating system.
	User string
	// Name is what the document is called, Path where in the cloud it was to
	// go; empty while the user had not chosen yet.
	Name, Path string
	// LocalPath is the file that it was saved from, as the application named it.
	LocalPath string
	Size      int64
	Saved     time.Time
	// Content is the file that holds it: the document itself, or, for an
	// assembly, its files one after the other.
	Content string
	// Whole tells whether the content is there in full.
	Whole bool
}

// ListUnpublished gives every user's saves that the marketplace does not have,
// from a state folder that no service uses. A folder that is not there holds
// none.
func ListUnpublished(ctx context.Context, path string) ([]Unpublished, error) {
	state, err := existingState(path)
	if state == nil {
		return nil, err
	}
	all, err := state.unpublished(ctx)
	return all, errors.Join(err, state.close())
}

// existingState is openState that makes nothing: nil where there is no folder.
// A folder that is not a service's is refused, because Clear deletes it.
func existingState(path string) (*stateDir, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(path, "users")); err != nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not the state folder of a service: %w", path, err)
	}
	return openState(path)
}

func (s *stateDir) unpublished(ctx context.Context) ([]Unpublished, error) {
	users, err := s.known()
	if err != nil {
		return nil, err
	}
	var all []Unpublished
	for _, key := range users {
		found, err := s.unpublishedOf(ctx, key)
		if err != nil {
			return nil, fmt.Errorf("the work of %s: %w", key, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func (s *stateDir) unpublishedOf(ctx context.Context, key string) (found []Unpublished, err error) {
	dir, err := s.user(key)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(filepath.Join(dir, database))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, err := ledger.Open(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := l.Unended(ctx)
	for _, r := range rows {
		if r.State == ledger.Published {
			continue
		}
		content := filepath.Join(dir, staging, filepath.Base(r.Blob))
		info, lost := os.Lstat(content)
		found = append(found, Unpublished{
			User: key, Name: r.Name, Path: r.Path, LocalPath: r.LocalPath, Size: r.Size, Saved: r.Created,
			Content: content, Whole: lost == nil && info.Size() == r.Size,
		})
	}
	return found, err
}
