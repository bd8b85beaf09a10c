package kit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
)

func newKit(t *testing.T, scale float32) *kit.Kit {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.Theme{Scale: scale})
	words, err := i18n.New(api.English, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return kit.New(test.NewTempWindow(t, nil), func() *i18n.Words { return words })
}

func press(f fyne.Focusable, keys ...fyne.KeyName) {
	for _, k := range keys {
		f.TypedKey(&fyne.KeyEvent{Name: k})
	}
}

func TestAListOfManyRows(t *testing.T) {
	k := newKit(t, 1)
	const many = 20_000
	drawn := map[int]bool{}
	at := func(i int) view.Row {
		drawn[i] = true
		return view.Row{ID: fmt.Sprint(i), Icon: view.IconPart, Title: fmt.Sprint("row ", i), Branch: i == 3}
	}
	l := kit.NewList(k, kit.WithDetail(), kit.WithColumns(kit.Column{Title: "Size", Width: 8, Right: true}))
	var told []string
	l.OnSelect = func(i int, r view.Row) { told = append(told, "select "+r.ID) }
	l.OnOpen = func(i int, r view.Row) { told = append(told, "open "+r.ID) }
	l.OnExpand = func(i int, r view.Row) { told = append(told, "expand "+r.ID) }
	k.Window().SetContent(l)
	k.Window().Resize(fyne.NewSize(600, 400))
	l.Set(many, at)
	if len(drawn) == 0 || len(drawn) > 60 {
		t.Errorf("%d rows were asked for, with some ten in sight", len(drawn))
	}
	press(l.Focusable(), fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn, fyne.KeyEnd, fyne.KeyDown, fyne.KeyEnter, fyne.KeyHome, fyne.KeyUp)
	want := []string{"select 0", "select 1", "select 0", "open 0", "select 19999", "open 19999", "select 0"}
	if !slices.Equal(told, want) {
		t.Errorf("heard %q, want %q", told, want)
	}
	told = nil
	press(l.Focusable(), fyne.KeyPageDown)
	if l.Selected() < 3 || l.Selected() > 20 {
		t.Errorf("a page led to row %d", l.Selected())
	}
	l.SelectID("3")
	told = nil
	press(l.Focusable(), fyne.KeyLeft, fyne.KeyRight)
	if !slices.Equal(told, []string{"expand 3"}) {
		t.Errorf("heard %q", told)
	}
	l.Set(many+1, func(i int) view.Row { // one more above it
		if i == 0 {
			return view.Row{ID: "new", Title: "new"}
		}
		return at(i - 1)
	})
	if l.Selected() != 4 {
		t.Errorf("the selection is on row %d, not with its row", l.Selected())
	}
	l.Set(1, func(int) view.Row { return view.Row{ID: "other"} })
	if l.Selected() != -1 {
		t.Errorf("row %d is selected, which is gone", l.Selected())
	}
	if len(drawn) > 200 {
		t.Errorf("%d rows were asked for in all", len(drawn))
	}
}

func TestAnActionAsksFirst(t *testing.T) {
	k := newKit(t, 1)
	done := 0
	a := view.Action{Name: "discard", Label: "Discard", Confirm: "Discard it?", Danger: true, Do: func() { done++ }}
	b := kit.NewButton(k, a)
	k.Window().SetContent(container.NewVBox(b))
	k.Window().Resize(fyne.NewSize(500, 400))
	answer := func(key fyne.KeyName, label string) {
		t.Helper()
		press(b, fyne.KeyReturn)
		if k.Window().Canvas().Overlays().Top() == nil || !strings.Contains(test.RenderToMarkup(k.Window().Canvas()), "Discard it?") {
			t.Fatal("it did not ask")
		}
		focused := k.Window().Canvas().Focused().(*kit.Button)
		if focused.Text != "Cancel" {
			t.Errorf("the focus is on %q", focused.Text)
		}
		if label != "" {
			k.Window().Canvas().FocusNext()
			focused = k.Window().Canvas().Focused().(*kit.Button)
		}
		press(focused, key)
		if k.Window().Canvas().Overlays().Top() != nil {
			t.Error("the question is still there")
		}
	}
	answer(fyne.KeyReturn, "")
	answer(fyne.KeyEscape, "")
	if done != 0 {
		t.Error("it was done without a yes")
	}
	answer(fyne.KeyReturn, "Discard")
	if done != 1 {
		t.Errorf("done %d times", done)
	}
	b.Set(view.Action{Label: "Discard", Why: "It is being sent."})
	press(b, fyne.KeyReturn)
	if !b.Disabled() || done != 1 {
		t.Error("what cannot be done now was done")
	}
}

func TestASheetCoversWhatIsNarrow(t *testing.T) {
	k := newKit(t, 1)
	main := widget.NewLabel("main")
	s := kit.NewSheet(k, main)
	k.Window().SetContent(s)
	closed := 0
	s.OnClose = func() { closed++ }
	for width, beside := range map[float32]bool{1200: true, 500: false} {
		k.Window().Resize(fyne.NewSize(width, 400))
		s.Open("Details", widget.NewLabel("more"))
		if main.Visible() != beside {
			t.Errorf("%v wide: the main part is seen: %t", width, main.Visible())
		}
		if !s.Back() || s.Back() || !main.Visible() {
			t.Error("Escape does not close it once")
		}
	}
	if closed != 2 {
		t.Errorf("closed %d times", closed)
	}
}

func TestNothingIsCutOffAtTwiceTheSize(t *testing.T) {
	for _, scale := range []float32{1, 2} {
		k := newKit(t, scale)
		rows := kit.NewRows(k)
		rows.Set([]view.Row{{
			Icon: view.IconPart, Title: "梁.inp", Detail: "/项目/梁", Status: "Waiting for the network", Tone: view.Attention,
			Actions: []view.Action{{Label: "Retry", Do: func() {}}},
		}})
		k.Window().SetContent(container.NewVScroll(rows))
		k.Window().Resize(fyne.NewSize(400, 300))
		height := fyne.MeasureText("X", 14*scale, fyne.TextStyle{}).Height + fyne.MeasureText("X", 11*scale, fyne.TextStyle{}).Height
		if got := rows.MinSize().Height; got < height {
			t.Errorf("at %v times the size a row with two lines is %v high, its text %v", scale, got, height)
		}
		if got := rows.MinSize().Width; got > 400 {
			t.Errorf("at %v times the size a row wants to be %v wide", scale, got)
		}
	}
}

func TestTheSearchEmptiesAndGoesOn(t *testing.T) {
	k := newKit(t, 1)
	var typed []string
	down, back := 0, 0
	s := kit.NewSearch(k, "Search", func(q string) { typed = append(typed, q) })
	s.OnDown = func() { down++ }
	k.Window().SetContent(s)
	k.Window().Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { back++ })
	test.Type(s, "梁")
	press(s, fyne.KeyDown, fyne.KeyReturn, fyne.KeyEscape, fyne.KeyEscape)
	if !slices.Equal(typed, []string{"梁", ""}) || down != 2 || back != 1 {
		t.Errorf("typed %q, down %d, left to the window %d", typed, down, back)
	}
}
