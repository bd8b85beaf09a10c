package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/settings"
	"iscdesk.dev/gui/view/viewtest"
)

func TestRates(t *testing.T) {
	for _, c := range []struct {
		text  string
		bytes int64
		shown string
	}{
		{"", 0, ""},
		{"0", 0, ""},
		{"500 kB/s", 500_000, "500 kB/s"},
		{"500k", 500_000, "500 kB/s"},
		{"2MB/s", 2_000_000, "2 MB/s"},
		{"1,5 mb", 1_500_000, "1.5 MB/s"},
		{"１．５ ＭＢ／ｓ", 1_500_000, "1.5 MB/s"},
		{"2 MB/秒", 2_000_000, "2 MB/s"},
		{"16 Mbit/s", 2_000_000, "2 MB/s"},
		{"100 Mbps", 12_500_000, "12.5 MB/s"},
		{"100 MBps", 100_000_000, "100 MB/s"},
		{"1 MiB/s", 1 << 20, "1048.576 kB/s"},
		{"fast", 0, "?"},
		{"-1 MB/s", 0, "?"},
		{"0.0001 kB/s", 0, "?"}, // not 0, which is no limit
		{"1e30 GB/s", 0, "?"},
		{"1e30 MB/s", 0, "?"},
		{"NaN MB/s", 0, "?"},
		{"12", 0, "?"},
	} {
		got, err := settings.ParseRate(c.text)
		if (c.shown == "?") != (err != nil) || got != c.bytes {
			t.Errorf("%q: %d, %v", c.text, got, err)
			continue
		}
		if err == nil && settings.FormatRate(got) != c.shown {
			t.Errorf("%q is shown as %q", c.text, settings.FormatRate(got))
		}
		if again, err := settings.ParseRate(settings.FormatRate(got)); err != nil || again != got {
			t.Errorf("%q: what is shown reads as %d", c.text, again)
		}
	}
}

