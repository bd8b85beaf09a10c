package helper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"iscdesk.dev/agent/api"
)

const (
	maxLog = 1 << 20
	// drainTime is how long what a script leaves behind may hold its output.
	drainTime = 5 * time.Second
)

// script runs one script of a package: silent, without a terminal or window, in
// dir, its output in the log. A package without that script needs none. It
// fails with api.InstallFailed; status is the exit status, or "timeout"; and
// with api.Unsupported where the package is made for another system.
func (p *place) script(ctx context.Context, o Order, dir, appDir, script string) error {
	name, command, err := interpreter(dir, script)
	if name == "" || err != nil {
		return err
	}
	log, err := openLog(p.log)
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "== %s %s %s: %s\n", time.Now().UTC().Format(time.RFC3339), o.Product, o.Version, name)
	status := p.runScript(ctx, o, log, dir, appDir, command)
	fmt.Fprintf(log, "== %s: status %s\n", name, status)
	err = errors.Join(log.Sync(), log.Close())
	if status != "0" {
		return api.Fail(api.InstallFailed, "product", o.Product, "status", status, "log", p.log).Because(err)
	}
	return err
}

// runScript gives the exit status as text.
func (p *place) runScript(ctx context.Context, o Order, log *os.File, dir, appDir string, command []string) string {
	limited, cancel := context.WithTimeout(ctx, o.limit())
	defer cancel()
	cmd := exec.CommandContext(limited, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = drainTime
	cmd.Env = append(
		scriptEnvironment(), "ISCDESK_APP_DIR="+appDir, "ISCDESK_PRODUCT="+o.Product,
		"ISCDESK_VERSION="+o.Version, "ISCDESK_PREVIOUS="+current(p.dir),
	)
	err := runAlone(cmd)
	switch {
	case err == nil:
		return "0"
	case ctx.Err() != nil:
		return "cancelled"
	case limited.Err() != nil:
		return "timeout"
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return strconv.Itoa(exit.ExitCode())
	}
	fmt.Fprintln(log, err)
	return err.Error()
}

// exists tells whether a package holds a file.
func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name)))
	return !errors.Is(err, os.ErrNotExist)
}

func openLog(path string) (*os.File, error) {
	mode := os.O_WRONLY | os.O_CREATE | os.O_APPEND | noFollow
	if info, err := os.Lstat(path); err == nil && info.Size() > maxLog {
		mode |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return nil, unwritable(path, err)
	}
	return f, nil
}
