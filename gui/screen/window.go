package screen

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/desktop/choose"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/about"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/shell"
	"iscdesk.dev/gui/view/signin"
)

// windowClass is the title with which each window is made: the X window system
// takes it for the name by which desktops know whose window it is.
const windowClass = "iscdesk-tray"

// Config is what a Window is made of.
type Config struct {
	App  fyne.App
	Desk *desk.Desk
	// Words gives the texts in a language of the settings, zh-CN, en or auto;
	// auto is what auto means, as the administrator has it; empty: as the
	// session has it.
	Words func(setting, auto string) *i18n.Words
	Now   func() time.Time
	// Local is the user's session; nil: the real one.
	Local view.Local
	// DragOut drags documents out of the window; nil: the desktop lets nobody.
	DragOut view.DragOut
	// OpenPage shows a web page to the user and fails where nothing can; nil:
	// Local shows it.
	OpenPage func(ctx context.Context, page string) error
	// Rooms and Floats are made at once, and what draws them at the first visit.
	Rooms  func(Parts) []Entry
	Floats func(Parts) []FloatEntry
	// About is what the room of that name needs of the program.
	About about.Config
	// OnUI runs a function on the UI thread; nil: fyne.Do.
	OnUI func(func())
}

// Window is the window of the tray app. What it shows follows the desk; it
// remembers which room is shown, and nothing else.
type Window struct {
	cfg    Config
	window fyne.Window
	kit    *kit.Kit
	pace   pacer

	mu       sync.Mutex // guards what other goroutines ask for
	language *i18n.Words
	setting  string
	dirty    map[view.Room]bool
	seen     bool
	hidden   bool // in the tray; of the UI thread

	parts  Parts
	nav    *nav
	banner *kit.Banner
	toast  *toast
	stage  *fyne.Container
	body   *fyne.Container
	room   view.Room
	rooms  map[view.Room]*room
	floats []*float
	look   string

	back    Background
	hasTray bool
	told    bool                    // that closing the window does not end the program
	renamed func()                  // the language is another
	stay    func(api.Settings) bool // nil: there is no condition
}

// room is a room of the window.
type room struct {
	draw   func(*kit.Kit) Room // makes what draws it
	screen Room                // nil before the first visit
}

