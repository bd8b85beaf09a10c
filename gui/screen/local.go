package screen

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/desktop/choose"
	"iscdesk.dev/gui/desktop/start"
)

// local is the user's own session: what rooms ask of it is done on goroutines
// of the desk, and what fails is told.
type local struct {
	desk   *desk.Desk
	app    fyne.App
	window fyne.Window
	tell   func(error)
	onUI   func(func())
	choose func(context.Context, choose.Question) ([]string, error)
	asking atomic.Bool // a file chooser is open
}

func (l *local) do(f func(ctx context.Context) error) {
	l.desk.Do(func(ctx context.Context, _ desk.Service) error { return f(ctx) }, l.tell)
}

// Browse implements view.Local.
func (l *local) Browse(page string) {
	l.do(func(ctx context.Context) error { return start.Browse(ctx, page) })
}

// Open implements view.Local.
func (l *local) Open(path string) { l.do(func(context.Context) error { return start.Open(path) }) }

// Launch implements view.Local.
func (l *local) Launch(program string) {
	l.do(func(context.Context) error { return start.Launch(program) })
}

// Copy implements view.Local.
func (l *local) Copy(text string) { l.onUI(func() { l.app.Clipboard().SetContent(text) }) }

// ChooseFolder implements view.Local.
func (l *local) ChooseFolder(title string, done func(path string)) {
	l.ask(choose.Question{Kind: choose.Folder, Title: title}, func(paths []string) { done(first(paths)) },
		func() { l.ownFolder(title, done) })
}

// ChooseFiles implements view.Local.
func (l *local) ChooseFiles(title string, done func(paths []string)) {
	l.ask(choose.Question{Kind: choose.Files, Title: title}, done, func() { l.ownFiles(title, done) })
}

// ChooseSave implements view.Local.
func (l *local) ChooseSave(title, name string, done func(w io.WriteCloser, path string)) {
	l.ask(choose.Question{Kind: choose.Save, Title: title, Name: name}, func(paths []string) {
		path := first(paths)
		if path == "" {
			done(nil, "")
			return
		}
		l.do(func(context.Context) error {
			f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
			l.onUI(func() {
				if err != nil {
					done(nil, "")
					return
				}
				done(f, path)
			})
			if err != nil {
				return api.Fail(api.FileUnwritable, "path", path, "reason", workspace.Reason(err)).Because(err)
			}
			return nil
		})
	}, func() { l.ownSave(title, name, done) })
}

func first(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// ask asks with the desktop's own file chooser, and with the window's where
// the desktop has none. While one is open there is no second: that one is
// cancelled.
func (l *local) ask(q choose.Question, done func(paths []string), own func()) {
	if !l.asking.CompareAndSwap(false, true) {
		done(nil)
		return
	}
	l.onUI(func() {
		q.Parent = handle(l.window)
		l.do(func(ctx context.Context) error {
			paths, err := l.choose(ctx, q)
			l.asking.Store(false)
			switch {
			case errors.Is(err, choose.ErrNone):
				l.onUI(own)
			case err != nil: // the program ends
				l.onUI(func() { done(nil) })
			default:
				l.onUI(func() { done(paths) })
			}
			return nil
		})
	})
}

// handle is the window as its desktop knows it; 0 where that cannot be told.
func handle(w fyne.Window) (id uintptr) {
	native, ok := w.(driver.NativeWindow)
	if !ok {
		return 0
	}
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			id = c.WindowHandle
		case driver.WindowsWindowContext:
			id = c.HWND
		}
	})
	return id
}
