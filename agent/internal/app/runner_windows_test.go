package app

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
)

// A test program that is called like the helper is the helper; one that is
// called with lingerCommand says its number in a file and stays.
const lingerCommand = "linger"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case HelperCommand:
			os.Exit(HelperMain(context.Background(), os.Stdin, os.Stdout, os.Args[2:]))
		case lingerCommand:
			if os.WriteFile(os.Args[2]+".new", []byte(strconv.Itoa(os.Getpid())), 0o600) == nil && os.Rename(os.Args[2]+".new", os.Args[2]) == nil {
				<-time.After(5 * time.Minute)
			}
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// bench is a product of the user that runs the tests.
type bench struct {
	t       *testing.T
	product string
	apps    string
	pids    string // the file that a lingering process writes
	limit   time.Duration
}

func newBench(t *testing.T) *bench {
	t.Helper()
	local, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, product: "test-" + strings.ToLower(t.Name()), apps: filepath.Join(local, "iscdesk", "apps"), pids: filepath.Join(t.TempDir(), "pid")}
	t.Cleanup(func() {
		_ = os.RemoveAll(filepath.Join(b.apps, b.product))
		_ = os.Remove(filepath.Join(local, "iscdesk", "log", "install-"+b.product+".log"))
	})
	return b
}

// linger is a line of a script that leaves a process behind.
func (b *bench) linger(how string) string {
	return fmt.Sprintf("%s \"%s\" %s \"%s\"\r\n", how, os.Args[0], lingerCommand, b.pids)
}

// run has the helper install a package of these files.
func (b *bench) run(ctx context.Context, version string, files ...string) (helper.Answer, error) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "app.zip")
	f, err := os.Create(path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z := zip.NewWriter(f)
	for i := 0; i+1 < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		b.t.Fatal(err)
	}
	me := sidOf(windows.GetCurrentProcessToken())
	runner := HelperRunner{User: func(ctx context.Context) (OSUser, error) { return LookupUser(ctx, me) }, Limit: b.limit}
	return runner.Run(ctx, helper.Install, helper.Order{Product: b.product, Version: version, File: "app.zip"}, f)
}

func (b *bench) read(parts ...string) string {
	content, err := os.ReadFile(filepath.Join(append([]string{b.apps, b.product}, parts...)...))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(content))
}

// lingering waits until the process that a script left behind says its number.
func (b *bench) lingering() processKey {
	b.t.Helper()
	for range 600 {
		if content, err := os.ReadFile(b.pids); err == nil {
			pid, err := strconv.Atoi(string(content))
			if err != nil {
				b.t.Fatal(err)
			}
			return processKey{pid: pid, identity: identify(pid)}
		}
		<-time.After(50 * time.Millisecond)
	}
	b.t.Fatal("no process was left behind")
	return processKey{}
}

// gone waits for the end of a process.
func (b *bench) gone(k processKey) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer stop()
	if err := awaitEnd(ctx, k); err != nil {
		b.t.Errorf("process %d lives on: %v", k.pid, err)
	}
}

func TestInstall(t *testing.T) {
	b := newBench(t)
	answer, err := b.run(t.Context(), "1.0", "bin/minicad.exe", "program", "资料/说明.txt", "你好",
		"scripts/install.cmd", "@echo 1>made.txt\r\n@echo in %ISCDESK_APP_DIR% of %ISCDESK_PRODUCT% %ISCDESK_VERSION%\r\n@echo x>\"%ISCDESK_APP_DIR%\\script.txt\"\r\n")
	if err != nil {
		log, _ := os.ReadFile(answer.Log)
		t.Fatalf("%v\n%s", err, log)
	}
	if b.read("current") != "1.0" || b.read("1.0", "bin", "minicad.exe") != "program" || b.read("1.0", "资料", "说明.txt") != "你好" || b.read("1.0", "script.txt") != "x" {
		t.Error(b.read("current"), b.read("1.0", "bin", "minicad.exe"), b.read("1.0", "script.txt"))
	}
	if log, err := os.ReadFile(answer.Log); err != nil || !strings.Contains(string(log), filepath.Join(b.apps, b.product, "1.0")+" of "+b.product+" 1.0") {
		t.Errorf("log: %s, %v", log, err)
	}
	if _, err := b.run(t.Context(), "2.0", "scripts/install.cmd", "@exit /b 7\r\n"); !errors.Is(err, api.InstallFailed) || api.AsError(err).Params["status"] != "7" {
		t.Errorf("a script that fails: %v", err)
	}
	if _, err := b.run(t.Context(), "3.0", "scripts/install.sh", "exit 0"); !errors.Is(err, api.Unsupported) {
		t.Errorf("a package for Linux: %v", err)
	}
	if b.read("current") != "1.0" {
		t.Errorf("in use: %s", b.read("current"))
	}
	entries, _ := os.ReadDir(filepath.Join(b.apps, b.product))
	if len(entries) != 2 {
		t.Errorf("left: %v", entries)
	}
	if _, err := b.run(t.Context(), "2.1", "bin/minicad.exe", "newer"); err != nil || b.read("current") != "2.1" {
		t.Errorf("%v, in use: %s", err, b.read("current"))
	}
}

