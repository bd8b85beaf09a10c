package process_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desktop/process"
)

func TestLanguage(t *testing.T) {
	for _, row := range []struct {
		all, messages, lang, language string
		want                          api.Language
	}{
		{"", "", "zh_CN.UTF-8", "", api.Chinese},
		{"", "", "en_US.UTF-8", "", api.English},
		{"zh_CN.UTF-8", "en_US", "en_US", "", api.Chinese},
		{"", "zh_TW", "en_US", "", api.Chinese},
		{"", "", "en_US.UTF-8", "zh_CN:en", api.Chinese},
		{"", "", "C", "zh_CN", api.English},
		{"", "", "", "", api.English},
	} {
		t.Setenv("LC_ALL", row.all)
		t.Setenv("LC_MESSAGES", row.messages)
		t.Setenv("LANG", row.lang)
		t.Setenv("LANGUAGE", row.language)
		if got := process.Language(); got != row.want {
			t.Errorf("%+v: got %s", row, got)
		}
	}
}

const crashEnv = "ISCDESK_TEST_CRASH"

func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		if err := process.CatchCrashes(); err != nil {
			panic(err)
		}
		panic("the last words")
	}
	os.Exit(m.Run())
}

func TestACrashIsWrittenDownForTheUserAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "iscdesk", "tray-crash.txt")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), crashEnv+"=1", "XDG_STATE_HOME="+dir)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Fatalf("it did not crash: %s", out)
		}
		said, err := os.ReadFile(path)
		if err != nil || strings.Count(string(said), "panic: the last words") != i+1 {
			t.Errorf("crash %d: %v\n%s", i+1, err, said)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", dir)
	if err := process.CatchCrashes(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file grows without end: %v", err)
	}
}

// TestEndWell tells that what a program without a crash has made is gone, and
// that what a crash has said stays.
func TestEndWell(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	path, err := process.CrashFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(process.CatchCrashes(), process.EndWell()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty file stays: %v", err)
	}
	if err := os.WriteFile(path, []byte("panic: before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(process.CatchCrashes(), process.EndWell()); err != nil {
		t.Fatal(err)
	}
	if said, err := os.ReadFile(path); err != nil || string(said) != "panic: before\n" {
		t.Errorf("what a crash has said: %q, %v", said, err)
	}
}
