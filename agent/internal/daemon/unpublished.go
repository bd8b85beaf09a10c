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
	// Unreadable, where not empty, is why the user's database cannot be read.
	// Nothing is known then, but User and Content: the folder in which the
	// database and all content are kept as they are.
	Unreadable string
}

// ListUnpublished gives every user's saves that the marketplace does not have,
// from a state folder that no service uses. A folder that is not there holds
// none.
func ListUnpublished(ctx context.Context, path string) ([]Unpublished, error) {
	state, err := existingState(path, unheard)
	if state == nil {
		return nil, err
	}
	all, err := state.unpublished(ctx)
	return all, errors.Join(err, state.close())
}

// existingState is openState that makes nothing: nil where there is no folder.
// A folder that is not a service's is refused, because Clear deletes it. A
// Clear that was cut short is finished first.
func existingState(path string, step func(string)) (*stateDir, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch e.Name() {
		case usersName, clearingName, lockName: // the last one is alone where Clear was cut short at the very end
			return openStateHeard(path, step)
		}
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not the state folder of a service: it has no folder %q", path, usersName)
	}
	return openStateHeard(path, step)
}

// unpublished lists what every user has. That of one cannot be read is no
// reason to lose another's.
func (s *stateDir) unpublished(ctx context.Context) ([]Unpublished, error) {
	users, err := s.known()
	if err != nil {
		return nil, err
	}
	var all []Unpublished
	for _, key := range users {
		found, err := s.unpublishedOf(ctx, key)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			folder, bad := folderOf(key)
			if bad != nil {
				return nil, bad
			}
			found = []Unpublished{{User: key, Content: filepath.Join(s.path, usersName, folder), Unreadable: err.Error()}}
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
	if err := notEmptied(dir); err != nil {
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

// notEmptied finds a database that lost all it had, as a damaged disk leaves
// it: it would be taken for a new one.
func notEmptied(dir string) error {
	info, err := os.Lstat(filepath.Join(dir, database))
	if err != nil || info.Size() > 0 {
		return err
	}
	contents, err := os.ReadDir(filepath.Join(dir, staging))
	if err := ifThere(err); err != nil {
		return err
	}
	if len(contents) > 0 {
		return errors.New("the database is empty, and yet there is content")
	}
	return nil
}
