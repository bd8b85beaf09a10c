package home_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/agent/api"
	homescreen "iscdesk.dev/gui/screen/home"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/screentest"
	"iscdesk.dev/gui/view/home"
	"iscdesk.dev/gui/view/viewtest"
)

func draw(t *testing.T, lang api.Language, size fyne.Size, state api.State) (*viewtest.Stage, *screentest.Drawn) {
	t.Helper()
	stage := viewtest.New(t, lang)
	room := home.New(stage.Env, stage.Hand())
	stage.Desk.Set(state)
	return stage, screentest.Draw(t, stage, size, lang == api.Chinese, func(k *kit.Kit) screentest.Screen { return homescreen.New(room, k) })
}

// TestMarkup holds the structure of the room: English in the light look,
// Chinese in the dark one.
func TestMarkup(t *testing.T) {
	for name, state := range map[string]api.State{"first": viewtest.First(), "fine": viewtest.Fine(), "busy": viewtest.Busy()} {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			_, d := draw(t, lang, fyne.NewSize(860, 1200), state)
			d.Markup(t, name+"."+string(lang))
		}
	}
}

// TestNarrow holds that nothing is cut off sideways where the window is narrow.
func TestNarrow(t *testing.T) {
	_, d := draw(t, api.English, fyne.NewSize(360, 900), viewtest.Busy())
	if got := d.Window.Content().MinSize().Width; got > 360 {
		t.Errorf("the room wants %v at least", got)
	}
	d.Find(t, "Choose")
	d.Markup(t, "narrow.en")
}

// TestKeyboard goes through the room with Tab and presses what needs the user
// first.
func TestKeyboard(t *testing.T) {
	stage, d := draw(t, api.English, fyne.NewSize(860, 1200), viewtest.Busy())
	seen := map[string]bool{}
	for range 40 {
		d.Window.Canvas().(test.WindowlessCanvas).FocusNext()
		if b, ok := d.Window.Canvas().Focused().(*kit.Button); ok {
			seen[b.Text] = true
		}
	}
	for _, label := range []string{"Choose", "Show what is not published yet", "Renew in the marketplace", "Compare the versions", "Pause", "Sign out", "All messages"} {
		if !seen[label] {
			t.Errorf("Tab does not reach %q", label)
		}
	}
	d.Window.Canvas().Unfocus()
	d.Window.Canvas().(test.WindowlessCanvas).FocusNext()
	d.Key(fyne.KeyReturn)
	stage.Await("go picker::p1")
}
