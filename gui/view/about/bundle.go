package about

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/bugreport"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// report is the file for support that was written last, or is being written.
type report struct {
	running bool
	path    string
	err     error
}

// reportPatience bounds the writing of a report.
const reportPatience = 2 * time.Minute

// Bundle writes a report into the usual folder, under a name of its own.
func (r *Room) Bundle() {
	now := r.env.Now()
	r.write(func(ctx context.Context, order bugreport.Order) (string, error) {
		folder := r.config.Folder()
		if folder == "" {
			return "", api.Fail(api.NotFound, "what", "Downloads")
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", unwritable(folder, err)
		}
		f, path, err := create(folder, now)
		if err != nil {
			return "", unwritable(path, err)
		}
		return path, finish(ctx, f, path, order)
	})
}

// BundleTo writes a report to a place that the user has chosen.
func (r *Room) BundleTo(w io.WriteCloser, path string) {
	if w == nil {
		return
	}
	r.write(func(ctx context.Context, order bugreport.Order) (string, error) {
		return path, finish(ctx, w, path, order)
	})
}

// create makes a file that only the user may read, and never writes over one.
func create(folder string, now time.Time) (*os.File, string, error) {
	stem := filepath.Join(folder, "iscdesk-bugreport-"+now.Format("20060102-150405"))
	const tries = 100
	path := stem + ".zip"
	for n := 2; ; n++ {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, fs.ErrExist) || n > tries {
			return f, path, err
		}
		path = stem + "-" + strconv.Itoa(n) + ".zip"
	}
}

// finish writes the report and leaves nothing where that fails.
func finish(ctx context.Context, w io.WriteCloser, path string, order bugreport.Order) error {
	err := bugreport.Write(ctx, w, order)
	if err = errors.Join(err, w.Close()); err != nil {
		return unwritable(path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

func unwritable(path string, err error) error {
	return api.Fail(api.FileUnwritable, "path", path, "reason", workspace.Reason(err)).Because(err)
}

// write has a report written off the thread that draws. It is made even while
// the service is down: it tells that too.
func (r *Room) write(to func(context.Context, bugreport.Order) (string, error)) {
	r.mu.Lock()
	if r.report.running {
		r.mu.Unlock()
		return
	}
	r.report = report{running: true}
	r.mu.Unlock()
	r.env.Refresh()
	language, now := r.env.Words().Language(), r.env.Now()
	var path string
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		ctx, cancel := context.WithTimeout(ctx, reportPatience)
		defer cancel()
		order := bugreport.Order{
			Source: s, Program: "iscdesk-tray", Version: r.config.Version, Language: language, Checks: r.own(ctx), Now: now,
		}
		if r.config.Source != nil {
			order.Source = r.config.Source
		}
		if r.config.Log != nil {
			if text := r.config.Log(); text != "" {
				order.Logs = []bugreport.Log{{Name: "tray.log", Text: text}}
			}
		}
		path, err = to(ctx, order)
		return err
	}, func(err error) {
		r.mu.Lock()
		r.report = report{path: path, err: err}
		r.mu.Unlock()
		r.env.Refresh()
	})
}

func (r *Room) bundleView(w *i18n.Words) Bundle {
	b := Bundle{Title: w.T("about.bundle"), Text: w.T("about.bundle.text"), Running: r.report.running}
	for _, key := range []string{"versions", "state", "checks", "policy", "logs"} {
		b.Holds = append(b.Holds, w.T("about.bundle.holds."+key))
	}
	save := view.Action{Name: "bundle", Label: w.T("about.bundle.make"), Do: r.Bundle, Primary: true}
	elsewhere := view.Action{Name: "elsewhere", Label: w.T("about.bundle.elsewhere"), Do: func() {
		name := "iscdesk-bugreport-" + r.env.Now().Format("20060102-150405") + ".zip"
		r.env.Local.ChooseSave(r.env.Words().T("about.bundle"), name, r.BundleTo)
	}}
	switch {
	case r.report.running:
		b.Status, b.Tone = w.T("about.bundle.running"), view.Busy
		save.Do, elsewhere.Do = nil, nil
	case r.report.err != nil:
		b.Status, b.Tone = w.T("about.bundle.failed", "reason", w.Error(r.report.err)), view.Trouble
	case r.report.path != "":
		path := r.report.path
		b.Path, b.Status, b.Tone = path, w.T("about.bundle.done", "path", path), view.Good
		save.Primary = false
		b.Actions = append(
			b.Actions,
			view.Action{Name: "folder", Label: w.T("about.bundle.folder"), Primary: true, Do: func() { r.env.Local.Open(filepath.Dir(path)) }},
			view.Action{Name: "copy", Label: w.T("about.bundle.copy"), Do: func() { r.env.Local.Copy(path) }},
		)
	}
	b.Actions = append(b.Actions, save, elsewhere)
	return b
}

// Downloads is the user's folder for what he fetches, as his desktop names it,
// else his home. It is looked up with his own rights and may take as long as a
// small file.
func Downloads() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	if dir := userDir(home, "XDG_DOWNLOAD_DIR"); dir != "" {
		return dir
	}
	usual := filepath.Join(home, "Downloads")
	if info, err := os.Stat(usual); err == nil && info.IsDir() {
		return usual
	}
	return home
}

// userDir reads a folder from the desktop's user-dirs.dirs; empty: it names
// none.
func userDir(home, name string) string {
	config, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	content, err := os.ReadFile(filepath.Join(config, "user-dirs.dirs"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != name {
			continue
		}
		dir := strings.Trim(value, `"`)
		if rest, found := strings.CutPrefix(dir, "$HOME"); found {
			dir = filepath.Join(home, rest)
		}
		if filepath.IsAbs(dir) && dir != home {
			return dir
		}
	}
	return ""
}
