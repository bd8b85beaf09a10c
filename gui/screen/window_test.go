package screen_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/screen"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/notify"
	"iscdesk.dev/gui/view/viewtest"
)

// room is a room that writes down what it is asked.
type room struct {
	name  view.Room
	env   view.Env
	label *widget.Label
	note  func(string)
}

func (r *room) Object() fyne.CanvasObject { return r.label }
func (r *room) Refresh()                  { r.note(string(r.name) + " refresh") }
func (r *room) Show(p view.Place)         { r.note(string(r.name) + " show " + p.Part + ":" + p.Item) }
func (r *room) Search()                   { r.note(string(r.name) + " search") }
func (r *room) Reload()                   { r.note(string(r.name) + " reload") }
func (r *room) Back() bool                { r.note(string(r.name) + " back"); return true }
func (r *room) Drop(_ fyne.Position, paths []string) {
	r.note(string(r.name) + " drop " + strings.Join(paths, ","))
}

// float is a window that a test makes wanted.
type float struct {
	room
	wanted bool
}

func (f *float) Wanted() bool  { return f.wanted }
func (f *float) Title() string { return "float" }
func (f *float) Closed()       { f.wanted = false; f.note("float closed") }

// frame is a window with two rooms, whose UI thread is the test's.
type frame struct {
	*screen.Window
	t     *testing.T
	stage *viewtest.Stage
	float *float
	queue chan func()
	notes []string
	state api.State
	env   map[view.Room]view.Env
}

func newFrame(t *testing.T) *frame {
	t.Helper()
	f := &frame{t: t, stage: viewtest.New(t, api.English), queue: make(chan func(), 1000), env: map[view.Room]view.Env{}}
	note := func(s string) { f.notes = append(f.notes, s) }
	make := func(name view.Room) screen.Entry {
		return screen.Entry{Room: name, Make: func(env view.Env) func(*kit.Kit) screen.Room {
			f.env[name] = env
			return func(*kit.Kit) screen.Room {
				note(string(name) + " drawn")
				return &room{name: name, env: env, label: widget.NewLabel(string(name)), note: note}
			}
		}}
	}
	f.float = &float{room: room{name: "float", label: widget.NewLabel("float"), note: note}}
	f.state = api.State{
		Service:  api.ServiceInfo{Version: "1"},
		Account:  api.Account{State: api.AccountSignedIn, Online: true},
		Settings: api.Settings{Language: "en", Theme: api.ThemeLight},
		Messages: []api.Message{{ID: "1"}},
	}
	f.Window = screen.New(screen.Config{
		App: test.NewTempApp(t), Desk: f.stage.Env.Desk, Now: viewtest.Now, Local: f.stage.Env.Local,
		OnUI: func(g func()) { f.queue <- g },
		Words: func(setting, _ string) *i18n.Words {
			if setting == "" {
				setting = "en"
			}
			w, err := i18n.New(api.Language(setting), time.UTC)
			if err != nil {
				t.Error(err)
			}
			return w
		},
		Rooms: func(screen.Parts) []screen.Entry { return []screen.Entry{make(view.Home), make(view.Documents)} },
		Floats: func(screen.Parts) []screen.FloatEntry {
			return []screen.FloatEntry{{Name: view.Picker, Make: func(view.Env) func(*kit.Kit) screen.Floating {
				return func(*kit.Kit) screen.Floating { return f.float }
			}}}
		},
	})
	f.say(desk.Connected)
	return f
}

// say lets the service say the state.
func (f *frame) say(link desk.Link) {
	f.t.Helper()
	f.stage.Env.Desk.Show(desk.Change{Snapshot: desk.Snapshot{Link: link, State: f.state}, Sections: desk.Sections()})
	f.turn()
}

// turn waits for what is asked of the UI thread and does it.
func (f *frame) turn() {
	f.t.Helper()
	select {
	case g := <-f.queue:
		g()
	case <-time.After(10 * time.Second):
		f.t.Fatal("nothing is drawn")
	}
}

