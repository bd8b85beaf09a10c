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
	maxLog     = 1 << 20
	scriptPath = "/usr/local/bin:/usr/bin:/bin"
	// drainTime is how long what a script leaves behind may hold its output.
	drainTime = 5 * time.Second
)

// script runs one script of a package: bash, silent, without a terminal, in
// dir, its output in the log. A package without that script needs none. It
// fails with api.InstallFailed; status is the exit status, or "timeout".
func (p *place) script(ctx context.Context, o Order, dir, appDir, name string) error {
	if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	log, err := openLog(p.log)
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "== %s %s %s: %s\n", time.Now().UTC().Format(time.RFC3339), o.Product, o.Version, name)
	status := p.runScript(ctx, o, log, dir, appDir, name)
	fmt.Fprintf(log, "== %s: status %s\n", name, status)
	err = errors.Join(log.Sync(), log.Close())
	if status != "0" {
		return api.Fail(api.InstallFailed, "product", o.Product, "status", status, "log", p.log).Because(err)
	}
	return err
}

// runScript gives the exit status as text.
func (p *place) runScript(ctx context.Context, o Order, log *os.File, dir, appDir, name string) string {
	limited, cancel := context.WithTimeout(ctx, o.limit())
	defer cancel()
	cmd := exec.CommandContext(limited, "bash", name)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = drainTime
	cmd.Env = []string{
		"HOME=" + os.Getenv("HOME"), "USER=" + os.Getenv("USER"), "LOGNAME=" + os.Getenv("USER"),
		"PATH=" + scriptPath, "LANG=C.UTF-8", "TERM=dumb",
		"ISCDESK_APP_DIR=" + appDir, "ISCDESK_PRODUCT=" + o.Product,
		"ISCDESK_VERSION=" + o.Version, "ISCDESK_PREVIOUS=" + current(p.dir),
	}
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
