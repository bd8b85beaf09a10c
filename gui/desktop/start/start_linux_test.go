package start_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desktop/start"
)

// desktop is a folder of programs that write down how they were called.
func desktop(t *testing.T) (dir string, called func() string) {
	t.Helper()
	dir = t.TempDir()
	log := filepath.Join(dir, "log")
	script := "#!/bin/sh\nprintf '%s|%s|%s' \"${0##*/}\" \"$PWD\" \"$*\" >'" + log + ".new' && mv '" + log + ".new' '" + log + "'\n"
	for _, name := range []string{"xdg-open", "cad"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("BROWSER", "")
	return dir, func() string {
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); <-time.After(5 * time.Millisecond) {
			if said, err := os.ReadFile(log); err == nil {
				_ = os.Remove(log)
				return string(said)
			}
		}
		return ""
	}
}

func TestOpen(t *testing.T) {
	dir, called := desktop(t)
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"梁 $(touch x).step": "梁 $(touch x).step", "-rf.step": "-rf.step",
		"run.exe": "", "RUN.EXE": "", "run.bat ": "", "script.sh": "", "a.desktop": "", "x.lnk": "", "x.rdp": "", "x.pyw": "", "tool": "", // programs: their folder
	} {
		path, mode := filepath.Join(dir, name), os.FileMode(0o600)
		if name == "tool" {
			mode = 0o700
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := start.Open(path); err != nil {
			t.Fatal(err)
		}
		if got := called(); got != "xdg-open|"+cwd+"|"+strings.TrimSuffix(filepath.Join(dir, want), "/") {
			t.Errorf("%q: called %q", name, got)
		}
	}
	if err := start.Open(filepath.Join(dir, "nothing.step")); !errors.Is(err, api.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
	if err := start.Open("--help"); !errors.Is(err, api.InvalidArgument) {
		t.Errorf("what is no path: %v", err)
	}
}

func TestLaunch(t *testing.T) {
	dir, called := desktop(t)
	if err := start.Launch(filepath.Join(dir, "cad")); err != nil {
		t.Fatal(err)
	}
	if got := called(); got != "cad|"+dir+"|" {
		t.Errorf("called %q", got)
	}
	if err := start.Launch("cad"); !errors.Is(err, api.InvalidArgument) {
		t.Errorf("a program without its folder: %v", err)
	}
	if err := start.Launch(filepath.Join(dir, "absent")); !errors.Is(err, api.NotFound) {
		t.Errorf("a program that is not there: %v", err)
	}
}

func TestBrowseOpensWebPagesOnly(t *testing.T) {
	_, called := desktop(t)
	if err := start.Browse(t.Context(), "https://market.example/a?b=c&d"); err != nil {
		t.Fatal(err)
	}
	if got := called(); !strings.HasSuffix(got, "|https://market.example/a?b=c&d") {
		t.Errorf("called %q", got)
	}
	for _, page := range []string{"file:///etc/passwd", "javascript:alert(1)", "--help", ""} {
		if err := start.Browse(t.Context(), page); err == nil {
			t.Errorf("%q was opened", page)
		}
	}
}