// noted gives what was noted since it was asked last.
func (f *frame) noted() []string {
	out := f.notes
	f.notes = nil
	return slices.DeleteFunc(out, func(s string) bool { return s == "float refresh" })
}

func (f *frame) expect(want ...string) {
	f.t.Helper()
	if got := f.noted(); !slices.Equal(got, want) {
		f.t.Errorf("noted %q, want %q", got, want)
	}
}

func TestTheFrameInBothLanguagesAndLooks(t *testing.T) {
	for _, lang := range []string{"en", "zh-CN"} {
		for _, look := range []string{api.ThemeLight, api.ThemeDark} {
			t.Run(lang+" "+look, func(t *testing.T) {
				f := newFrame(t)
				f.state.Settings = api.Settings{Language: lang, Theme: look}
				f.state.Account.State = api.AccountSignedOut
				f.say(desk.Connected)
				f.Fyne().Resize(fyne.NewSize(1080, 720))
				places := regexp.MustCompile(` (pos|size)="[^"]*"`)
				viewtest.Golden(t, "frame."+lang+"."+look, places.ReplaceAllString(test.RenderToMarkup(f.Fyne().Canvas()), ""))
			})
		}
	}
}

func TestRoomsAreDrawnWhenTheyAreSeen(t *testing.T) {
	f := newFrame(t)
	f.noted()
	f.say(desk.Connected)
	f.expect("home refresh")
	f.Go(view.Place{Room: view.Documents, Part: "pending", Item: "7"})
	f.expect("documents drawn", "documents refresh", "documents show pending:7")
	f.say(desk.Lost)
	f.expect("documents refresh")
	f.env[view.Home].Refresh()
	f.turn()
	f.expect() // it is not seen
	f.Go(view.Place{Room: view.Home})
	f.expect("home refresh")
	f.Go(view.Place{Room: "no such room"})
	f.expect()
}

func TestLanguageAndLookChangeWithoutARestart(t *testing.T) {
	f := newFrame(t)
	f.Go(view.Place{Room: view.Documents})
	f.noted()
	f.state.Settings.Language = "zh-CN"
	f.say(desk.Connected)
	if f.Words().Language() != api.Chinese {
		t.Error("it still speaks English")
	}
	f.expect("documents drawn", "documents refresh")
	f.state.Settings.Theme = api.ThemeDark
	f.say(desk.Connected)
	f.expect("documents drawn", "documents refresh")
	dark := fyne.CurrentApp().Settings().Theme().Color(theme.ColorNameBackground, theme.VariantLight)
	if want := (kit.Theme{}).Color(theme.ColorNameBackground, theme.VariantDark); dark != want {
		t.Errorf("the background is %v, want %v", dark, want)
	}
	f.say(desk.Connected)
	f.expect("documents refresh")
}

func TestKeys(t *testing.T) {
	f := newFrame(t)
	canvas := f.Fyne().Canvas()
	press := func(key fyne.KeyName) {
		canvas.(interface{ OnTypedKey() func(*fyne.KeyEvent) }).OnTypedKey()(&fyne.KeyEvent{Name: key})
	}
	ctrl := func(key fyne.KeyName) {
		canvas.(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl})
	}
	f.noted()
	press(fyne.KeyF5)
	press(fyne.KeyEscape)
	ctrl(fyne.KeyF)
	f.expect("home reload", "home back", "home search")
	ctrl(fyne.Key2)
	f.expect("documents drawn", "documents refresh")
	ctrl(fyne.Key1)
	f.expect("home refresh")
	var rooms []string
	for range 2 {
		canvas.FocusNext()
		if e := canvas.Focused(); e != nil {
			e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			rooms = append(rooms, f.noted()...)
		}
	}
	if !slices.Equal(rooms, []string{"documents refresh"}) { // home is seen already
		t.Errorf("Tab and Enter led to %q", rooms)
	}
}

