package dialogs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/agent/api"
	dialogsscreen "iscdesk.dev/gui/screen/dialogs"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/screentest"
	"iscdesk.dev/gui/view/dialogs"
	"iscdesk.dev/gui/view/viewtest"
)

func draw(t *testing.T, lang api.Language, state api.State) (*viewtest.Stage, *dialogsscreen.Screen, *screentest.Drawn) {
	t.Helper()
	stage := viewtest.New(t, lang)
	room := dialogs.New(stage.Env, stage.Hand())
	stage.Desk.Set(state)
	d := screentest.Draw(t, stage, fyne.NewSize(520, 340), lang == api.Chinese, func(k *kit.Kit) screentest.Screen { return dialogsscreen.New(room, k) })
	return stage, d.Screen().(*dialogsscreen.Screen), d
}

func trial(t *testing.T, stage *viewtest.Stage) {
	t.Helper()
	data, err := json.Marshal(api.TrialOver{Product: "minicad", Request: "r9"})
	if err != nil {
		t.Fatal(err)
	}
	stage.Desk.Tell(api.Event{Name: api.EventTrialExpired, Data: data})
}

// TestMarkup holds the structure of the windows: English in the light look,
// Chinese in the dark one.
func TestMarkup(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		_, s, d := draw(t, lang, viewtest.Busy())
		if !s.Wanted() || s.Title() == "" {
			t.Errorf("the question is not wanted, or has no title: %q", s.Title())
		}
		d.Markup(t, "upgrade."+string(lang))

		stage, s, d := draw(t, lang, viewtest.Fine())
		if s.Wanted() {
			t.Error("a window without a question")
		}
		trial(t, stage)
		d.Refresh()
		d.Markup(t, "trial."+string(lang))
	}
}

// TestNothingLiesOverTheButtons draws the longest window in narrow and low
// sizes and with large text: the notes scroll, and the buttons stay below.
func TestNothingLiesOverTheButtons(t *testing.T) {
	state := viewtest.Busy()
	for i := range state.Apps {
		state.Apps[i].Notes = strings.Repeat("Faster meshing of thin walls.\n", 60)
	}
	for _, text := range []float32{1, 2} {
		stage, s, d := draw(t, api.English, state)
		fyne.CurrentApp().Settings().SetTheme(kit.Theme{Scale: text})
		for _, size := range []fyne.Size{s.Size(), fyne.NewSize(330, 260), fyne.NewSize(640, 400)} {
			d.Window.Resize(size)
			d.Refresh()
			body, foot := s.Parts()
			driver := fyne.CurrentApp().Driver()
			bottom := driver.AbsolutePositionForObject(body).Y + body.Size().Height
			top := driver.AbsolutePositionForObject(foot).Y
			end := top + foot.MinSize().Height
			if bottom > top || end > d.Window.Canvas().Size().Height {
				t.Errorf("text %v, window %v: the rest ends at %v, the buttons begin at %v and end at %v", text, size, bottom, top, end)
			}
		}
		if want := s.Size(); want.Height > 26*theme.TextSize() || want.Width != 36*theme.TextSize() {
			t.Errorf("text %v: the window wants %v", text, want)
		}
		stage.Desk.Set(viewtest.Fine())
	}
}

// TestAShortWindowIsLow has a window with two sentences need less room than one
// with notes.
func TestAShortWindowIsLow(t *testing.T) {
	stage, s, d := draw(t, api.English, viewtest.Fine())
	trial(t, stage)
	d.Refresh()
	short := s.Size().Height
	state := viewtest.Busy()
	for i := range state.Apps {
		state.Apps[i].Notes = strings.Repeat("Faster meshing of thin walls.\n", 60)
	}
	_, s, d = draw(t, api.English, state)
	d.Refresh()
	if long := s.Size().Height; short >= long {
		t.Errorf("%v high, and %v with notes", short, long)
	}
}

// TestKeyboard gives the answer that is meant first with Enter, and closes
// without one.
func TestKeyboard(t *testing.T) {
	stage, s, d := draw(t, api.English, viewtest.Busy())
	d.Refresh()
	d.Key(fyne.KeyReturn)
	stage.Await("AnswerUpgrade minicad true")
	d.Refresh()
	if !s.Wanted() || s.Title() != "'gear.step' was changed by two people" {
		t.Errorf("the next window is %q", s.Title())
	}
	d.Key(fyne.KeyReturn) // it has the keyboard, too
	stage.Await("go documents:conflicts:c1")
	d.Refresh()
	if s.Wanted() {
		t.Error("the window stays after it was answered")
	}
	stage.Desk.Set(viewtest.Fine())
	trial(t, stage)
	d.Refresh()
	s.Closed()
	d.Refresh()
	if s.Wanted() {
		t.Error("the window stays after it was closed")
	}
}
