// Package process is what the tray app's own process needs of its system: the
// user's language, a console to print on, a place for what a crash says.
package process

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"

	"iscdesk.dev/agent/api"
)

// Language is the language of the user's session.
func Language() api.Language { return language() }

// maxCrash is how large the file of crashes may grow, in bytes.
const maxCrash = 1 << 20

// CrashFile is where the last words of a crash go, readable for the user
// alone.
func CrashFile() (string, error) {
	dir, err := stateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "tray-crash.txt"), nil
}

// CatchCrashes has the last words of a crash written to CrashFile: where the
// program was, no values. The file stays open until the process ends.
func CatchCrashes() error {
	path, err := CrashFile()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if info, err := os.Lstat(path); err == nil && (info.Size() > maxCrash || !info.Mode().IsRegular()) {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = f.Chmod(0o600)
	if err == nil {
		err = debug.SetCrashOutput(f, debug.CrashOptions{})
	}
	return errors.Join(err, f.Close()) // SetCrashOutput has its own copy
}

// EndWell ends what CatchCrashes has begun, where nothing has crashed: a file
// without a word does not stay.
func EndWell() error {
	path, err := CrashFile()
	if err != nil {
		return err
	}
	if err := debug.SetCrashOutput(nil, debug.CrashOptions{}); err != nil {
		return err
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 0 {
		return nil // nothing was said, or something worth keeping
	}
	return os.Remove(path)
}
