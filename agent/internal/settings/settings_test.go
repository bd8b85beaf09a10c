package settings

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

func to[T any](v T) *T { return &v }

// world is an engine on a real database.
type world struct {
	*Engine
	t       *testing.T
	path    string
	policy  Policy
	inForce []api.Settings
	changed int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(t.TempDir(), "agent.db")}
	w.open()
	return w
}

func (w *world) open() {
	w.t.Helper()
	db, err := store.Open(w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	w.Engine, err = New(w.t.Context(), Config{
		DB: db, Notify: w, Policy: func() Policy { return w.policy },
		InForce: func(s api.Settings) { w.inForce = append(w.inForce, s) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) Changed(section string) {
	if section == api.SectionSettings {
		w.changed++
	}
}

// usual is what holds for a user who has chosen nothing.
func usual() api.Settings {
	s := api.DefaultSettings()
	s.Locked = []api.SettingLock{}
	return s
}

func TestSettingsAreDurable(t *testing.T) {
	w := newWorld(t)
	if diff := cmp.Diff(usual(), w.Settings()); diff != "" {
		t.Errorf("at first: %s", diff)
	}
	folder := "/data/我的 文档"
	if runtime.GOOS == "windows" {
		folder = `D:\我的 文档`
	}
	quiet := api.Notify{Trouble: true}
	want := usual()
	want.Language, want.Theme, want.Workspace, want.UploadRate, want.StartAtLogin, want.Notify = "zh-CN", "dark", folder, 1<<20, false, quiet
	got, err := w.Change(t.Context(), api.SettingsChange{
		Language: to("zh-CN"), Theme: to("dark"), Workspace: &folder, UploadRate: to[int64](1 << 20), StartAtLogin: to(false), Notify: &quiet,
	})
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("changed: %v %s", err, cmp.Diff(want, got))
	}
	if w.changed != 1 || len(w.inForce) != 2 || w.inForce[1].UploadRate != 1<<20 {
		t.Errorf("told %d times, in force %+v", w.changed, w.inForce)
	}
	w.open()
	if diff := cmp.Diff(want, w.Settings()); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
	want.Theme = "light"
	if got, err = w.Change(t.Context(), api.SettingsChange{Theme: to("light")}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("one of them: %v %s", err, cmp.Diff(want, got))
	}
}

func TestSettingsThatAreWrong(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]api.SettingsChange{
		language:     {Language: to("fr")},
		theme:        {Theme: to("pink")},
		workspace:    {Workspace: to("iscdesk")},
		uploadRate:   {UploadRate: to[int64](-1)},
		downloadRate: {DownloadRate: to[int64](1)},
	} {
		c.StartAtLogin = to(false)
		_, err := w.Change(t.Context(), c)
		if !errors.Is(err, api.InvalidArgument) || api.AsError(err).Params["argument"] != name {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, lang := range []api.Language{api.English, api.Chinese} {
			if text := api.AsError(err).Text(lang); strings.Contains(text, "{") || !strings.Contains(text, name) {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
	if diff := cmp.Diff(usual(), w.Settings()); diff != "" || w.changed != 0 {
		t.Errorf("something of it was kept: %s, told %d times", diff, w.changed)
	}
}

func TestFolders(t *testing.T) {
	for _, path := range []string{"", "/data", "/data/我的 文档", "/data/a\\b"} {
		if err := checkFolder(path, false); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, path := range []string{"data", "~/x", "./x", "/data/../etc", "/a/./b", "/a\x00b", "/a\nb", "/\xff", "/a\uFFFD", `C:\x`, "/" + strings.Repeat("x", 4096)} {
		if checkFolder(path, false) == nil {
			t.Errorf("%q passes", path)
		}
	}
	for _, path := range []string{"", `D:\iscdesk`, `d:/iscdesk`, `C:\`, `\\server\share\我的 文档`} {
		if err := checkFolder(path, true); err != nil {
			t.Errorf("Windows, %q: %v", path, err)
		}
	}
	for _, path := range []string{`iscdesk`, `\iscdesk`, `D:iscdesk`, `D:\a\..\b`, `D:\nul`, `D:\a:b`, `D:\a.`, `\\.\C:\x`, `\\?\C:\x`, `\\server`, `\\server\`, `/data`, `é:\x`} {
		if checkFolder(path, true) == nil {
			t.Errorf("Windows, %q passes", path)
		}
	}
}

func TestWhatIsLocked(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Change(t.Context(), api.SettingsChange{Language: to("en"), UploadRate: to[int64](5 << 20)}); err != nil {
		t.Fatal(err)
	}
	w.policy = Policy{
		Locks: []api.SettingLock{
			{Setting: "language", Value: "zh-CN", Where: "/etc/iscdesk/policy.toml:1"},
			{Setting: "uploadRate", Value: "1MB/s", Where: "/etc/iscdesk/policy.toml:2"},
		},
		Upload:   &Bound{BytesPerSecond: 1 << 20},
		Download: &Bound{BytesPerSecond: 1 << 20, Key: "limits.download_rate", Value: "1MiB/s", Where: "/etc/iscdesk/policy.toml:3"},
	}
	w.PolicyChanged()
	now := w.Settings()
	if now.Language != "zh-CN" || now.UploadRate != 1<<20 || now.DownloadRate != 0 || len(now.Locked) != 2 || w.inForce[len(w.inForce)-1].UploadRate != 1<<20 {
		t.Errorf("in force: %+v", now)
	}
	for name, c := range map[string]api.SettingsChange{
		"language":      {Language: to("en")},
		"upload rate":   {UploadRate: to[int64](2000)},
		"download rate": {DownloadRate: to[int64](2 << 20)},
	} {
		if _, err := w.Change(t.Context(), c); !errors.Is(err, api.PolicyForbids) || !strings.Contains(api.AsError(err).Text(api.English), "/etc/iscdesk/policy.toml:") {
			t.Errorf("%s: %v", name, err)
		}
	}
	same := api.SettingsChange{Language: to("zh-CN"), Theme: to("dark"), DownloadRate: to[int64](1 << 20)}
	if got, err := w.Change(t.Context(), same); err != nil || got.Theme != "dark" || got.DownloadRate != 1<<20 {
		t.Errorf("what is in force, with something else: %+v, %v", got, err)
	}
	w.policy = Policy{Upload: &Bound{BytesPerSecond: 2 << 20}}
	if now = w.Settings(); now.UploadRate != 2<<20 {
		t.Errorf("a bound below the user's own rate: %+v", now)
	}
	w.policy = Policy{Language: "zh-CN"}
	if now = w.Settings(); now.Language != "en" || now.UploadRate != 5<<20 || now.AutoLanguage != "zh-CN" || len(now.Locked) != 0 {
		t.Errorf("when the lock is gone: %+v", now)
	}
}

func TestSettingsThatCannotBeReadAreTheUsualOnes(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Change(t.Context(), api.SettingsChange{Theme: to("dark")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cfg.DB.Exec(`UPDATE settings SET settings = 'nonsense'`); err != nil {
		t.Fatal(err)
	}
	w.open()
	if diff := cmp.Diff(usual(), w.Settings()); diff != "" {
		t.Error(diff)
	}
}
