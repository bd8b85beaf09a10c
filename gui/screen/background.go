package screen

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/notify"
	"iscdesk.dev/gui/view/tray"
)

// Background is what goes on while the window is closed: the tray icon, and
// notifications.
type Background struct {
	// Notify shows a notification of the desktop; it may block.
	Notify func(context.Context, notify.Notice) error
	// Quit ends the program.
	Quit func()
}

// Run begins to work in the background; the window then closes into the tray.
// Without a tray, closing asks whether to go on.
func (w *Window) Run(b Background) {
	w.back = b
	teller := notify.New(notify.Config{Words: w.Words, Now: w.cfg.Now, Seen: w.Seen, Show: func(n notify.Notice) {
		w.cfg.Desk.Do(func(ctx context.Context, _ desk.Service) error { return b.Notify(ctx, n) }, nil) // a desktop without notifications has none
	}})
	w.cfg.Desk.Listen(teller.Hear)
	w.window.SetCloseIntercept(w.closed)
	w.cfg.App.Lifecycle().SetOnEnteredForeground(func() { w.setSeen(true) })
	w.cfg.App.Lifecycle().SetOnExitedForeground(func() { w.setSeen(false) })
}

// TrayIsThere tells that the desktop shows the icon, so that the window can be
// closed without asking.
func (w *Window) TrayIsThere() { w.hasTray = true }

// PutIcon makes the icon and its menu; whether it is seen, TrayIsThere tells.
func (w *Window) PutIcon(host Host) {
	t := NewTray(host, w.trayView())
	icon := &pacer{every: iconPace, run: func() { w.cfg.OnUI(func() { t.SetIcon(w.trayView()) }) }}
	menu := &pacer{every: menuPace, run: func() { w.cfg.OnUI(func() { t.SetMenu(w.trayView()) }) }}
	w.cfg.Desk.Listen(func(desk.Change) {
		icon.want()
		menu.want()
	})
	w.renamed = func() { t.SetMenu(w.trayView()) }
}

// trayView is what the tray shows now.
func (w *Window) trayView() tray.View {
	return tray.Of(w.cfg.Desk.Snapshot(), w.Words(), tray.Hands{
		Open: w.Present, Quit: w.back.Quit,
		Go: func(p view.Place) {
			w.Go(p)
			w.Present()
		},
		SignIn: func() {
			w.Present()
			w.parts.SignIn.Begin()
		},
		SignOut: w.parts.SignIn.SignOut,
		Pause: func(paused bool) {
			w.cfg.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.PauseUploads(ctx, paused) }, w.Tell)
		},
	})
}

// Seen tells whether the user has a window of the program before him. Any goroutine may
// ask.
func (w *Window) Seen() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

func (w *Window) setSeen(seen bool) {
	w.mu.Lock()
	w.seen = seen
	w.mu.Unlock()
}

// closed is what closing the window means: it goes into the tray, with a word
// about it the first time; without a tray the user is asked.
func (w *Window) closed() {
	switch {
	case w.back.Quit == nil: // nothing goes on in the background
		w.window.Close()
		return
	case !w.hasTray:
		w.kit.Ask(w.Words().T("shell.close.ask"),
			view.Action{Name: "stay", Label: w.Words().T("shell.close.stay"), Primary: true, Do: w.hide},
			view.Action{Name: "quit", Label: w.Words().T("shell.close.quit"), Do: w.back.Quit})
		return
	}
	w.hide()
	if w.told {
		return
	}
	w.told = true
	n := notify.Notice{Title: w.Words().T("app.name"), Text: w.Words().T("notify.tray"), Label: w.Words().T("notify.open")}
	w.cfg.Desk.Do(func(ctx context.Context, _ desk.Service) error { return w.back.Notify(ctx, n) }, nil) // it is told, or not
}

func (w *Window) hide() {
	w.setSeen(false)
	w.hidden = true
	w.window.Hide()
}

// Present shows the window in front of the others.
func (w *Window) Present() {
	w.hidden = false
	w.setSeen(true)
	w.window.Show()
	w.window.RequestFocus()
	w.refresh()
}

// ShowPlace shows a place in the window, in front of the others. Any goroutine
// may call it.
func (w *Window) ShowPlace(p view.Place) {
	w.cfg.OnUI(func() {
		if p.Room != "" {
			w.Go(p)
		}
		if p.Room != view.Picker {
			w.Present()
		}
	})
}

// StayOnlyIf quits, when the settings are known, if they are not as they have
// to be and the user has not asked for the window by then.
func (w *Window) StayOnlyIf(ok func(api.Settings) bool) {
	w.stay = ok
}

// leave tells whether the program has to end by what StayOnlyIf said.
func (w *Window) leave(s desk.Snapshot) bool {
	if w.stay == nil || !s.Known() {
		return false
	}
	ok := w.stay
	w.stay = nil
	return !ok(s.State.Settings) && !w.Seen()
}
