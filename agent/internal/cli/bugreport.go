package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/bugreport"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/agent/internal/statepath"
)

// bugreportLimit is how long the facts may take.
const bugreportLimit = time.Minute

// bugreportResult is what 'bugreport --json' prints.
type bugreportResult struct {
	Path string `json:"path"`
}

func (c *cli) bugreportCommand() *cobra.Command {
	return c.command("bugreport [FILE]", "bugreport", between(0, 1), func(cmd *cobra.Command, args []string) error {
		now := time.Now()
		path := "iscdesk-bugreport-" + now.Format("20060102-150405") + ".zip"
		if len(args) > 0 && args[0] != "" {
			path = args[0]
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return api.Fail(api.FileUnwritable, "path", path, "reason", err.Error()).Because(err)
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), bugreportLimit)
		defer cancel()
		checks, _ := c.examine(ctx)
		if err := c.writeReport(ctx, path, checks, now); err != nil {
			return err
		}
		c.term.say("bugreport.done", "path", path)
		return c.term.emit(bugreportResult{Path: path})
	})
}

// writeReport makes a file that only the caller may read, and leaves nothing
// where it fails. It never writes over a file.
func (c *cli) writeReport(ctx context.Context, path string, checks []api.Check, now time.Time) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return api.Fail(api.Exists, "what", path).Because(err)
	}
	if err != nil {
		return api.Fail(api.FileUnwritable, "path", path, "reason", err.Error()).Because(err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(path)
			err = api.Fail(api.FileUnwritable, "path", path, "reason", err.Error()).Because(err)
		}
	}()
	order := bugreport.Order{
		Source: leftBehind{c.service()}, Program: "iscdesk", Version: c.env.Version, Language: c.term.lang, Checks: checks, Now: now,
	}
	if err := bugreport.Write(ctx, f, order); err != nil {
		return err
	}
	return f.Close()
}

// mostLines is how much of a log is read from files.
const mostLines = 5000

// leftBehind is a service whose log is read from its files, with the caller's
// own rights, where it does not answer: an administrator reads the machine's,
// everyone that of a service of his own.
type leftBehind struct{ Service }

// Logs gives the log, or why the service does not.
func (s leftBehind) Logs(ctx context.Context) (api.Logs, error) {
	told, err := s.Service.Logs(ctx)
	if err == nil {
		return told, nil
	}
	for _, perUser := range []bool{true, false} {
		lines, cut, failed := logs.Tail(statepath.Default(perUser), "", mostLines)
		if failed == nil && len(lines) > 0 {
			return api.Logs{Lines: lines, Cut: cut}, nil
		}
	}
	return told, err
}
