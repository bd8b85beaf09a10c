package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
)

func to[T any](v T) *T { return &v }

func TestSettingsSet(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "我的 文档")
	loud := api.DefaultSettings().Notify
	loud.Published = true
	for _, tt := range []struct {
		key, value string
		want       api.SettingsChange
	}{
		{"language", "zh-CN", api.SettingsChange{Language: to("zh-CN")}},
		{"theme", "dark", api.SettingsChange{Theme: to("dark")}},
		{"uploadRate", "5MB/s", api.SettingsChange{UploadRate: to[int64](5_000_000)}},
		{"upload-rate", "0", api.SettingsChange{UploadRate: to[int64](0)}},
		{"DOWNLOAD_RATE", "8Mbit/s", api.SettingsChange{DownloadRate: to[int64](1_000_000)}},
		{"downloadRate", "unlimited", api.SettingsChange{DownloadRate: to[int64](0)}},
		{"startAtLogin", "off", api.SettingsChange{StartAtLogin: to(false)}},
		{"notify.published", "on", api.SettingsChange{Notify: &loud}},
		{"workspace", folder, api.SettingsChange{Workspace: &folder}},
		{"workspace", "default", api.SettingsChange{Workspace: to("")}},
	} {
		f := &fakeService{}
		got := f.run(t, "", "settings", "set", tt.key, tt.value)
		if got.exit != ExitOK || len(f.changes) != 1 || !cmp.Equal(f.changes[0], tt.want) {
			t.Errorf("%s %s: exit %d, %+v, %s", tt.key, tt.value, got.exit, f.changes, got.err)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("the folder that was tried: %v, %v", left, err)
	}
}

func TestSettingsThatAreRefusedAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key, value string
		exit       int
		says       string
	}{
		{"colour", "red", ExitUsage, "language, theme, workspace"},
		{"uploadRate", "fast", ExitUsage, "500kB/s"},
		{"startAtLogin", "maybe", ExitUsage, "on, off"},
		{"workspace", file, ExitUnsuitable, file},
	} {
		f := &fakeService{}
		if got := f.run(t, "", "settings", "set", tt.key, tt.value); got.exit != tt.exit || !strings.Contains(got.err, tt.says) || len(f.changes) > 0 {
			t.Errorf("%s %s: exit %d, %s", tt.key, tt.value, got.exit, got.err)
		}
	}
}

func TestSettingsShowWhatIsLocked(t *testing.T) {
	s := api.DefaultSettings()
	s.Language, s.UploadRate = "zh-CN", 2<<20
	s.Locked = []api.SettingLock{{Setting: "language", Value: "zh-CN", Where: "/etc/iscdesk/policy.toml:3"}}
	got := (&fakeService{settings: s}).run(t, "", "--lang", "en", "settings")
	if got.exit != ExitOK || !strings.Contains(got.out, "2.0 MiB/s") || !strings.Contains(got.out, "locked by your administrator (/etc/iscdesk/policy.toml:3)") {
		t.Errorf("exit %d: %s%s", got.exit, got.out, got.err)
	}
}

func TestTheUsersLanguage(t *testing.T) {
	chinese := api.DefaultSettings()
	chinese.Language = "zh-CN"
	for _, tt := range []struct {
		name     string
		settings api.Settings
		fault    error
		args     []string
		want     string
	}{
		{"he has set one", chinese, nil, []string{"transfers"}, "均已发布"},
		{"--lang goes before it", chinese, nil, []string{"--lang", "en", "transfers"}, "Everything"},
		{"none is set", api.Settings{}, nil, []string{"transfers"}, "Everything"},
		{"the service is away", chinese, api.Fail(api.ServiceUnavailable), []string{"transfers"}, "cannot be reached"},
	} {
		got := (&fakeService{settings: tt.settings, stateErr: tt.fault}).run(t, "", tt.args...)
		if !strings.Contains(got.out+got.err, tt.want) {
			t.Errorf("%s: %s%s", tt.name, got.out, got.err)
		}
	}
}

func TestMessages(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 0, 0, time.Local).UnixMilli()
	f := &fakeService{happened: []api.Message{
		{ID: "2", Kind: api.MessageNotPublished, Level: api.MessageProblem, Time: at, Params: map[string]string{"path": "/me/a\x1b[2J.stp"}, Reason: api.Fail(api.Offline)},
		{ID: "1", Kind: api.MessageInstalled, Level: api.MessageInfo, Time: at, Read: true, Params: map[string]string{"product": "MiniCAD", "version": "1.0"}},
	}}
	got := f.run(t, "", "messages")
	if got.exit != ExitOK || !strings.Contains(got.out, "2026-01-02 03:04  problem  '/me/a") || strings.Contains(got.out, "\x1b") ||
		!strings.Contains(got.out, "cannot be reached") || strings.Contains(got.out, "MiniCAD") {
		t.Errorf("exit %d: %q", got.exit, got.out)
	}
	if got := f.run(t, "", "messages", "--all"); !strings.Contains(got.out, "MiniCAD 1.0 is installed.  [1]") {
		t.Errorf("all: %s", got.out)
	}
	f.happened[0].Read = true
	if got := f.run(t, "", "messages"); !strings.Contains(got.out, "--all") {
		t.Errorf("all read: %s", got.out)
	}
	f.run(t, "", "messages", "read", "1", "2")
	f.run(t, "", "messages", "read")
	if want := []string{"read 1 2", "read "}; !cmp.Equal(f.moved, want) {
		t.Errorf("marked %q, want %q", f.moved, want)
	}
}

func TestAppsUninstallAndLog(t *testing.T) {
	f := &fakeService{
		state: api.State{Apps: []api.App{
			{Product: "minicad", Log: "== install.sh\n装好了 \x1b[31m\n", LogPath: "/home/a/install-minicad.log"},
			{Product: "guide"},
		}},
		messages: []api.WatchMessage{{State: &api.State{}}, event(api.EventInstallProgress, api.InstallProgress{Product: "minicad", State: "absent"})},
	}
	if got := f.run(t, "", "apps", "uninstall", "minicad", "--wait"); got.exit != ExitOK || !strings.Contains(got.out, "minicad is uninstalled") {
		t.Errorf("exit %d: %s%s", got.exit, got.out, got.err)
	}
	if got := f.run(t, "", "apps", "log", "minicad"); got.exit != ExitOK || !strings.Contains(got.out, "装好了") || strings.Contains(got.out, "\x1b") || !strings.Contains(got.err, "/home/a/install-minicad.log") {
		t.Errorf("exit %d: %q%q", got.exit, got.out, got.err)
	}
	if got := f.run(t, "", "apps", "log", "guide"); got.exit != ExitOK || !strings.Contains(got.out, "written nothing") {
		t.Errorf("exit %d: %s", got.exit, got.out)
	}
	if got := f.run(t, "", "apps", "log", "other"); got.exit != ExitNotFound {
		t.Errorf("exit %d: %s", got.exit, got.err)
	}
	f.stateErr = nil
	f.messages = []api.WatchMessage{{State: &api.State{}}, event(api.EventInstallProgress, api.InstallProgress{
		Product: "minicad", State: "absent", Reason: api.Fail(api.InstallFailed, "product", "minicad", "status", "4", "log", "x"),
	})}
	if got := f.run(t, "", "apps", "uninstall", "minicad", "--wait"); got.exit != ExitOK || !strings.Contains(got.err, "status 4") {
		t.Errorf("gone though its script failed: exit %d: %s%s", got.exit, got.out, got.err)
	}
}
