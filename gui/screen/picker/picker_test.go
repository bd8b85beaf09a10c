package picker_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/picker"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse/cloudtest"
	model "iscdesk.dev/gui/view/picker"
)

// drawn is a picker in a window of Fyne's test driver.
type drawn struct {
	*cloudtest.Stage
	room   *model.Room
	screen *picker.Screen
	window fyne.Window
}

func at(n int) int64 { return time.Date(2026, 2, n, 9, 5, 0, 0, time.UTC).Unix() }

func asked(picks ...api.Pick) api.State {
	s := cloudtest.SignedIn()
	s.Apps = []api.App{{Product: "minicad", Name: "MiniCAD"}}
	s.Sessions = []api.Session{{ID: "s1", Product: "minicad", Version: "2.1", PID: 4711}}
	s.Recent = []api.Recent{{Path: "/me/bracket.step", Used: at(1)}}
	s.Picks = picks
	return s
}

func opens(id string) api.Pick {
	return api.Pick{ID: id, Kind: api.PickOpen, Product: "minicad", Session: "s1", Created: 1}
}

func saves(id string) api.Pick {
	return api.Pick{ID: id, Kind: api.PickSaveAs, Product: "minicad", Session: "s1", SuggestedName: "new.step", DocumentKind: api.Single, Created: 2}
}

func draw(t *testing.T, lang api.Language, picks ...api.Pick) *drawn {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.Theme{})
	d := &drawn{Stage: cloudtest.New(t, lang)}
	for _, e := range []api.Entry{
		{Path: "/me/Drawings", Folder: true},
		{Path: "/me/bracket.step", ID: "1", Version: 2, Size: 6564, Modified: at(2), Author: "Li Na"},
		{Path: "/me/gearbox.zip", ID: "2", Kind: api.Assembly, Version: 12, Size: 21_500_000, Modified: at(9), Author: "Wang Wei", CheckedOutBy: "Wang Wei"},
		{Path: "/team/wheel.step", ID: "3", Version: 3, Modified: at(1)},
	} {
		d.Cloud.Put(e)
	}
	d.Cloud.Versions("/me/bracket.step", api.Version{Number: 2, Author: "Li Na", Created: at(2), Comment: "thicker"}, api.Version{Number: 1, Author: "Wang Wei", Created: at(1)})
	d.Set(asked(picks...))
	d.room = model.New(model.Config{Env: d.Env})
	t.Cleanup(d.room.Close)
	d.window = test.NewTempWindow(t, nil)
	d.screen = picker.New(d.room, kit.New(d.window, d.Env.Words))
	d.window.SetContent(d.screen.Object())
	d.window.Resize(fyne.NewSize(980, 640))
	d.screen.Focus()
	d.settle()
	return d
}

func (d *drawn) settle() {
	d.Until("nothing loads", func() bool {
		v := d.room.View()
		return v.Browser == nil || !v.Browser.View().Loading && v.Browser.View().Tree.Len() > 2 && (v.About == nil || len(v.About.Versions) > 0 || v.About.Note.Text == "")
	})
	d.screen.Refresh()
}

func TestStructure(t *testing.T) {
	for _, tt := range []struct {
		name string
		lang api.Language
		pick api.Pick
		do   func(*drawn)
	}{
		{"open", api.English, opens("p1"), func(d *drawn) { d.room.View().Browser.Select("/me/bracket.step") }},
		{"open.zh", api.Chinese, opens("p1"), func(d *drawn) { d.room.View().Browser.Select("/me/gearbox.zip") }},
		{"save", api.English, saves("p1"), func(*drawn) {}},
		{"overwrite", api.English, saves("p1"), func(d *drawn) {
			d.room.Name("bracket.step")
			d.room.Answer()
		}},
		{"refused", api.Chinese, opens("p1"), func(d *drawn) {
			d.room.View().Browser.Select("/me/bracket.step")
			d.Cloud.Fail("AnswerPick p1", api.Fail(api.PermissionDenied))
			d.room.Answer()
			d.Until("it is said", func() bool { return d.room.View().Banner.Tone == view.Trouble })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := draw(t, tt.lang, tt.pick)
			tt.do(d)
			d.settle()
			d.window.Canvas().Unfocus() // a cursor blinks
			test.AssertRendersToMarkup(t, tt.name+".xml", d.window.Canvas())
		})
	}
}

// TestLongNames keeps the window's shape: what is wrong with a name as long as
// names get is said once, below the name.
func TestLongNames(t *testing.T) {
	d := draw(t, api.Chinese, saves("p1"))
	before := d.screen.Object().MinSize()
	d.room.Name(strings.Repeat("中", 86))
	d.settle()
	if fault := d.room.View().Save.Fault; fault == "" {
		t.Fatal("a name of 258 bytes is taken")
	} else if n := strings.Count(test.RenderToMarkup(d.window.Canvas()), "255"); n != 1 {
		t.Errorf("%q is said %d times", fault, n)
	}
	if grown := d.screen.Object().MinSize().Height - before.Height; grown > 100 {
		t.Errorf("it takes %v more of the window's height", grown)
	}
}

