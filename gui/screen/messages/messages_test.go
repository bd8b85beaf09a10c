package messages_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/kit"
	messagesscreen "iscdesk.dev/gui/screen/messages"
	"iscdesk.dev/gui/screen/screentest"
	"iscdesk.dev/gui/view/messages"
	"iscdesk.dev/gui/view/viewtest"
)

func draw(t *testing.T, lang api.Language, state api.State) (*viewtest.Stage, *messagesscreen.Screen, *screentest.Drawn) {
	t.Helper()
	stage := viewtest.New(t, lang)
	room := messages.New(stage.Env)
	stage.Desk.Set(state)
	d := screentest.Draw(t, stage, fyne.NewSize(860, 500), lang == api.Chinese, func(k *kit.Kit) screentest.Screen { return messagesscreen.New(room, k) })
	return stage, d.Screen().(*messagesscreen.Screen), d
}

// TestMarkup holds the structure of the room: English in the light look,
// Chinese in the dark one.
func TestMarkup(t *testing.T) {
	for name, state := range map[string]api.State{"none": viewtest.First(), "busy": viewtest.Busy()} {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			_, _, d := draw(t, lang, state)
			d.Markup(t, name+"."+string(lang))
		}
	}
}

// TestKeyboard reads a message in full and goes to what it is about.
func TestKeyboard(t *testing.T) {
	stage, s, d := draw(t, api.English, viewtest.Busy())
	s.Focus()
	stage.Await("ReadMessages m3 m4 m5 m1")
	d.Key(fyne.KeyDown)
	d.Key(fyne.KeyDown)
	d.Refresh()
	d.Markup(t, "reading.en")
	d.Key(fyne.KeyReturn)
	stage.Await("go licenses::cam")
	s.Leave()
}
