// Package dragout takes a document out of the window with the mouse, into a
// file manager or whatever else accepts files. The document is fetched while
// it is dragged, into a folder that is the user's alone, and handed over as
// that file or folder once it is all there: before, and where fetching fails,
// nothing is dropped.
//
// On X11 it speaks XDND (version 5) over a connection of its own. Everywhere
// else, and in Wayland sessions, where no program may follow the pointer
// outside its window, Can says no.
package dragout

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
)

// Outcome is how a drag ended.
type Outcome int

// The outcomes.
const (
	// Nothing was dropped: Escape, no program there, or one that takes no files.
	Nothing Outcome = iota
	// Dropped was taken by the program under the pointer.
	Dropped
	// Late was not fetched in time.
	Late
	// Silent is a program that takes drops by its own word and did not answer.
	Silent
)

// Fetch brings what is dragged into a folder.
type Fetch func(ctx context.Context, folder string) error

// Can tells whether things can be dragged out of windows on this desktop.
func Can() bool { return can() }

// Dir is where dragged documents lie, in the user's own cache.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "iscdesk", "dragged"), nil
}

// Drag follows the pointer while its first button is held and ends when that is
// over. name is what fetch leaves in the folder that it is given; it is called
// once the pointer is over something that is not this program's, and its
// context ends where the drag comes to nothing. An error is that of fetch, or
// of the desktop.
func Drag(ctx context.Context, name string, fetch Fetch) (Outcome, error) {
	dir, err := Dir()
	if err != nil {
		return Nothing, err
	}
	return drag(ctx, dir, name, fetch)
}

func drag(ctx context.Context, dir, name string, fetch Fetch) (Outcome, error) {
	folder, err := newFolder(dir)
	if err != nil {
		return Nothing, api.Fail(api.FileUnwritable, "path", dir, "reason", err.Error()).Because(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	c := &copying{folder: folder, path: filepath.Join(folder, name), fetch: fetch, done: make(chan error, 1)}
	outcome, err := follow(ctx, c)
	cancel()
	c.running.Wait()
	if outcome != Dropped {
		err = errors.Join(err, remove(folder))
	}
	return outcome, err
}

// copying is what is fetched for one drag.
type copying struct {
	folder, path string
	fetch        Fetch
	done         chan error // how fetching ended, once
	running      sync.WaitGroup
}

// stamp ends the name of the file beside a copy's folder whose time is when the
// copy was complete. It is not in the folder: a document may bear any name.
const stamp = ".fetched"

// keep is how long a copy stays at least: whoever it was dropped on may still
// be reading.
const keep = 10 * time.Minute

// newFolder makes a folder of its own in dir, which nobody else can look into.
func newFolder(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(root, 0o700); err != nil { // it may be there since before, and wider
		return "", err
	}
	return os.MkdirTemp(root, "")
}

// Clean removes the copies of earlier drags. Those of the last ten minutes
// stay, and so does every copy that somebody has worked on since: it is
// nowhere else.
func Clean() error {
	dir, err := Dir()
	if err != nil {
		return err
	}
	return clean(dir, time.Now())
}

func clean(dir string, now time.Time) error {
	children, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, child := range children {
		folder := filepath.Join(dir, child.Name())
		if !child.IsDir() || !spent(folder, now) {
			continue
		}
		err = errors.Join(err, remove(folder))
	}
	return err
}

// remove removes a copy and its stamp.
func remove(folder string) error {
	err := os.RemoveAll(folder)
	if stampErr := os.Remove(folder + stamp); !errors.Is(stampErr, os.ErrNotExist) {
		err = errors.Join(err, stampErr)
	}
	return err
}

// spent tells whether nobody needs a folder of a drag any more.
func spent(folder string, now time.Time) bool {
	info, err := os.Lstat(folder + stamp)
	complete := err == nil
	if !complete {
		if info, err = os.Lstat(folder); err != nil {
			return false
		}
	}
	since := info.ModTime()
	return now.Sub(since) > keep && (!complete || !changed(folder, since))
}

// changed tells whether anything in a folder is newer than since; what cannot
// be looked at may be.
func changed(folder string, since time.Time) bool {
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().After(since) {
			err = fs.SkipAll
			since = time.Time{}
		}
		return err
	})
	return err != nil || since.IsZero()
}
