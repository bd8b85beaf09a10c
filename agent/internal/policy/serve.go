package policy

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle gathers the steps in which an editor or a tool writes a file.
	settle = 150 * time.Millisecond
	// backstop is how often everything is read anew although nobody said that
	// it changed: network drives tell nothing.
	backstop = 5 * time.Minute
)

// Serve reloads when the policy file, the registry, or a file that settings
// name changes, on SIGHUP, and now and then. It runs until ctx ends.
func (l *Live) Serve(ctx context.Context) error {
	hangup, unhook := hangups()
	defer unhook()
	changed, stop := l.watchMachine()
	defer stop()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Close() }() // nothing is written
	tick := time.NewTicker(backstop)
	defer tick.Stop()
	l.watchFolders(watcher)
	l.Reload() // what changed before the watch began
	for {
		reload := true
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-hangup:
		case <-changed:
		case <-tick.C:
		case <-l.poke:
			reload = l.watchFolders(watcher)
		case event := <-watcher.Events:
			reload = l.concerns(event.Name)
		case err := <-watcher.Errors:
			l.log.Warn("policy: a change may have been missed", "err", err)
		}
		if reload {
			if err := l.pause(ctx, watcher); err != nil {
				return err
			}
			l.Reload()
			for l.watchFolders(watcher) { // what changed before the watch began
				l.Reload()
			}
		}
	}
}

// pause waits until the writing is over.
func (l *Live) pause(ctx context.Context, watcher *fsnotify.Watcher) error {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		case <-watcher.Events:
		}
	}
}

// files are those whose content counts.
func (l *Live) files() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(policyFiles(l.places), l.watched...)
}

// concerns tells whether a change in a watched folder can be one of a file
// that counts, or of a folder on the way to it.
func (l *Live) concerns(name string) bool {
	for _, file := range l.files() {
		if file == name || within(file, name) {
			return true
		}
		if target, err := filepath.EvalSymlinks(file); err == nil && target == name {
			return true
		}
	}
	return false
}

// within tells whether a folder is on the way to a file.
func within(file, folder string) bool {
	for dir := filepath.Dir(file); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if dir == folder {
			return true
		}
	}
	return false
}

// watchFolders watches the folders of the files, or where one is missing the
// nearest that is there. Folders, because files are replaced and not written.
// It tells whether one came to it.
func (l *Live) watchFolders(watcher *fsnotify.Watcher) (more bool) {
	wanted := map[string]bool{}
	for _, file := range l.files() {
		paths := []string{file}
		if target, err := filepath.EvalSymlinks(file); err == nil && target != file {
			paths = append(paths, target)
		}
		for _, path := range paths {
			for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
				if slices.Contains(watcher.WatchList(), dir) {
					wanted[dir] = true
					break
				}
				if watcher.Add(dir) == nil {
					wanted[dir], more = true, true
					break
				}
				if dir == filepath.Dir(dir) {
					break
				}
			}
		}
	}
	for _, dir := range watcher.WatchList() {
		if !wanted[dir] {
			_ = watcher.Remove(dir) // it may be gone
		}
	}
	return more
}