// New makes the window without showing it, and follows the desk from then on.
func New(cfg Config) *Window {
	if cfg.OnUI == nil {
		cfg.OnUI = fyne.Do
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	w := &Window{cfg: cfg, rooms: map[view.Room]*room{}, dirty: map[view.Room]bool{}, room: view.Home, look: api.ThemeSystem}
	w.language = cfg.Words("", "")
	cfg.App.Settings().SetTheme(kit.Theme{})
	w.window = cfg.App.NewWindow(windowClass)
	w.window.SetPadded(false)
	w.window.Resize(fyne.NewSize(1080, 720))
	w.kit = kit.New(w.window, w.Words)
	if w.cfg.Local == nil {
		w.cfg.Local = &local{desk: cfg.Desk, app: cfg.App, window: w.window, tell: w.Tell, onUI: cfg.OnUI, choose: choose.Ask}
	}
	w.renamed = func() {}
	w.pace = pacer{every: pace, run: func() { cfg.OnUI(w.refresh) }}
	w.speakFyne()
	w.furnish()
	w.build()
	w.keys()
	w.window.SetOnDropped(w.Drop)
	cfg.Desk.Listen(func(desk.Change) { w.stir() })
	w.refresh()
	return w
}

// furnish makes the rooms and what they share.
func (w *Window) furnish() {
	env := w.Env("")
	env.Refresh = w.stir
	parts := Parts{SignIn: signin.New(env, w.cfg.OpenPage), About: w.cfg.About}
	parts.Hand = mend.Hand{Env: env, SignIn: parts.SignIn}
	w.parts = parts
	for _, e := range w.cfg.Rooms(parts) {
		r := &room{draw: e.Make(w.Env(e.Room))}
		w.mu.Lock()
		w.rooms[e.Room] = r
		w.mu.Unlock()
	}
	for _, e := range w.cfg.Floats(parts) {
		w.floats = append(w.floats, newFloat(w, e))
	}
}

// Words is the language spoken now. Any goroutine may ask.
func (w *Window) Words() *i18n.Words {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.language
}

// Fyne is the window itself.
func (w *Window) Fyne() fyne.Window { return w.window }

// Env is what a room is given.
func (w *Window) Env(name view.Room) view.Env {
	return view.Env{
		Desk: w.cfg.Desk, Words: w.Words, Now: w.cfg.Now, Local: w.cfg.Local, DragOut: w.cfg.DragOut,
		Go:   func(p view.Place) { w.cfg.OnUI(func() { w.Go(p) }) },
		Tell: w.Tell,
		Refresh: func() {
			w.mu.Lock()
			w.dirty[name] = true
			w.mu.Unlock()
			w.pace.want()
		},
	}
}

// build makes what is drawn, in the language and the look of now.
func (w *Window) build() {
	w.nav = newNav(w.kit, func(r view.Room) { w.Go(view.Place{Room: r}) })
	w.banner, w.toast = kit.NewBanner(w.kit), newToast(w.kit)
	w.stage = container.NewStack()
	w.body = container.NewBorder(w.banner, w.toast.object(), nil, nil, w.stage)
	w.toast.changed, w.toast.onUI = w.body.Refresh, w.cfg.OnUI
	w.window.SetContent(container.New(&frame{nav: w.nav}, w.nav, w.body))
	for _, r := range w.rooms {
		r.screen = nil
	}
	w.show()
}

// show puts the room that is to be seen on the stage.
func (w *Window) show() {
	r := w.visit(w.room)
	if r == nil {
		return
	}
	w.mu.Lock()
	delete(w.dirty, w.room)
	w.mu.Unlock()
	w.stage.Objects = []fyne.CanvasObject{r.screen.Object()}
	r.screen.Refresh()
	w.stage.Refresh()
}

// visit gives a room with what draws it; nil where there is none.
func (w *Window) visit(name view.Room) *room {
	r := w.rooms[name]
	if r != nil && r.screen == nil {
		r.screen = r.draw(w.kit)
	}
	return r
}

// Go shows a place.
func (w *Window) Go(p view.Place) {
	for _, f := range w.floats {
		if f.name == p.Room {
			f.show(p)
			return
		}
	}
	r := w.visit(p.Room)
	if r == nil {
		return
	}
	changed := p.Room != w.room
	if old := w.rooms[w.room]; changed && old != nil && old.screen != nil {
		if l, ok := old.screen.(Leaver); ok {
			l.Leave()
		}
	}
	w.room = p.Room
	if changed {
		w.show()
	}
	if s, ok := r.screen.(Shower); ok && (p.Part != "" || p.Item != "") {
		s.Show(p)
	}
	w.refresh()
	if f, ok := r.screen.(Focuser); ok && changed {
		f.Focus()
	}
}

// Tell shows a failure of what the user has just done. Any goroutine may call
// it.
func (w *Window) Tell(err error) {
	if err == nil {
		return
	}
	w.cfg.OnUI(func() { w.toast.say(w.Words().Error(err), view.Trouble) })
}

// stir asks for all rooms to be drawn again. Any goroutine may call it.
func (w *Window) stir() {
	w.mu.Lock()
	for name := range w.rooms {
		w.dirty[name] = true
	}
	w.mu.Unlock()
	w.pace.want()
}

// refresh draws what has changed.
func (w *Window) refresh() {
	s := w.cfg.Desk.Snapshot()
	if w.leave(s) {
		w.back.Quit()
		return
	}
	w.follow(s.State.Settings, s.Known())
	v := shell.Of(s, w.Words(), w.cfg.Now(), shell.Offer{SignIn: w.parts.SignIn.Begin, Go: w.Go, Shown: w.room})
	w.nav.set(w.kit, v.Entries, w.room)
	if w.banner.Set(v.Banner) {
		w.body.Refresh()
	}
	if w.Seen() { // with a title before it is shown it would be of another class
		w.window.SetTitle(v.Title)
	}
	dirty := !w.hidden && w.isDirty() // what nobody sees is drawn when it is shown again
	if r := w.rooms[w.room]; r != nil && r.screen != nil && dirty {
		r.screen.Refresh()
	}
	for _, f := range w.floats {
		f.refresh()
	}
}

// isDirty tells whether the room that is shown has to be drawn again; it is
// then taken as drawn.
func (w *Window) isDirty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	dirty := w.dirty[w.room]
	delete(w.dirty, w.room)
	return dirty
}

// follow takes over the language and the look that the user has chosen.
func (w *Window) follow(s api.Settings, known bool) {
	if !known {
		return
	}
	again := false
	look := s.Theme
	if look == "" {
		look = api.ThemeSystem
	}
	if look != w.look {
		w.look, again = look, true
		w.cfg.App.Settings().SetTheme(themeOf(look))
	}
	w.mu.Lock()
	if setting := s.Language + " " + s.AutoLanguage; setting != w.setting {
		w.setting = setting
		words := w.cfg.Words(s.Language, s.AutoLanguage)
		again = again || words.Language() != w.language.Language()
		w.language = words
	}
	w.mu.Unlock()
	if again {
		w.speakFyne()
		w.build()
		w.renamed()
		for _, f := range w.floats {
			f.rebuild()
		}
	}
}

// speakFyne has the widgets of Fyne speak the language of the window.
func (w *Window) speakFyne() {
	if err := kit.SpeakFyne(w.Words()); err != nil {
		fyne.LogError("fyne speaks another language", err)
	}
}

func themeOf(setting string) fyne.Theme {
	t := kit.Theme{}
	switch setting {
	case api.ThemeLight:
		v := theme.VariantLight
		t.Fixed = &v
	case api.ThemeDark:
		v := theme.VariantDark
		t.Fixed = &v
	}
	return t
}

// Drop gives the room that is seen files that were dropped onto the window.
func (w *Window) Drop(at fyne.Position, uris []fyne.URI) {
	r := w.rooms[w.room]
	if r == nil || len(uris) == 0 {
		return
	}
	if d, ok := r.screen.(Dropper); ok {
		paths := make([]string, len(uris))
		for i, u := range uris {
			paths[i] = u.Path()
		}
		d.Drop(at, paths)
	}
}