// key goes to what has the keyboard.
func (d *drawn) key(t *testing.T, name fyne.KeyName) {
	t.Helper()
	f := d.window.Canvas().Focused()
	if f == nil {
		t.Fatal("nothing has the keyboard")
	}
	f.TypedKey(&fyne.KeyEvent{Name: name})
	d.settle()
}

// answered waits for the one answer.
func (d *drawn) answered() api.PickAnswer {
	d.Until("it is answered", func() bool { return len(d.Cloud.Answers()) == 1 && !d.screen.Wanted() })
	d.screen.Refresh()
	return d.Cloud.Answers()[0].PickAnswer
}

func TestOpenByKeyboard(t *testing.T) {
	d := draw(t, api.English, opens("p1"))
	if !d.screen.Wanted() || d.screen.Title() != "Open for MiniCAD" {
		t.Fatalf("wanted %v, %q", d.screen.Wanted(), d.screen.Title())
	}
	d.key(t, fyne.KeyEnd)
	d.key(t, fyne.KeyUp)
	d.key(t, fyne.KeyReturn)
	if got := d.answered(); got != (api.PickAnswer{Path: "/me/bracket.step"}) {
		t.Errorf("%+v", got)
	}
}

func TestOpenAndCheckOutByShortcut(t *testing.T) {
	d := draw(t, api.English, opens("p1"))
	d.window.Canvas().Focused().TypedRune('b')
	d.settle()
	c := d.window.Canvas().(interface{ TypedShortcut(fyne.Shortcut) })
	c.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierControl})
	if got := d.answered(); got != (api.PickAnswer{Path: "/me/bracket.step", Checkout: true}) {
		t.Errorf("%+v", got)
	}
}

func TestSaveByKeyboard(t *testing.T) {
	d := draw(t, api.Chinese, saves("p1"))
	test.Type(d.window.Canvas().Focused(), "x") // the name has the keyboard, behind its last character
	d.settle()
	if got := d.room.View().Save.Name; got != "new.stepx" {
		t.Fatalf("the name is %q", got)
	}
	for range 9 {
		d.key(t, fyne.KeyBackspace)
	}
	test.Type(d.window.Canvas().Focused(), "bracket")
	d.settle()
	d.key(t, fyne.KeyReturn)
	if d.room.View().Save.Overwrite == nil {
		t.Fatal("it is not asked")
	}
	d.key(t, fyne.KeyReturn)
	if got := d.answered(); got != (api.PickAnswer{Path: "/me/bracket.step", Overwrite: true}) {
		t.Errorf("%+v", got)
	}
}

// TestShortcutsWorkWhileANameIsTyped gives them to the line that has the
// keyboard, as the desktop does.
func TestShortcutsWorkWhileANameIsTyped(t *testing.T) {
	d := draw(t, api.English, saves("p1"))
	press := func(key fyne.KeyName) {
		d.window.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl})
		d.settle()
	}
	press(fyne.KeyN)
	if d.room.View().Browser.View().NewFolder == nil {
		t.Fatal("Ctrl+N makes no folder")
	}
	press(fyne.KeyF)
	test.Type(d.window.Canvas().Focused(), "wheel")
	d.Until("it is found", func() bool { v := d.room.View().Browser.View(); return v.Search == "wheel" && v.Rows.Len() == 1 })
	press(fyne.KeyN) // not while it searches
	if d.room.View().Browser.View().Search != "wheel" {
		t.Error("the search is gone")
	}
}

func TestEveryButtonIsReachedByTab(t *testing.T) {
	d := draw(t, api.English, opens("p1"), saves("p2"))
	d.room.View().Browser.Select("/me/bracket.step")
	d.settle()
	c := d.window.Canvas()
	seen := map[fyne.Focusable]bool{}
	for f := c.Focused(); f != nil && !seen[f]; f = c.Focused() {
		seen[f] = true
		c.FocusNext()
	}
	labels := map[string]bool{}
	for f := range seen {
		if b, ok := f.(*kit.Button); ok {
			labels[b.Text] = true
		}
	}
	for _, want := range []string{"Cancel", "Open", "Open and check out", "New folder", "MiniCAD asks too"} {
		if !labels[want] {
			t.Errorf("Tab does not reach %q, but %v", want, labels)
		}
	}
}

func TestClosingTheWindowCancels(t *testing.T) {
	d := draw(t, api.English, opens("p1"))
	if d.screen.Back() {
		t.Error("Escape leaves something before anything was begun")
	}
	d.screen.Closed()
	if got := d.answered(); got != (api.PickAnswer{Cancelled: true}) {
		t.Errorf("%+v", got)
	}
}

func TestAnotherQuestionBringsItsOwnBrowser(t *testing.T) {
	d := draw(t, api.English, opens("p1"), saves("p2"))
	first := d.room.View().Browser
	d.screen.Show(view.Place{Item: "p2"})
	d.settle()
	if d.room.View().Browser == first || d.screen.Title() != "Save for MiniCAD" || d.window.Canvas().Focused() == nil {
		t.Errorf("%q", d.screen.Title())
	}
}
