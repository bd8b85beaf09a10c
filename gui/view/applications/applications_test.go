package applications_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/applications"
	"iscdesk.dev/gui/view/viewtest"
)

func names(actions []view.Action) string {
	var list []string
	for _, a := range actions {
		name := a.Name
		if a.Do == nil {
			name = "(" + name + ")"
		}
		if a.Primary {
			name += "!"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// TestStates holds what each state looks like, and what can be done in it.
func TestStates(t *testing.T) {
	cad := api.App{Product: "cad", Name: "CAD", Latest: "2.0", Installed: "1.0", Folder: "/opt/cad", Launch: "/opt/cad/bin/cad", Log: "said"}
	with := func(state string, change func(*api.App)) api.App {
		a := cad
		a.State = state
		if change != nil {
			change(&a)
		}
		return a
	}
	absent := func(a *api.App) { a.Installed, a.Folder, a.Launch, a.Log = "", "", "", "" }
	for _, c := range []struct {
		name           string
		app            api.App
		en, zh         string
		tone           view.Tone
		actions, menu  string
		version        string
		running        bool
		progress       float64
		waiting, force string
	}{
		{"absent", with("absent", absent), "Not installed", "未安装", view.Quiet, "install!", "", "Version 2.0", false, -1, "", ""},
		{
			"a trial", with("absent", func(a *api.App) { absent(a); a.Trial, a.TrialURL = true, "https://market.example/trial" }),
			"Not installed", "未安装", view.Quiet, "install trial", "", "Version 2.0", false, -1, "", "",
		},
		{"installed, an old version", with("installed", nil), "Installed", "已安装", view.Good, "upgrade launch!", "log uninstall", "Version 1.0; 2.0 is available", false, -1, "", ""},
		{
			"installed, the newest", with("installed", func(a *api.App) { a.Installed = "2.0" }),
			"Installed", "已安装", view.Good, "launch!", "log uninstall", "Version 2.0, up to date", false, -1, "", "",
		},
		{
			"a program outside its folder is not started", with("installed", func(a *api.App) { a.Launch = filepath.Join(os.TempDir(), "other") }),
			"Installed", "已安装", view.Good, "upgrade", "log uninstall", "Version 1.0; 2.0 is available", false, -1, "", "",
		},
		{
			"nor one that climbs out of it", with("installed", func(a *api.App) { a.Launch = "../other" }),
			"Installed", "已安装", view.Good, "upgrade", "log uninstall", "Version 1.0; 2.0 is available", false, -1, "", "",
		},
		{
			"offered and forced", with("offered", func(a *api.App) { a.Offered, a.Forced = "2.0", true }),
			"Version 2.0 is available", "有新版本 2.0", view.Attention, "upgrade! later launch", "log uninstall", "Version 1.0; 2.0 is available", false, -1, "", "The vendor requires this upgrade.",
		},
		{
			"downloading", with("downloading", func(a *api.App) { a.Done, a.Total = 25, 100 }),
			"Downloading", "正在下载", view.Busy, "", "log", "Version 1.0; 2.0 is available", true, 0.25, "", "",
		},
		{
			"waiting for a session", with("waiting_for_exit", nil), "Waiting until it is closed", "等待关闭", view.Attention, "", "log",
			"Version 1.0; 2.0 is available", false, -1, "Close CAD 1.0 (process 42). It goes on by itself then.", "",
		},
		{"installing", with("installing", nil), "Installing", "正在安装", view.Busy, "", "log", "Version 1.0; 2.0 is available", true, -1, "", ""},
		{"uninstalling", with("uninstalling", nil), "Uninstalling", "正在卸载", view.Busy, "", "log", "Version 1.0; 2.0 is available", true, -1, "", ""},
		{
			"broken", with("broken", func(a *api.App) { a.Reason = api.Fail(api.PackageDamaged, "product", "CAD") }),
			"Not working", "无法使用", view.Trouble, "again! launch log", "uninstall", "Version 1.0; 2.0 is available", false, -1, "", "",
		},
		{"a state of a newer service", with("moving", nil), "moving", "moving", view.Quiet, "upgrade launch", "log uninstall", "Version 1.0; 2.0 is available", false, -1, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage := viewtest.New(t, api.English)
			s := viewtest.Fine()
			s.Sessions = []api.Session{{ID: "s", Product: "cad", Version: "1.0", PID: 42}}
			s.Apps = []api.App{c.app}
			stage.Desk.Set(s)
			room := applications.New(stage.Env, stage.Hand())
			got := room.View().Apps[0]
			if got.Status != c.en || got.Tone != c.tone || got.Version != c.version || got.Waiting != c.waiting || got.Forced != c.force {
				t.Errorf("%+v", got)
			}
			if got.Running != c.running || got.Progress != c.progress {
				t.Errorf("running %v, %v", got.Running, got.Progress)
			}
			if names(got.Actions) != c.actions || names(got.Menu) != c.menu {
				t.Errorf("actions %q, menu %q", names(got.Actions), names(got.Menu))
			}
			if (got.Reason != "") != (c.app.Reason != nil) {
				t.Errorf("reason %q", got.Reason)
			}
			stage.Speak(api.Chinese)
			if got := room.View().Apps[0]; got.Status != c.zh {
				t.Errorf("%q", got.Status)
			}
		})
	}
}

// TestOrders holds which calls the buttons make, and what a refusal shows.
func TestOrders(t *testing.T) {
	stage := viewtest.New(t, api.English)
	s := viewtest.Fine()
	s.Apps = []api.App{{Product: "cad", Name: "CAD", Latest: "2.0", Installed: "1.0", State: "offered", Offered: "2.0", Folder: "/opt/cad", Launch: "bin/cad", TrialURL: "https://market.example/t", Trial: true}}
	stage.Desk.Set(s)
	room := applications.New(stage.Env, stage.Hand())
	press := func(name string) {
		t.Helper()
		app := room.View().Apps[0]
		all := append(slices.Clone(app.Actions), app.Menu...)
		i := slices.IndexFunc(all, func(a view.Action) bool { return a.Name == name })
		if i < 0 || all[i].Do == nil {
			t.Fatalf("no %s in %s", name, names(all))
		}
		all[i].Do()
	}
	settled := func() {
		t.Helper()
		if !stage.Until(func() bool { return !strings.Contains(names(room.View().Apps[0].Actions), "(") }) {
			t.Fatal("an order does not end")
		}
	}
	for _, c := range []struct{ press, does string }{
		{"upgrade", "AnswerUpgrade cad true"},
		{"later", "AnswerUpgrade cad false"},
		{"uninstall", "Uninstall cad"},
		{"launch", "launch " + filepath.FromSlash("/opt/cad/bin/cad")},
		{"trial", "browse https://market.example/t"},
	} {
		press(c.press)
		stage.Await(c.does)
		settled()
	}
	if app := room.View().Apps[0]; app.Menu[0].Confirm == "" || !app.Menu[0].Danger {
		t.Error("removing is not asked about")
	}
	stage.Service.Fail("Uninstall", api.Fail(api.AppRunning, "product", "CAD"))
	press("uninstall")
	if !stage.Until(func() bool { return strings.HasPrefix(room.View().Apps[0].Reason, "'CAD' is running") }) {
		t.Errorf("%+v", room.View().Apps[0])
	}
	release := stage.Service.Hold()
	press("upgrade")
	if got := room.View().Apps[0]; got.Reason != "" || !strings.HasPrefix(names(got.Actions), "(upgrade)") {
		t.Errorf("while an order is on its way: %s %q", names(got.Actions), got.Reason)
	}
	release()
	settled()
}

// TestPolicy holds that what the administrator forbids is locked, with his
// name on it.
func TestPolicy(t *testing.T) {
	for _, c := range []struct {
		value, where, locked, install string
	}{
		{"everyone", "", "", "install!"},
		{"nobody", "/etc/iscdesk/policy.toml:4", "Your administrator does not allow installing applications on this machine (/etc/iscdesk/policy.toml:4).", "(install)!"},
		{"nobody", "", "Your administrator does not allow installing applications on this machine (as long as the policy is not mended).", "(install)!"},
		{"administrators", `HKLM\Software\Policies\iscdesk`, `Only administrators may install applications on this machine (HKLM\Software\Policies\iscdesk).`, "install!"},
	} {
		stage := viewtest.New(t, api.English)
		stage.Service.Answers.Policy.Settings = []api.PolicySetting{{Key: "install_applications", Value: c.value, Where: c.where}}
		s := viewtest.Fine()
		s.Apps = []api.App{{Product: "cad", Latest: "1", State: "absent"}}
		room := applications.New(stage.Env, stage.Hand())
		stage.Desk.Set(s)
		if !stage.Until(func() bool {
			v := room.View()
			return v.Locked == c.locked && names(v.Apps[0].Actions) == c.install
		}) {
			t.Errorf("%s: %q %s", c.value, room.View().Locked, names(room.View().Apps[0].Actions))
		}
	}
}

// TestEmpty holds what stands in the room while there is nothing in it.
func TestEmpty(t *testing.T) {
	for _, c := range []struct {
		name    string
		account api.Account
		zh      string
		action  string
	}{
		{"signed out", api.Account{State: api.AccountSignedOut}, "登录后可查看应用", "sign_in"},
		{"offline", api.Account{State: api.AccountSignedIn}, "没有应用", "check"},
		{"nothing ordered", api.Account{State: api.AccountSignedIn, Online: true}, "没有应用", ""},
	} {
		stage := viewtest.New(t, api.Chinese)
		stage.Desk.Set(api.State{Account: c.account})
		e := applications.New(stage.Env, stage.Hand()).View().Empty
		action := ""
		if e.Action != nil {
			action = e.Action.Name
		}
		if e.Title != c.zh || action != c.action {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
}
