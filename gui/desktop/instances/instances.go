// Package instances ends the tray apps of a machine when its installer replaces
// or removes their program: Windows deletes no file that runs, and nobody wants
// a tray icon of what is not installed any more. The tray app holds no state,
// so ending it loses nothing.
package instances

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// How long an instance may take that was asked, and then one that was killed.
const (
	patience = 5 * time.Second
	mercy    = 2 * time.Second
	pause    = 50 * time.Millisecond
)

// process is a running program.
type process interface {
	// ask tells it to quit, kill ends it.
	ask() error
	kill() error
	// gone tells whether it has ended.
	gone() bool
	close()
}

// Quit ends every other process that runs from this program's file: those of
// the caller's user, those of everybody where the caller is root or SYSTEM. It
// asks first, and kills what has not gone after five seconds. It gives how many
// there were.
func Quit(ctx context.Context) (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		self = resolved
	}
	return quit(ctx, self, patience)
}

// quit ends what runs from the file, but for this process.
func quit(ctx context.Context, file string, patience time.Duration) (int, error) {
	found, err := running(file)
	if err != nil {
		return 0, err
	}
	for _, p := range found {
		defer p.close()
	}
	count := len(found)
	var errs []error
	for _, p := range found {
		if err := p.ask(); err != nil && !p.gone() {
			errs = append(errs, err)
		}
	}
	if len(errs) < len(found) {
		found = await(ctx, found, patience)
	}
	errs = nil
	for _, p := range found {
		if err := p.kill(); err != nil && !p.gone() {
			errs = append(errs, err)
		}
	}
	if len(await(ctx, found, mercy)) > 0 && len(errs) == 0 {
		errs = append(errs, context.Cause(ctx), errors.New("a tray app does not end"))
	}
	return count, errors.Join(errs...)
}

// await gives those that have not gone when the time is up.
func await(ctx context.Context, all []process, limit time.Duration) []process {
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		var left []process
		for _, p := range all {
			if !p.gone() {
				left = append(left, p)
			}
		}
		if len(left) == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-end.C:
			return left
		case <-ctx.Done():
			return left
		}
	}
}
