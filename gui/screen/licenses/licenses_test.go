package licenses_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/kit"
	licensesscreen "iscdesk.dev/gui/screen/licenses"
	"iscdesk.dev/gui/screen/screentest"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/licenses"
	"iscdesk.dev/gui/view/viewtest"
)

func draw(t *testing.T, lang api.Language, size fyne.Size, state api.State) (*viewtest.Stage, *screentest.Drawn) {
	t.Helper()
	stage := viewtest.New(t, lang)
	room := licenses.New(stage.Env, stage.Hand())
	stage.Desk.Set(state)
	return stage, screentest.Draw(t, stage, size, lang == api.Chinese, func(k *kit.Kit) screentest.Screen { return licensesscreen.New(room, k) })
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

// TestPlace brings the licence that a place names into sight.
func TestPlace(t *testing.T) {
	_, d := draw(t, api.English, fyne.NewSize(600, 300), viewtest.Busy())
	if y := d.Find(t, "Sample FEA").Y; y < 300 {
		t.Fatalf("it is in sight at %v already: this test shows nothing", y)
	}
	d.Screen().(*licensesscreen.Screen).Show(view.Place{Room: view.Licenses, Item: "fea"})
	d.Refresh()
	if y := d.Find(t, "Sample FEA").Y; y < 0 || y > 250 {
		t.Errorf("the licence is at %v", y)
	}
}
