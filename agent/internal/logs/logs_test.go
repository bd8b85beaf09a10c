package logs_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/internal/logs"
)

func logFile(state string) string { return filepath.Join(state, "log", "iscdeskd.log") }

// kept makes a log that writes into a state folder of its own.
func kept(t *testing.T) (*logs.Log, *bytes.Buffer, string) {
	t.Helper()
	var out bytes.Buffer
	state := t.TempDir()
	l := logs.New(&out, slog.LevelInfo)
	if err := l.Keep(state); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, &out, state
}

func TestLinesGoToStandardErrorAndIntoTheFile(t *testing.T) {
	var out bytes.Buffer
	l := logs.New(&out, slog.LevelInfo)
	defer func() { _ = l.Close() }()
	l.Info("early")
	state := t.TempDir()
	if err := l.Keep(state); err != nil {
		t.Fatal(err)
	}
	l.Info("kept", logs.UserKey, "uid:1")
	l.Debug("not this one")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Info("late")
	if got := strings.Count(out.String(), "\n"); got != 3 {
		t.Errorf("standard error has %d lines:\n%s", got, &out)
	}
	content, err := os.ReadFile(logFile(state))
	if err != nil || strings.Count(string(content), "\n") != 1 || !strings.Contains(string(content), "msg=kept os_user=uid:1") {
		t.Errorf("the file has %q, %v", content, err)
	}
	if runtime.GOOS == "windows" {
		return // its files have the access list of the folder
	}
	for _, path := range []string{logFile(state), filepath.Join(state, "log", "crash.log"), filepath.Join(state, "log")} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestThreeFilesOfFiveMebibytesAreKept(t *testing.T) {
	l, out, state := kept(t)
	filler := strings.Repeat("x", 100<<10)
	for n := range 300 { // 30 MiB
		l.Info(filler, "n", n)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	lines, cut, err := logs.Tail(state, "", 10)
	if err != nil || len(lines) != 10 || !cut || !strings.HasSuffix(lines[9], "n=299") || !strings.HasSuffix(lines[0], "n=290") {
		t.Errorf("%d lines, cut %v, %v", len(lines), cut, err)
	}
	files, err := filepath.Glob(filepath.Join(state, "log", "iscdeskd*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && info.Size() > 5<<20 {
			t.Errorf("%s has %d bytes", path, info.Size())
		}
	}
	// Older files are deleted in the background; the next opening waits for none.
	if len(files) > 6 {
		t.Errorf("%d files: %q", len(files), files)
	}
}

func TestSecretsAreHidden(t *testing.T) {
	l, out, _ := kept(t)
	l.Warn("GET https://li:geheim1@proxy.example/ failed", "err", fmt.Errorf("dial: %w", errors.New("https://m.example/cb?code=geheim2&state=ok")))
	l.Warn("call", "access_token", "geheim3", "Authorization", []string{"geheim4"}, "header", "Bearer geheim5geheim5")
	l.With("proxyPassword", "geheim6").WithGroup("g").Warn("x", "refreshToken", "geheim7", "n", 1, "text", "password=geheim8 next")
	if strings.Contains(out.String(), "geheim") {
		t.Errorf("%s", out)
	}
	for _, want := range []string{"proxy.example", "state=ok", "g.n=1", "next", "level=WARN"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is lost in\n%s", want, out)
		}
	}
}

func TestAUserSeesHisOwnLinesAndNobodys(t *testing.T) {
	l, _, state := kept(t)
	l.Info("machine")
	l.Info("his", logs.UserKey, "uid:1")
	l.With(logs.UserKey, "uid:2").Info("hers", "path", "/geheim")
	l.With(logs.UserKey, "uid:2").Info("hers too, though he named it so", "path", "x os_user=uid:1 y")
	l.With(logs.UserKey, "uid:2").Info("and this", logs.UserKey, "uid:1")
	l.Info("his, though it says \" os_user=uid:2 \" in words", logs.UserKey, "uid:1")
	l.Info("line\nos_user=uid:1 msg=forged", logs.UserKey, "uid:2")
	l.Info("nobody's", logs.UserKey, "")
	lines, cut, err := logs.Tail(state, "uid:1", 100)
	if err != nil || cut {
		t.Fatal(err, cut)
	}
	var msgs []string
	for _, line := range lines {
		_, msg, _ := strings.Cut(line, "msg=")
		msgs = append(msgs, msg)
	}
	want := []string{"machine", "his os_user=uid:1", `"his, though it says \" os_user=uid:2 \" in words" os_user=uid:1`, `nobody's os_user=""`}
	if !slices.Equal(msgs, want) {
		t.Errorf("%q", msgs)
	}
	if all, _, err := logs.Tail(state, "", 100); err != nil || len(all) != 8 {
		t.Errorf("%d lines, %v", len(all), err)
	}
	if none, _, err := logs.Tail(t.TempDir(), "uid:1", 100); err != nil || len(none) != 0 {
		t.Errorf("of no log: %q, %v", none, err)
	}
}

type sink []string

func (s *sink) Info(id uint32, text string) error    { return s.add("info", id, text) }
func (s *sink) Warning(id uint32, text string) error { return s.add("warning", id, text) }
func (s *sink) Error(id uint32, text string) error   { return s.add("error", id, text) }

func (s *sink) add(kind string, id uint32, text string) error {
	*s = append(*s, fmt.Sprintf("%s %d %s", kind, id, text))
	return nil
}

func TestEventsAreWarningsAndErrorsAndTellNoUsersAffairs(t *testing.T) {
	var events sink
	l := logs.New(new(bytes.Buffer), slog.LevelDebug, logs.Events(&events))
	l.Debug("no")
	l.Info("no")
	l.With("a", 1).WithGroup("g").Warn("disk is nearly full", "free", "1 MiB", "password", "geheim")
	l.With(logs.UserKey, "S-1-5-21-7").Error("a save is damaged", "path", "/geheim.step")
	want := []string{
		"warning 2 disk is nearly full\na=1 g.free=\"1 MiB\" g.password=(hidden)",
		"error 3 a save is damaged\nos_user=S-1-5-21-7",
	}
	if !slices.Equal(events, want) {
		t.Errorf("%q", events)
	}
	for range 1000 {
		l.Error("again")
	}
	if len(events) > 40 {
		t.Errorf("%d events", len(events))
	}
}

func TestMain(m *testing.M) {
	if state := os.Getenv("ISCDESK_TEST_CRASH"); state != "" {
		crash(state)
	}
	os.Exit(m.Run())
}

// crash ends this process as a fault of the service would, with a secret in
// its hands.
func crash(state string) {
	l := logs.New(os.Stderr, slog.LevelInfo)
	if err := l.Keep(state); err != nil {
		panic(err)
	}
	holding("geheimes-kennwort", []byte("geheimes-kennwort"))
}

//go:noinline
func holding(secret string, also []byte) {
	also[len(secret)]++
}

func TestACrashLeavesItsTraceAndNoSecret(t *testing.T) {
	state := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "ISCDESK_TEST_CRASH="+state)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("it did not crash: %s", out)
	}
	trace, err := os.ReadFile(filepath.Join(state, "log", "crash.log"))
	if err != nil || !bytes.Contains(trace, []byte("index out of range")) || !bytes.Contains(trace, []byte("holding")) {
		t.Fatalf("%s, %v", trace, err)
	}
	if bytes.Contains(trace, []byte("kennwort")) {
		t.Errorf("%s", trace)
	}
	var events sink
	l := logs.New(new(bytes.Buffer), slog.LevelInfo, logs.Events(&events))
	if err := l.Keep(state); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if len(events) != 1 || !strings.Contains(events[0], "crash-before.log") {
		t.Errorf("%q", events)
	}
	if kept, err := os.ReadFile(filepath.Join(state, "log", "crash-before.log")); err != nil || !bytes.Equal(kept, trace) {
		t.Errorf("%s, %v", kept, err)
	}
}
