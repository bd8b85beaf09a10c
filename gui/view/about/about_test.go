package about_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/about"
	"iscdesk.dev/gui/view/viewtest"
)

func TestVersions(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := about.New(stage.Env, stage.Hand(), about.Config{Version: "1.2.0"})
	value := func(label string) view.Field {
		for _, f := range room.View().Versions {
			if f.Label == label {
				return f
			}
		}
		return view.Field{}
	}
	if got := value("Service"); got.Value != "cannot be reached" || got.Tone != view.Attention {
		t.Errorf("before the service answers: %+v", got)
	}
	s := viewtest.Fine()
	s.Service = api.ServiceInfo{Version: "1.2.0", Protocol: 7, PerUser: true}
	stage.Desk.Set(s)
	if value("Service").Value != "1.2.0" || value("Service").Tone != view.Quiet || value("Protocol").Value != "7" || value("Runs for").Value != "you alone" {
		t.Errorf("%+v", room.View().Versions)
	}
	stage.Desk.Lose()
	if got := value("Service").Value; got != "1.2.0 when it was last reached" {
		t.Error(got)
	}
	s.Service.Version = "1.1.0"
	stage.Desk.Set(s)
	if got := value("Service"); !strings.HasPrefix(got.Value, "1.1.0, another version") || got.Tone != view.Attention {
		t.Errorf("%+v", got)
	}
}

func TestChecks(t *testing.T) {
	stage := viewtest.New(t, api.Chinese)
	stage.Desk.Set(viewtest.Fine())
	stage.Service.Answers.Checks = []api.Check{
		{Name: "service", OK: true, Detail: "1.0.0"},
		{Name: "service", OK: true, Detail: "twice"},
		api.Check{Name: "disk", Reason: api.Fail(api.DiskLow, "free", "1 GB", "path", "/var")}.Tell(api.FoundDisk, "path", "/var", "free", "900", "total", "9000"),
		{Name: "newer", OK: true, Detail: "as it is told"},
	}
	room := about.New(stage.Env, stage.Hand(), about.Config{})
	if v := room.View().Checks; len(v.Rows) != 0 || v.Summary != "" {
		t.Errorf("before the first run: %+v", v)
	}
	release := stage.Service.Hold()
	room.Show(about.PartChecks)
	if v := room.View().Checks; !v.Running || v.Actions[0].Do != nil {
		t.Errorf("while it runs: %+v", v)
	}
	release()
	if !stage.Until(func() bool { return !room.View().Checks.Running }) {
		t.Fatal("it does not end")
	}
	v := room.View().Checks
	if len(v.Rows) != 3 || v.Rows[0].Title != "服务" || v.Rows[2].Title != "newer" || v.Summary != "1 项检查需要处理(2026-03-02 10:30)。" {
		t.Fatalf("%+v", v)
	}
	disk := v.Rows[1]
	if disk.Tone != view.Trouble || disk.Status != "需要处理" || !strings.HasPrefix(disk.Detail, "/var:剩余 900 MiB,共 9000 MiB\n") || len(disk.Actions) != 1 {
		t.Errorf("%+v", disk)
	}
	v.Actions[1].Do()
	stage.Await("copy " + "1 项检查需要处理(2026-03-02 10:30)。\n服务: 正常 (1.0.0)\n磁盘空间: 需要处理 (" + disk.Detail + ")\nnewer: 正常 (as it is told)\n")
	stage.Service.Fail("Doctor", api.Fail(api.Timeout))
	room.Examine()
	if !stage.Until(func() bool { return strings.HasPrefix(room.View().Checks.Summary, "未能运行检查。") }) {
		t.Errorf("%+v", room.View().Checks)
	}
}

// TestBundle holds that a report is never written over another, and that a
// folder that cannot be written is told.
func TestBundle(t *testing.T) {
	stage := viewtest.New(t, api.English)
	stage.Desk.Set(viewtest.Fine())
	folder := t.TempDir()
	room := about.New(stage.Env, stage.Hand(), about.Config{Version: "1", Folder: func() string { return folder }})
	write := func() about.Bundle {
		t.Helper()
		room.Bundle()
		if !stage.Until(func() bool { return !room.View().Bundle.Running }) {
			t.Fatal("it does not end")
		}
		return room.View().Bundle
	}
	first, second := write(), write()
	if first.Path == "" || second.Path == first.Path || filepath.Base(first.Path) != "iscdesk-bugreport-20260302-103000.zip" || second.Tone != view.Good {
		t.Errorf("%+v\n%+v", first, second)
	}
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder = file
	if got := write(); got.Tone != view.Trouble || !strings.Contains(got.Status, "was not saved") {
		t.Errorf("%+v", got)
	}
}

func TestDownloads(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, ".config")
	for _, name := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(name, home)
	}
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("APPDATA", config)
	if got := about.Downloads(); got != home {
		t.Errorf("without any: %s", got)
	}
	if err := os.Mkdir(filepath.Join(home, "Downloads"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := about.Downloads(); got != filepath.Join(home, "Downloads") {
		t.Errorf("the usual one: %s", got)
	}
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"# comment\nXDG_DOWNLOAD_DIR=\"$HOME/下载\"\n": filepath.Join(home, "下载"),
		"XDG_DOWNLOAD_DIR=\"$HOME\"\n":               filepath.Join(home, "Downloads"),
		"XDG_DOWNLOAD_DIR=relative\n":                filepath.Join(home, "Downloads"),
	} {
		if err := os.WriteFile(filepath.Join(config, "user-dirs.dirs"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := about.Downloads(); got != want {
			t.Errorf("%q: %s, want %s", content, got, want)
		}
	}
}

func TestLicenses(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := about.New(stage.Env, stage.Hand(), about.Config{LicenseTexts: "/usr/share/doc/iscdesk/copyright"})
	if v := room.View().Licenses; len(v.Rows) > 0 {
		t.Errorf("%d rows before they are asked for", len(v.Rows))
	}
	room.Show(about.PartLicenses)
	v := room.View().Licenses
	if len(v.Rows) < 2 || v.Rows[0].Title != "Go" || v.Rows[len(v.Rows)-1].Status != "Apache License 2.0" {
		t.Errorf("%+v", v.Rows)
	}
	v.Actions[1].Do()
	stage.Await("open /usr/share/doc/iscdesk/copyright")
}
