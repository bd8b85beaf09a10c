package dialogs_test

import (
	"encoding/json"
	"testing"

	"fyne.io/fyne/v2"

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
