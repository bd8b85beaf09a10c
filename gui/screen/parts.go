package screen

import (
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
)

// frame lays the navigation out beside the rest; where the window is narrow
// for the size of its text, the navigation keeps only its icons.
type frame struct{ nav *nav }

func (f *frame) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(18*theme.TextSize(), max(o[0].MinSize().Height, 16*theme.TextSize()))
}

func (f *frame) Layout(o []fyne.CanvasObject, size fyne.Size) {
	f.nav.setSlim(size.Width < 52*theme.TextSize())
	width := o[0].MinSize().Width
	o[0].Resize(fyne.NewSize(width, size.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width-width, size.Height))
	o[1].Move(fyne.NewPos(width, 0))
}

// toastTime is how long something that is told stays.
const toastTime = 8 * time.Second

// toast tells what has just happened, below the room, without taking the
// focus.
type toast struct {
	banner *kit.Banner
	close  func() view.Action
	timer  *time.Timer
	box    *fyne.Container
	// changed has everything laid out again.
	changed func()
	onUI    func(func())
}

func newToast(k *kit.Kit) *toast {
	t := &toast{banner: kit.NewBanner(k)}
	t.close = func() view.Action {
		return view.Action{Name: "close", Label: k.Words().T("app.close"), Do: t.hide}
	}
	t.box = container.NewVBox(t.banner)
	return t
}

func (t *toast) object() fyne.CanvasObject { return t.box }

func (t *toast) say(text string, tone view.Tone) {
	a := t.close()
	if t.banner.Set(view.Banner{Tone: tone, Text: text, Action: &a}) {
		t.changed()
	}
	if t.timer != nil {
		t.timer.Stop()
	}
	t.timer = time.AfterFunc(toastTime, func() { t.onUI(t.hide) })
}

func (t *toast) hide() {
	if t.banner.Set(view.Banner{}) {
		t.changed()
	}
}

// pace is how often the window is drawn at most.
const pace = 50 * time.Millisecond

// pacer makes many wishes in a short time into one run.
type pacer struct {
	every time.Duration
	run   func()

	mu      sync.Mutex
	waiting bool
	last    time.Time
}

// want asks for a run soon. Any goroutine may call it.
func (p *pacer) want() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting {
		return
	}
	p.waiting = true
	time.AfterFunc(max(0, p.every-time.Since(p.last)), func() {
		p.mu.Lock()
		p.waiting, p.last = false, time.Now()
		p.mu.Unlock()
		p.run()
	})
}

// float is a window that comes to the front by itself.
type float struct {
	name   view.Room
	owner  *Window
	draw   func(*kit.Kit) Floating
	window fyne.Window
	kit    *kit.Kit
	screen Floating
	open   bool      // it is to be seen
	size   fyne.Size // what the screen wanted last
}

// newFloat makes the window at once, hidden: what is drawn tells when it is
// wanted.
func newFloat(w *Window, e FloatEntry) *float {
	f := &float{name: e.Name, owner: w}
	f.window = w.cfg.App.NewWindow(windowClass)
	f.window.Resize(fyne.NewSize(820, 600))
	f.kit = kit.New(f.window, w.Words)
	env := w.Env("")
	env.Refresh = w.pace.want
	f.draw = e.Make(env)
	f.window.SetCloseIntercept(func() {
		f.screen.Closed()
		f.window.Hide()
		f.open = false // where something more is wanted, it comes back
	})
	f.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { f.typed(e) })
	f.rebuild()
	return f
}

// smallWindow is how wide a window is at most, in units of the size of text,
// that surely has room on the screen. A larger one is left where the desktop
// puts it, which knows how large the screen is.
const smallWindow = 40

// present shows the window in the middle of the screen, as large as what it
// shows wants it. Where a desktop places windows by itself when they appear, a
// small one is moved there again afterwards.
func (f *float) present() {
	f.fit()
	f.window.CenterOnScreen()
	f.window.Show()
	if f.size.Width <= smallWindow*theme.TextSize() {
		f.window.CenterOnScreen()
	}
	f.window.RequestFocus()
}

// fit makes the window as large as what it shows wants it.
func (f *float) fit() {
	if s, ok := f.screen.(Sizer); ok {
		if size := s.Size(); size != f.size {
			f.size = size
			f.window.Resize(size)
		}
	}
}

func (f *float) rebuild() {
	f.screen = f.draw(f.kit)
	f.window.SetContent(f.screen.Object())
}

func (f *float) typed(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		if b, ok := f.screen.(Backer); ok && b.Back() {
			return
		}
		f.screen.Closed()
	case fyne.KeyF5:
		if r, ok := f.screen.(Reloader); ok {
			r.Reload()
		}
	}
}

// show brings the window to the front, with a place in it.
func (f *float) show(p view.Place) {
	if s, ok := f.screen.(Shower); ok {
		s.Show(p)
	}
	f.open = false // it comes to the front again
	f.refresh()
}

// refresh draws what has changed, and shows or hides the window.
func (f *float) refresh() {
	f.screen.Refresh()
	wanted, shown := f.screen.Wanted(), f.open
	f.open = wanted
	switch {
	case wanted:
		if !shown {
			f.present()
			if focus, ok := f.screen.(Focuser); ok {
				focus.Focus()
			}
		}
		f.fit()
		f.window.SetTitle(f.screen.Title()) // once it is shown, see windowClass
	case shown:
		f.window.Hide()
	}
}
