package browse_test

import (
	"strconv"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/browse"
	"iscdesk.dev/gui/screen/kit"
	model "iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/browse/cloudtest"
)

// drawn is a browser in a window of Fyne's test driver.
type drawn struct {
	*cloudtest.Stage
	room   *model.Browser
	screen *browse.Screen
	window fyne.Window
}

func draw(t testing.TB, lang api.Language, size fyne.Size, fill func(*cloudtest.Cloud), o model.Options) *drawn {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.Theme{})
	d := &drawn{Stage: cloudtest.New(t, lang)}
	fill(d.Cloud)
	d.room = model.New(d.Env, o)
	t.Cleanup(d.room.Close)
	d.Until("all is loaded", func() bool { return !d.room.View().Loading && d.room.View().Tree.Len() > 2 })
	d.window = test.NewTempWindow(t, nil)
	d.screen = browse.New(d.room, kit.New(d.window, d.Env.Words), browse.Options{})
	d.window.SetContent(d.screen.Object())
	d.window.Resize(size)
	return d
}

func few(c *cloudtest.Cloud) {
	at := func(n int) int64 { return time.Date(2026, 2, n, 9, 5, 0, 0, time.UTC).Unix() }
	for _, e := range []api.Entry{
		{Path: "/me/Drawings", Folder: true},
		{Path: "/me/bracket.step", Version: 2, Size: 6564, Modified: at(2), Author: "Li Na"},
		{Path: "/me/gearbox.zip", Kind: api.Assembly, Version: 12, Size: 21_500_000, Modified: at(9), Author: "Wang Wei", CheckedOutBy: "Wang Wei"},
		{Path: "/me/beam.inp", Version: 1, Size: 9376, Modified: at(3), Author: "Li Na", CheckedOutBy: "Li Na", Mine: true},
		{Path: "/me/减速器外壳.stp", Size: 6587, Modified: at(8), Author: "Li Na", Pending: true},
		{Path: "/team/wheel.step", Version: 3, Modified: at(1)},
	} {
		c.Put(e)
	}
}

// many is a folder with 20,000 documents.
func many(c *cloudtest.Cloud) {
	entries := make([]api.Entry, 20_000)
	for i := range entries {
		name := "part " + strconv.Itoa(i) + ".step"
		entries[i] = api.Entry{Path: "/me/" + name, Name: name, Version: 1 + i%9, Size: int64(i) * 100, Modified: 1_770_000_000 + int64(i)*60, Author: "Li Na"}
	}
	c.Fill("/me", entries)
}

func TestStructure(t *testing.T) {
	for _, tt := range []struct {
		name string
		lang api.Language
		fill func(*cloudtest.Cloud)
		do   func(*drawn)
	}{
		{"folder", api.English, few, func(d *drawn) { d.room.Select("/me/gearbox.zip") }},
		{"newfolder", api.English, few, func(d *drawn) {
			d.room.BeginFolder()
			d.room.NameFolder("drawings")
		}},
		{"offline", api.English, func(c *cloudtest.Cloud) {
			few(c)
			c.Says(true, false)
		}, func(*drawn) {}},
		{"empty", api.English, few, func(d *drawn) {
			d.room.Go("/me/Drawings")
			d.Until("it is listed", func() bool { return d.room.View().Rows.Len() == 0 && !d.room.View().Loading })
		}},
		{"search", api.English, few, func(d *drawn) {
			d.room.SetSearch("wheel")
			d.Until("it is found", func() bool { return d.room.View().Rows.Len() == 1 })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := draw(t, tt.lang, fyne.NewSize(900, 360), tt.fill, model.Options{At: "/me", Rest: time.Nanosecond})
			tt.do(d)
			d.screen.Refresh()
			d.window.Canvas().Unfocus() // a cursor blinks
			test.AssertRendersToMarkup(t, tt.name+".xml", d.window.Canvas())
		})
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
	d.Until("nothing loads", func() bool { return !d.room.View().Loading })
	d.screen.Refresh()
}

func (d *drawn) selected() string {
	v := d.room.View()
	return v.Rows.Row(v.Selected).ID
}

func TestKeyboardThroughout(t *testing.T) {
	var chosen string
	d := draw(t, api.English, fyne.NewSize(900, 360), few, model.Options{At: "/", Rest: time.Nanosecond, Chosen: func(e api.Entry) { chosen = e.Path }})
	d.screen.Focus()
	for _, step := range []struct {
		key  fyne.KeyName
		want string // what is selected then
	}{
		{fyne.KeyDown, "/me"},
		{fyne.KeyReturn, ""},
		{fyne.KeyEnd, "/me/减速器外壳.stp"},
		{fyne.KeyUp, "/me/gearbox.zip"},
		{fyne.KeyHome, "/me/Drawings"},
		{fyne.KeyReturn, ""},
		{fyne.KeyBackspace, "/me/Drawings"},
		{fyne.KeyBackspace, "/me"},
		{fyne.KeyReturn, ""},
	} {
		d.key(t, step.key)
		if got := d.selected(); got != step.want {
			t.Fatalf("after %s: %q, want %q", step.key, got, step.want)
		}
	}
	d.window.Canvas().Focused().TypedRune('g')
	d.screen.Refresh()
	d.key(t, fyne.KeyReturn)
	if chosen != "/me/gearbox.zip" {
		t.Errorf("chosen %q", chosen)
	}
	d.screen.Search()
	test.Type(d.window.Canvas().Focused(), "bea")
	d.Until("it is found", func() bool { return d.room.View().Rows.Len() == 1 })
	d.screen.Refresh()
	d.key(t, fyne.KeyDown)
	if got := d.selected(); got != "/me/beam.inp" {
		t.Errorf("from the search to %q", got)
	}
	if !d.screen.Back() || d.room.View().Search != "" || d.screen.Back() {
		t.Error("Escape does not end the search, or ends more")
	}
}

// BenchmarkScroll is what a page, and one step of a wheel, cost in a list of
// 20,000 rows.
func BenchmarkScroll(b *testing.B) {
	d := draw(b, api.English, fyne.NewSize(1080, 720), many, model.Options{At: "/me"})
	d.screen.Focus()
	b.Run("page", func(b *testing.B) {
		for i := range b.N {
			key := fyne.KeyPageDown
			if i%1000 == 999 {
				key = fyne.KeyHome
			}
			d.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: key})
		}
	})
	b.Run("wheel", func(b *testing.B) {
		list := find(d.window.Content(), func(o fyne.CanvasObject) bool {
			s, ok := o.(*container.Scroll)
			return ok && s.Direction == container.ScrollVerticalOnly && s.Size().Width > 400
		}).(*container.Scroll)
		for i := range b.N {
			if i%5000 == 4999 {
				list.ScrollToTop()
			}
			list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -80)})
		}
	})
	b.Run("refresh", func(b *testing.B) {
		for range b.N {
			d.screen.Refresh()
		}
	})
}

// find looks for an object below o.
func find(o fyne.CanvasObject, is func(fyne.CanvasObject) bool) fyne.CanvasObject {
	if is(o) {
		return o
	}
	var below []fyne.CanvasObject
	switch x := o.(type) {
	case *fyne.Container:
		below = x.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(x).Objects()
	}
	for _, c := range below {
		if f := find(c, is); f != nil {
			return f
		}
	}
	return nil
}
