package solves_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/screentest"
	screen "iscdesk.dev/gui/screen/solves"
	"iscdesk.dev/gui/view/solves"
	"iscdesk.dev/gui/view/viewtest"
)

func sample() api.State {
	s, now := viewtest.Fine(), viewtest.Now().Unix()
	s.Solves = []api.Solve{
		{ID: "slv-1", Path: "/team/梁.inp", State: "running", Percent: 42, Created: now - 60, Session: "s1"},
		{ID: "slv-2", Path: "/team/bracket.inp", State: "queued", Created: now - 30},
		{ID: "slv-3", Path: "/team/shaft.inp", State: "failed", Created: now - 900, Reason: api.Fail(api.SolveFailed, "reason", "ERROR in e_c3d: nonpositive jacobian")},
		{ID: "slv-4", Path: "/team/wheel.inp", State: "cancelled", Created: now - 5000},
	}
	return s
}

func TestScreen(t *testing.T) {
	for _, c := range []struct {
		name string
		lang api.Language
		dark bool
	}{{"english", api.English, false}, {"chinese", api.Chinese, true}} {
		t.Run(c.name, func(t *testing.T) {
			stage := viewtest.New(t, c.lang)
			stage.Desk.Set(sample())
			room := solves.New(stage.Env, stage.Hand(), nil)
			d := screentest.Draw(t, stage, fyne.NewSize(900, 600), c.dark, func(k *kit.Kit) screentest.Screen { return screen.New(room, k) })
			d.Markup(t, c.name)
			room.Show("slv-1")
			d.Refresh()
			d.Markup(t, c.name+"_running")
			s := d.Screen().(*screen.Screen)
			left := s.Back()
			d.Refresh()
			if !left || s.Back() {
				t.Error("Escape leaves the job, and nothing else")
			}
			room.Show("slv-3")
			d.Refresh()
			d.Markup(t, c.name+"_failed")
		})
	}
}

// TestResultsThatCannotBeFetched says why, with a way to try again.
func TestResultsThatCannotBeFetched(t *testing.T) {
	stage := viewtest.New(t, api.English)
	s := sample()
	s.Solves[0].State, s.Solves[0].Result, s.Solves[0].ResultVersion = "succeeded", "/team/梁.inp.results", 1
	stage.Desk.Set(s)
	room := solves.New(stage.Env, stage.Hand(), nil)
	room.Show("slv-1")
	if !stage.Until(func() bool { return !room.View().Detail.Plot.Running }) {
		t.Fatal("still loading")
	}
	d := screentest.Draw(t, stage, fyne.NewSize(900, 700), false, func(k *kit.Kit) screentest.Screen { return screen.New(room, k) })
	d.Markup(t, "not_fetched")
}
