package about_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"iscdesk.dev/agent/api"
	screen "iscdesk.dev/gui/screen/about"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/screentest"
	"iscdesk.dev/gui/view/about"
	"iscdesk.dev/gui/view/viewtest"
)

func TestScreen(t *testing.T) {
	for _, c := range []struct {
		name string
		lang api.Language
		dark bool
	}{{"english", api.English, false}, {"chinese", api.Chinese, true}} {
		t.Run(c.name, func(t *testing.T) {
			stage := viewtest.New(t, c.lang)
			stage.Service.Answers.Checks = []api.Check{
				{Name: "service", OK: true, Detail: "1.0.0"},
				api.Check{Name: "marketplace", Reason: api.Fail(api.Offline)}.Tell(api.FoundMarket, "name", "iscmarket", "address", "https://market.example"),
				api.Check{Name: "disk", OK: true}.Tell(api.FoundDisk, "path", "/var/lib/iscdesk", "free", "20480", "total", "102400"),
				{Name: "licenses"},
			}
			s := viewtest.Fine()
			s.Service = api.ServiceInfo{Version: "1.0.0", Protocol: 3, Started: viewtest.Now().Unix()}
			stage.Desk.Set(s)
			room := about.New(stage.Env, stage.Hand(), about.Config{Version: "1.0.0", Folder: t.TempDir, LicenseTexts: "/usr/share/doc/iscdesk/copyright"})
			room.Examine()
			if !stage.Until(func() bool { return len(room.View().Checks.Rows) == 4 }) {
				t.Fatal("no checks")
			}
			d := screentest.Draw(t, stage, fyne.NewSize(900, 1500), c.dark, func(k *kit.Kit) screentest.Screen { return screen.New(room, k) })
			d.Markup(t, c.name)
		})
	}
}