func TestFilesThatAreDropped(t *testing.T) {
	f := newFrame(t)
	f.noted()
	f.Drop(fyne.NewPos(1, 1), []fyne.URI{storage.NewFileURI("/a/梁.inp")})
	f.expect("home drop /a/梁.inp")
}

func TestAWindowComesToTheFrontByItself(t *testing.T) {
	f := newFrame(t)
	f.float.wanted = true
	f.say(desk.Connected)
	f.Go(view.Place{Room: view.Picker, Item: "7"})
	f.float.wanted = false
	f.say(desk.Connected)
	if !slices.Contains(f.noted(), "float show :7") {
		t.Error("its place was not shown")
	}
}

func TestWhatFailsIsToldWithoutTakingTheFocus(t *testing.T) {
	f := newFrame(t)
	f.env[view.Home].Tell(nil)
	f.env[view.Home].Tell(errors.Join(api.Fail(api.DocumentCheckedOut, "path", "/a", "owner", "Wang")))
	f.turn()
	markup := test.RenderToMarkup(f.Fyne().Canvas())
	if !strings.Contains(markup, "Wang") {
		t.Error("the failure is not seen")
	}
	if f.Fyne().Canvas().Focused() != nil {
		t.Error("the focus was taken")
	}
}

// host is a tray that keeps what it shows.
type host struct {
	menu  *fyne.Menu
	icons []string
	menus int
}

func (h *host) SetSystemTrayMenu(m *fyne.Menu)       { h.menu, h.menus = m, h.menus+1 }
func (h *host) SetSystemTrayIcon(icon fyne.Resource) { h.icons = append(h.icons, icon.Name()) }

func TestTheTray(t *testing.T) {
	f, h, quits := newFrame(t), &host{}, 0
	f.Run(screen.Background{Quit: func() { quits++ }})
	f.PutIcon(h)
	if !slices.Equal(h.icons, []string{"fine.png"}) || h.menus != 1 {
		t.Fatalf("at first %q, %d menus", h.icons, h.menus)
	}
	f.state.Conflicts = []api.Conflict{{ID: "1"}}
	f.say(desk.Connected)
	for len(h.icons) < 2 || h.menus < 2 {
		f.turn()
	}
	f.say(desk.Connected)
	if !slices.Equal(h.icons, []string{"fine.png", "attention.png"}) || h.menus != 2 {
		t.Errorf("then %q, %d menus", h.icons, h.menus)
	}
	last := h.menu.Items[len(h.menu.Items)-1]
	if !last.IsQuit || last.Label != "Quit (the service goes on)" {
		t.Errorf("the last entry is %+v", last)
	}
	last.Action()
	if quits != 1 {
		t.Errorf("quit %d times", quits)
	}
}

func TestClosing(t *testing.T) {
	f := newFrame(t)
	told, quits := make(chan notify.Notice, 10), 0
	f.Run(screen.Background{Quit: func() { quits++ }, Notify: func(_ context.Context, n notify.Notice) error {
		told <- n
		return nil
	}})
	closes := func() {
		f.Present()
		f.Fyne().Canvas().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierControl})
	}
	closes()
	question := f.Fyne().Canvas().Overlays().Top()
	if question == nil || !f.Seen() {
		t.Fatal("without a tray it does not ask")
	}
	focused, ok := f.Fyne().Canvas().Focused().(*kit.Button)
	if !ok || focused.Text != "Go on in the background" {
		t.Fatalf("the focus is on %v", f.Fyne().Canvas().Focused())
	}
	focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if f.Seen() || f.Fyne().Canvas().Overlays().Top() != nil || len(told) != 0 {
		t.Error("it did not go into the background")
	}
	f.TrayIsThere()
	for range 2 {
		closes()
	}
	if n := <-told; f.Seen() || n.Text != "iscdesk stays in the tray. Documents go on being sent." {
		t.Errorf("told %+v", n)
	}
	if len(told) != 0 || quits != 0 {
		t.Errorf("told again, or quit %d times", quits)
	}
}
