package solves_test

import (
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/solves"
	"iscdesk.dev/gui/view/viewtest"
)

// TestStates holds what each state of a job looks like.
func TestStates(t *testing.T) {
	for _, c := range []struct {
		job     api.Solve
		en, zh  string
		tone    view.Tone
		running bool
		actions string
	}{
		{api.Solve{State: "saved"}, "Saved, waits to be sent", "已保存,等待发送", view.Busy, true, "model cancel"},
		{api.Solve{State: "queued"}, "Waits for its turn", "排队中", view.Busy, true, "model cancel"},
		{api.Solve{State: "running", Percent: 42}, "Running, 42 %", "求解中,42%", view.Busy, true, "model cancel"},
		{api.Solve{State: "running", Percent: 400}, "Running, 100 %", "求解中,100%", view.Busy, true, "model cancel"},
		{api.Solve{State: "succeeded", Result: "/shared/梁.results", ResultVersion: 2}, "Done", "已完成", view.Good, false, "results model"},
		{api.Solve{State: "failed", Reason: api.Fail(api.SolveFailed, "reason", "no input")}, "Failed", "失败", view.Trouble, false, "model"},
		{api.Solve{State: "cancelled", Reason: api.Fail(api.Cancelled)}, "Cancelled", "已取消", view.Quiet, false, "model"},
		{api.Solve{State: "of a newer service"}, "of a newer service", "of a newer service", view.Quiet, false, "model"},
	} {
		t.Run(c.job.State, func(t *testing.T) {
			stage := viewtest.New(t, api.English)
			s := viewtest.Fine()
			c.job.ID, c.job.Path, c.job.Created = "slv", "/shared/梁.inp", viewtest.Now().Unix()
			s.Solves = []api.Solve{c.job}
			stage.Desk.Set(s)
			room := solves.New(stage.Env, stage.Hand(), nil)
			room.Show("slv")
			v := room.View()
			row, d := v.Jobs[0], v.Detail
			if row.Title != "梁.inp" || row.Status != c.en || row.Tone != c.tone || row.Running != c.running || d.Status != c.en {
				t.Errorf("%+v", row)
			}
			var names []string
			for _, a := range d.Actions {
				names = append(names, a.Name)
			}
			if got := strings.Join(names, " "); got != c.actions {
				t.Errorf("actions %q, want %q", got, c.actions)
			}
			if (d.Reason != "") != (c.job.State == "failed") {
				t.Errorf("reason %q", d.Reason)
			}
			stage.Speak(api.Chinese)
			if got := room.View().Jobs[0].Status; got != c.zh {
				t.Errorf("%q, want %q", got, c.zh)
			}
		})
	}
}

// TestOrder puts what goes on first, then the newest.
func TestOrder(t *testing.T) {
	stage := viewtest.New(t, api.English)
	s := viewtest.Fine()
	s.Solves = []api.Solve{
		{ID: "old", State: "succeeded", Created: 1},
		{ID: "new", State: "failed", Created: 9},
		{ID: "runs", State: "running", Created: 2},
	}
	stage.Desk.Set(s)
	var got []string
	for _, row := range solves.New(stage.Env, stage.Hand(), nil).View().Jobs {
		got = append(got, row.ID)
	}
	if !slices.Equal(got, []string{"runs", "new", "old"}) {
		t.Error(got)
	}
}

// TestCancel asks first, asks the service once, and tells a refusal.
func TestCancel(t *testing.T) {
	stage := viewtest.New(t, api.English)
	s := viewtest.Fine()
	s.Solves = []api.Solve{{ID: "slv", Path: "/shared/beam.inp", State: "running"}}
	stage.Desk.Set(s)
	room := solves.New(stage.Env, stage.Hand(), nil)
	room.Show("slv")
	cancel := func() view.Action { return room.View().Detail.Actions[1] }
	if a := cancel(); a.Confirm != "Cancel the solve of beam.inp? What it has computed so far is lost." || !a.Danger {
		t.Errorf("%+v", a)
	}
	release := stage.Service.Hold()
	cancel().Do()
	if a := cancel(); a.Do != nil || a.Why == "" {
		t.Errorf("twice: %+v", a)
	}
	stage.Await("CancelSolve slv")
	stage.Service.Fail("CancelSolve", api.Fail(api.Offline))
	release()
	stage.Until(func() bool { return cancel().Do != nil })
	cancel().Do()
	if !stage.Until(func() bool { return room.View().Detail.Reason != "" }) {
		t.Errorf("%+v", room.View().Detail)
	}
}

// TestNoResults tells why there is no picture, with one way on.
func TestNoResults(t *testing.T) {
	stage := viewtest.New(t, api.Chinese)
	s := viewtest.Fine()
	s.Solves = []api.Solve{{ID: "slv", Path: "/shared/beam.inp", State: "succeeded", Result: "/shared/beam.results", ResultVersion: 1}}
	stage.Desk.Set(s)
	stage.Service.Fail("Transfer", api.Fail(api.NotFound, "what", "/shared/beam.results"))
	room := solves.New(stage.Env, stage.Hand(), nil)
	room.Show("slv")
	plot := func() solves.Plot { return room.View().Detail.Plot }
	if !stage.Until(func() bool { return plot().Action != nil }) || plot().Text != "未能获取结果。“/shared/beam.results”不存在。" || plot().Image != nil {
		t.Fatalf("%+v", plot())
	}
	stage.Forget()
	plot().Action.Do()
	stage.Await("Transfer")
	room.ShowFrame(3) // there is none
	room.ShowKind(solves.KindModes)
}
