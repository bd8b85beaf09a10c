package settings_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/screentest"
	screen "iscdesk.dev/gui/screen/settings"
	"iscdesk.dev/gui/view/settings"
	"iscdesk.dev/gui/view/viewtest"
)

func policy() api.Policy {
	return api.Policy{
		Settings: []api.PolicySetting{
			{
				Key: "marketplace", Title: api.Words{EN: "Marketplace", ZH: "云商店地址"}, Help: api.Words{EN: "Address of the marketplace.", ZH: "云商店的地址。"},
				Value: "https://market.example", Source: api.FromPolicy, Where: "/etc/iscdesk/policy.toml:3", Locked: true,
			},
			{Key: "proxy", Title: api.Words{EN: "Proxy", ZH: "代理服务器"}, Source: api.FromDefault},
			{
				Key: "limits.staging_space", Title: api.Words{EN: "Room for unpublished documents", ZH: "未发布文档的空间上限"}, Value: "20GB",
				Source: api.FromInstaller, Where: `HKLM\Software\iscdesk\StagingSpace`,
			},
		},
		Problems: []*api.Error{api.Fail(api.PolicyUnknown, "key", "markteplace", "where", "/etc/iscdesk/policy.toml:9", "near", "marketplace")},
		Places:   []string{"/etc/iscdesk/policy.toml"}, Loaded: viewtest.Now().Unix(),
	}
}

func draw(t *testing.T, lang api.Language, dark bool) (*viewtest.Stage, *screentest.Drawn) {
	t.Helper()
	stage := viewtest.New(t, lang)
	stage.Service.Answers.Policy = policy()
	s := viewtest.Fine()
	s.Settings = api.DefaultSettings()
	s.Settings.Language, s.Settings.UploadRate = string(api.Chinese), 2_500_000
	s.Settings.Locked = []api.SettingLock{{Setting: "language", Value: "zh-CN", Where: "/etc/iscdesk/policy.toml:7"}}
	room := settings.New(stage.Env, stage.Hand(), settings.Config{Usual: func() (string, error) { return "/home/li/iscdesk", nil }})
	stage.Desk.Set(s)
	room.Show(settings.SectionAppearance)
	stage.Until(func() bool { return len(room.View().Sections[5].Items) > 0 })
	return stage, screentest.Draw(t, stage, fyne.NewSize(900, 2300), dark, func(k *kit.Kit) screentest.Screen { return screen.New(room, k) })
}

func TestScreen(t *testing.T) {
	_, english := draw(t, api.English, false)
	english.Markup(t, "english")
	_, chinese := draw(t, api.Chinese, true)
	chinese.Markup(t, "chinese")
}

// find gives the widgets of a kind in a window, in the order in which they are
// drawn.
func find[W fyne.CanvasObject](d *screentest.Drawn) []W {
	var all []W
	for _, o := range test.LaidOutObjects(d.Window.Content()) {
		if w, ok := o.(W); ok {
			all = append(all, w)
		}
	}
	return all
}

// TestControls uses the controls as a user does.
func TestControls(t *testing.T) {
	stage, d := draw(t, api.English, false)
	selects, checks := find[*widget.Select](d), find[*widget.Check](d)
	if len(selects) != 2 || len(checks) != 6 {
		t.Fatalf("%d choices, %d switches", len(selects), len(checks))
	}
	if !selects[0].Disabled() || selects[1].Disabled() {
		t.Error("the language is locked, the theme is not")
	}
	stage.Forget()
	selects[1].SetSelectedIndex(2)
	stage.Await(`ChangeSettings {"theme":"dark"}`)
	test.Tap(checks[0])
	stage.Await(`ChangeSettings {"startAtLogin":false}`)
}

// TestRefusedText takes what is in force as the way out of an error: typed
// again, nothing is wrong any more.
func TestRefusedText(t *testing.T) {
	stage, d := draw(t, api.English, false)
	var rate *kit.Entry
	for _, e := range find[*kit.Entry](d) {
		if e.Text == "2.5 MB/s" {
			rate = e
		}
	}
	if rate == nil {
		t.Fatal("no line for the rate")
	}
	wrong := func() bool {
		d.Refresh()
		return strings.Contains(test.RenderToMarkup(d.Window.Canvas()), "Type a number with a unit")
	}
	d.Window.Canvas().Focus(rate)
	for _, text := range []string{"abc", "2.5 MB/s"} {
		rate.SetText(text)
		rate.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if !stage.Until(func() bool { return wrong() == (text == "abc") }) {
			t.Errorf("after %q: wrong %v", text, wrong())
		}
	}
}
