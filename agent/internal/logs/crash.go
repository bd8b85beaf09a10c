package logs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

// The traces of the crashes of this run and of the last that had one. A trace
// says what the panic was and where; Go prints numbers and addresses of the
// arguments, never their content.
const (
	crashes = "crash.log"
	crashed = "crash-before.log"
)

// keepCrashes makes the runtime leave the trace of a crash in dir, and tells of
// one that lies there.
func (l *Log) keepCrashes(dir string) error {
	path, before := filepath.Join(dir, crashes), filepath.Join(dir, crashed)
	switch info, err := os.Stat(path); {
	case err == nil && info.Size() > 0:
		if err := os.Rename(path, before); err != nil {
			return fmt.Errorf("trace of a crash: %w", err)
		}
		l.Error("the service ended in a crash before; its trace is kept", "file", before)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("trace of a crash: %w", err)
	}
	return errors.Join(debug.SetCrashOutput(f, debug.CrashOptions{}), f.Close())
}
