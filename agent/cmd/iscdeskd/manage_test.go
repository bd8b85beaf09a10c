package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/assets/locale"
)

func texts(t *testing.T) locale.Catalogue {
	t.Helper()
	c, err := locale.Service("en")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothLanguagesHaveTheSameTexts(t *testing.T) {
	chinese, err := locale.Service("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	english := texts(t)
	if en, zh := slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(chinese)); !slices.Equal(en, zh) {
		t.Fatalf("%q and %q", en, zh)
	}
	hole := regexp.MustCompile(`\{[a-z]+\}`)
	for key, text := range english {
		en, zh := hole.FindAllString(text, -1), hole.FindAllString(chinese[key], -1)
		slices.Sort(en)
		slices.Sort(zh)
		if !slices.Equal(slices.Compact(en), slices.Compact(zh)) {
			t.Errorf("%s: %q and %q", key, en, zh)
		}
	}
}

// fakeManager is a service manager of one service, on paper.
type fakeManager struct {
	now   condition
	path  string // of the program
	calls []string
	rights, fails,
	packaged error
}

func (f *fakeManager) allowed() error                { return f.rights }
func (f *fakeManager) removable() error              { return f.packaged }
func (f *fakeManager) condition() (condition, error) { return f.now, nil }

func (f *fakeManager) await(_ time.Duration, done func(condition) bool) error {
	if !done(f.now) {
		return errors.New("not there")
	}
	return nil
}

func (f *fakeManager) to(call string, now condition) error {
	f.calls = append(f.calls, call)
	if f.fails == nil {
		f.now = now
	}
	return f.fails
}

func (f *fakeManager) program() string { return f.path }

func (f *fakeManager) install() error   { return f.to("install", stopped) }
func (f *fakeManager) uninstall() error { return f.to("uninstall", notInstalled) }
func (f *fakeManager) start() error     { return f.to("start", running) }
func (f *fakeManager) stop() error      { return f.to("stop", stopped) }

func TestWhatACommandLeadsTo(t *testing.T) {
	program := filepath.Join(t.TempDir(), "iscdeskd")
	if err := os.WriteFile(program, nil, 0o700); err != nil { // a program
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, row := range []struct {
		command string
		f       fakeManager
		calls   string
		status  int // as the program ends
		said    string
	}{
		{"status", fakeManager{now: running}, "", 0, "status.running"},
		{"status", fakeManager{now: stopped}, "", 3, "status.stopped"},
		{"status", fakeManager{now: failing}, "", 3, "status.failing"},
		{"start", fakeManager{now: failing}, "start", 0, "done.start"},
		{"stop", fakeManager{now: failing}, "stop", 0, "done.stop"},
		{"status", fakeManager{now: notInstalled}, "", 4, "status.absent"},
		{"status", fakeManager{now: running, rights: errNotAllowed}, "", 0, "status.running"},
		{"install", fakeManager{}, "install", 0, "done.install"},
		{"install", fakeManager{now: stopped}, "", 1, "refused.installed"},
		{"install", fakeManager{rights: errNotAllowed}, "", 5, "refused.rights"},
		{"install", fakeManager{fails: errNotAllowed}, "install", 5, "refused.rights"},
		{"start", fakeManager{now: stopped}, "start", 0, "done.start"},
		{"start", fakeManager{now: running}, "", 0, "already.running"},
		{"start", fakeManager{}, "", 4, "refused.absent"},
		{"start", fakeManager{now: stopped, fails: fmt.Errorf("%w: %w", errNotStarted, broken)}, "start", 1, "failed.start"},
		{"stop", fakeManager{now: running}, "stop", 0, "done.stop"},
		{"stop", fakeManager{now: stopped}, "", 0, "already.stopped"},
		{"stop", fakeManager{now: running, rights: errNotAllowed}, "", 5, "refused.rights"},
		{"restart", fakeManager{now: running}, "stop start", 0, "done.restart"},
		{"restart", fakeManager{now: stopped}, "start", 0, "done.restart"},
		{"uninstall", fakeManager{now: running}, "stop uninstall", 0, "done.uninstall"},
		{"uninstall", fakeManager{now: stopped}, "uninstall", 0, "done.uninstall"},
		{"uninstall", fakeManager{}, "", 4, "refused.absent"},
		{"uninstall", fakeManager{now: running, packaged: errPackaged}, "", 1, "refused.packaged"},
		{"stop", fakeManager{now: running, fails: broken}, "stop", 1, "broken"},
	} {
		row.f.path = program
		said, status, err := follow(&row.f, row.command)
		if err != nil {
			var text error
			status, text = explain(texts(t), row.command, err)
			if said = err.Error(); text.Error() == "" || strings.Contains(text.Error(), "{") {
				t.Errorf("%s: text %q", row.command, text)
			}
			said = strings.Fields(strings.ReplaceAll(said, ":", ""))[0]
		}
		if calls := strings.Join(row.f.calls, " "); calls != row.calls || status != row.status || said != row.said {
			t.Errorf("%s of %+v: %q, status %d, %q", row.command, row.f, calls, status, said)
		}
	}
}

// TestInstallRefusesAProgramThatOthersMayChange: whatever the system calls open
// to others, the manager is not asked, and the text names it in both languages.
func TestInstallRefusesAProgramThatOthersMayChange(t *testing.T) {
	for _, lang := range []string{"en", "zh-CN"} {
		texts, err := locale.Service(lang)
		if err != nil {
			t.Fatal(err)
		}
		f := fakeManager{path: openToOthers(t)}
		_, _, err = follow(&f, "install")
		status, text := explain(texts, "install", err)
		if status != 1 || len(f.calls) != 0 || !errors.Is(err, errExposed) || !strings.Contains(text.Error(), f.path) || strings.Contains(text.Error(), "{") {
			t.Errorf("%s: %v, status %d, %q, calls %q", lang, err, status, text, f.calls)
		}
	}
}

func TestCommandLineOfAnInstalledService(t *testing.T) {
	for _, row := range []struct{ flags, want, refused string }{
		{"", "run --system", ""},
		{"--system --service", "run --system", ""},
		{"--marketplace=https://m.example/a@b --log-level=warn", "run --system --log-level=WARN --marketplace=https://m.example/a@b", ""},
		{"--state=a/../b --socket=s --ca-file=c --policy=p", "run --system --ca-file=" + absolute("c") + " --policy=" + absolute("p") + " --socket=" + absolute("s") + " --state=" + absolute("b"), ""},
		{"--marketplace=https://li:geheim@m.example", "", "--marketplace"},
	} {
		o, err := parse(strings.Fields(row.flags))
		if err != nil {
			t.Fatal(err)
		}
		args, err := o.serviceArgs()
		if err != nil {
			if row.refused == "" || !strings.Contains(err.Error(), row.refused) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("%q: %v", row.flags, err)
			}
			continue
		}
		if got := strings.Join(args, " "); got != row.want {
			t.Errorf("%q became %q", row.flags, got)
		}
	}
}
