package applications_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"iscdesk.dev/agent/api"
	screen "iscdesk.dev/gui/screen/applications"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/screentest"
	"iscdesk.dev/gui/view/applications"
	"iscdesk.dev/gui/view/viewtest"
)

func sample() api.State {
	s := viewtest.Fine()
	s.Apps = []api.App{
		{
			Product: "minicad", Name: "MiniCAD", Summary: "Sketches, parts and assemblies.", Installed: "1.2.0", Latest: "2.0.0", State: "offered",
			Offered: "2.0.0", Forced: true, Notes: "Sketches open twice as fast.\n修复了若干问题。", Folder: "/opt/minicad", Launch: "bin/minicad",
		},
		{Product: "cam", Name: "数控加工 CAM", Latest: "3.1", State: "downloading", Done: 21_500_000, Total: 64_000_000},
		{Product: "fea", Name: "Sample FEA", Installed: "5.0", Latest: "5.0", State: "installed", Folder: "/opt/fea", Launch: "fea"},
		{Product: "view", Name: "Viewer", Latest: "1.0", State: "absent", Trial: true, TrialURL: "https://market.example/trial"},
		{Product: "old", Name: "Old CAD", Installed: "1.0", Latest: "1.1", State: "broken", Reason: api.Fail(api.InstallFailed, "product", "Old CAD", "status", "3", "log", "/home/li/.iscdesk/old.log"), Log: "unpacking\nerror: no room left\n"},
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
			room := applications.New(stage.Env, stage.Hand())
			d := screentest.Draw(t, stage, fyne.NewSize(900, 1500), c.dark, func(k *kit.Kit) screentest.Screen { return screen.New(room, k) })
			d.Markup(t, c.name)
			room.ShowLog("old")
			d.Refresh()
			d.Markup(t, c.name+"_log")
		})
	}
}

func TestEmpty(t *testing.T) {
	stage := viewtest.New(t, api.English)
	stage.Desk.Set(api.State{Account: api.Account{State: api.AccountSignedOut}})
	room := applications.New(stage.Env, stage.Hand())
	d := screentest.Draw(t, stage, fyne.NewSize(700, 500), false, func(k *kit.Kit) screentest.Screen { return screen.New(room, k) })
	d.Markup(t, "empty")
}