func TestAScriptThatTakesTooLongEndsWithAllThatItStarted(t *testing.T) {
	b := newBench(t)
	b.limit = 3 * time.Second
	_, err := b.run(t.Context(), "1.0", "scripts/install.cmd", b.linger("@start /b \"\"")+b.linger("@"))
	if !errors.Is(err, api.InstallFailed) || api.AsError(err).Params["status"] != "timeout" {
		t.Errorf("%v", err)
	}
	b.gone(b.lingering())
}

func TestAHelperThatIsKilledTakesItsScriptAlong(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := b.run(ctx, "1.0", "scripts/install.cmd", b.linger("@"))
		ended <- err
	}()
	k := b.lingering()
	if k.identity == "" {
		t.Fatal("it does not run")
	}
	if _, err := b.run(t.Context(), "1.0"); !errors.Is(err, api.Busy) {
		t.Errorf("a second helper meanwhile: %v", err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, api.Cancelled) {
		t.Errorf("%v", err)
	}
	b.gone(k)
	if _, err := b.run(t.Context(), "1.0", "a", "b"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestWhatASuccessfulScriptLeavesGoesOn(t *testing.T) {
	b := newBench(t)
	wait := fmt.Sprintf(":wait\r\n@if not exist \"%s\" goto wait\r\n", b.pids)
	if _, err := b.run(t.Context(), "1.0", "scripts/install.cmd", b.linger("@start \"\" /d \"%ISCDESK_APP_DIR%\" /b")+wait); err != nil {
		t.Fatal(err)
	}
	k := b.lingering()
	if k.identity == "" {
		t.Fatal("it was ended with its script")
	}
	p, err := os.FindProcess(k.pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
	b.gone(k)
}

// Wine has one user and no tokens of sessions: what is tested of other users is
// which session is asked, and that nothing runs with the service's own rights.
func TestDecisionWhoseSessionIsAskedBecauseWineHasOneUser(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	if _, err := become(cmd, OSUser{Key: "S-1-5-21-1-2-3-1001"}); !errors.Is(err, api.Unsupported) || !strings.Contains(err.Error(), "log on") {
		t.Errorf("%v", err)
	}
	if _, err := LookupUser(t.Context(), "uid:1000"); !errors.Is(err, api.InvalidArgument) {
		t.Errorf("%v", err)
	}
	got := inOrder([]logon{{0, true}, {3, false}, {2, false}, {5, true}, {4, true}})
	if want := []logon{{4, true}, {5, true}, {2, false}, {3, false}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestProcesses(t *testing.T) {
	b := newBench(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], lingerCommand, b.pids)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	k := b.lingering()
	if k.identity == "" || k.identity != identify(cmd.Process.Pid) || identify(0) != "" || identify(-1) != "" {
		t.Fatalf("%+v", k)
	}
	if err := awaitEnd(t.Context(), processKey{pid: k.pid, identity: "another, of the same number"}); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- awaitEnd(ctx, k) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	go func() { ended <- awaitEnd(t.Context(), k) }()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
	if identify(k.pid) == k.identity {
		t.Error("it seems to run still")
	}
}