func TestWritable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		dir: nil, filepath.Join(dir, "new", "folder"): nil, "relative": api.InvalidArgument, file: api.FileUnwritable,
		filepath.Join(file, "below"): api.FileUnwritable,
	} {
		if err := settings.Writable(path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func item(v settings.View, key string) settings.Item {
	for _, s := range v.Sections {
		for _, it := range s.Items {
			if it.Key == key {
				return it
			}
		}
	}
	return settings.Item{}
}

// TestChanges holds that a change shows at once, is settled by the service,
// and goes back when it is refused.
func TestChanges(t *testing.T) {
	stage := viewtest.New(t, api.English)
	s := viewtest.Fine()
	s.Settings = api.DefaultSettings()
	stage.Desk.Set(s)
	room := settings.New(stage.Env, stage.Hand(), settings.Config{Writable: func(string) error { return api.Fail(api.FileUnwritable, "path", "/x", "reason", "read-only") }})
	theme := func() settings.Item { return item(room.View(), "theme") }
	stage.Service.Answers.Settings = func(c api.SettingsChange) api.Settings {
		now := s.Settings
		now.Theme = *c.Theme
		return now
	}
	release := stage.Service.Hold()
	room.Set("theme", api.ThemeDark)
	if got := theme(); got.Value != api.ThemeDark || !got.Busy {
		t.Errorf("on its way: %+v", got)
	}
	release()
	if !stage.Until(func() bool { return !theme().Busy }) || theme().Value != api.ThemeDark {
		t.Errorf("confirmed: %+v", theme())
	}
	s.Settings.Theme = api.ThemeDark
	stage.Desk.Set(s)
	if got := theme(); got.Value != api.ThemeDark {
		t.Errorf("told: %+v", got)
	}
	stage.Service.Fail("ChangeSettings", api.Fail(api.PolicyForbids, "key", "theme", "value", "dark", "where", "policy.toml:1"))
	room.Set("theme", api.ThemeLight)
	if !stage.Until(func() bool { return theme().Error != "" }) || theme().Value != api.ThemeDark || theme().Busy {
		t.Errorf("refused: %+v", theme())
	}
	stage.Service.Fail("ChangeSettings", nil)
	stage.Forget()
	room.Set("workspace", "/x")
	folder := func() settings.Item { return item(room.View(), "workspace") }
	if !stage.Until(func() bool { return folder().Error != "" }) || folder().Value != "" {
		t.Errorf("a folder that cannot be written: %+v", folder())
	}
	if notes := stage.Notes(); len(notes) > 0 {
		t.Errorf("the service was asked: %q", notes)
	}
	room.Set("downloadRate", "quick")
	if got := item(room.View(), "downloadRate"); got.Error == "" || got.Value != "" {
		t.Errorf("%+v", got)
	}
}

// TestSwitchesTogether holds that two switches in a row do not undo each other.
func TestSwitchesTogether(t *testing.T) {
	stage := viewtest.New(t, api.English)
	s := viewtest.Fine()
	s.Settings = api.DefaultSettings()
	stage.Desk.Set(s)
	room := settings.New(stage.Env, stage.Hand(), settings.Config{})
	release := stage.Service.Hold()
	room.Set("language", string(api.English))
	stage.Await(`ChangeSettings {"language":"en"}`) // it is under way: what follows waits
	room.Switch("notify.published", true)
	room.Switch("notify.solves", false)
	if v := room.View(); !item(v, "notify.published").On || item(v, "notify.solves").On {
		t.Error("one has undone the other")
	}
	room.Set("theme", api.ThemeDark)
	room.Set("theme", api.ThemeLight)
	release()
	stage.Await(`ChangeSettings {"notify":{"published":true,"trouble":true,"licenses":true,"applications":true,"solves":false}}`)
	stage.Await(`ChangeSettings {"theme":"light"}`)
	for _, note := range stage.Notes() {
		if strings.Contains(note, "dark") {
			t.Errorf("what was changed again is sent too: %q", stage.Notes())
		}
	}
}

// TestLocks holds that what is locked names who has locked it, in both
// languages.
func TestLocks(t *testing.T) {
	stage := viewtest.New(t, api.Chinese)
	stage.Service.Answers.Policy = api.Policy{Settings: []api.PolicySetting{
		{Key: "proxy", Title: api.Words{EN: "Proxy", ZH: "代理服务器"}, Value: "http://p:1", Source: api.FromPolicy, Where: "policy.toml:2", Locked: true},
		{Key: "ca_file", Title: api.Words{EN: "Authorities", ZH: "颁发机构"}, Source: api.FromDefault},
		{Key: "newer", Value: "1", Source: "somewhere"},
	}, Problems: []*api.Error{api.Fail(api.CAFileUnusable, "path", "/ca.pem", "reason", string(api.FileEmpty))}}
	s := viewtest.Fine()
	s.Settings = api.DefaultSettings()
	s.Settings.Locked = []api.SettingLock{{Setting: "uploadRate", Value: "5MB/s", Where: `HKLM\Software\Policies\iscdesk\UploadRate`}}
	room := settings.New(stage.Env, stage.Hand(), settings.Config{})
	stage.Desk.Set(s)
	if !stage.Until(func() bool { return item(room.View(), "proxy").Key != "" }) {
		t.Fatal("no policy")
	}
	v := room.View()
	for _, c := range []struct{ got, want string }{
		{item(v, "uploadRate").Locked, `已由管理员锁定为 5MB/s(HKLM\Software\Policies\iscdesk\UploadRate)。`},
		{item(v, "downloadRate").Locked, ""},
		{item(v, "proxy").Title, "代理服务器"},
		{item(v, "proxy").Value, "http://p:1"},
		{item(v, "proxy").Locked, "已锁定:管理员设置,policy.toml:2。"},
		{item(v, "ca_file").Value, "未设置"},
		{item(v, "newer").Title, "newer"},
		{item(v, "newer").Hint, "来源:somewhere。"},
		{item(v, "problem").Error, "不信任 ca_file(/ca.pem)中的证书颁发机构:内容为空。目前只信任系统的颁发机构。文件更改后 iscdesk 会自动重新读取。"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
