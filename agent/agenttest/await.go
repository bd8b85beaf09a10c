package agenttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// lookAgain is how often a folder is looked at although nothing was heard of
// it: Wine loses changes, and tells some of them before they can be read.
const lookAgain = 200 * time.Millisecond

// awaitChange calls ready now and after every change in the folder dir, until
// it says true. It gives up with ctx, or when the process p has ended.
func awaitChange(ctx context.Context, dir string, p *process, ready func() bool) (err error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watcher.Close()) }()
	if err := watcher.Add(dir); err != nil {
		return err
	}
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for !ready() {
		select {
		case <-watcher.Events:
		case <-again.C:
		case err := <-watcher.Errors:
			return err
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready: %w", p.name, p.err)
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w", p.name, ctx.Err())
		}
	}
	return nil
}

// awaitLine waits until the file path holds a whole line, and returns it.
func awaitLine(ctx context.Context, path string, p *process) (line string, err error) {
	err = awaitChange(ctx, filepath.Dir(path), p, func() bool {
		content, err := os.ReadFile(path)
		line = strings.TrimSpace(string(content))
		return err == nil && line != ""
	})
	return line, err
}
