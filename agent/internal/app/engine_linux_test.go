package app_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func TestInstall(t *testing.T) {
	t.Setenv("ISCDESK_TEST_SECRET", "canary")
	w := newWorld(t, scripted(t, "1.0", `set -e
env > "$ISCDESK_APP_DIR/env"; id -u > "$ISCDESK_APP_DIR/uid"; ls /proc/self/fd | tr '\n' ' ' > "$ISCDESK_APP_DIR/fds"
if tty -s; then exit 9; fi
if [ -t 0 ] || read -r line; then exit 8; fi
echo installed for people to read
`))
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	got := w.awaitState("installed")
	if got.Installed != "1.0" || got.Name != "Mini CAD" || got.Reason != nil {
		t.Errorf("%+v", got)
	}
	if w.inUse() != "1.0" || !strings.Contains(w.read("current", "bin", "minicad"), "minicad 1.0") {
		t.Errorf("in use: %q", w.inUse())
	}
	env := w.read("1.0", "env")
	for _, want := range []string{
		"ISCDESK_APP_DIR=" + w.path("1.0") + "\n", "ISCDESK_PRODUCT=minicad\n", "ISCDESK_VERSION=1.0\n", "ISCDESK_PREVIOUS=\n", "HOME=" + w.home + "\n",
	} {
		if !strings.Contains(env, want) {
			t.Errorf("the script's environment lacks %q:\n%s", want, env)
		}
	}
	if strings.Contains(env, "canary") {
		t.Error("the service's environment reached the script")
	}
	if fds := strings.TrimSpace(w.read("1.0", "fds")); fds != "0 1 2 3" { // 3 is ls's own
		t.Errorf("open in the script: %s", fds)
	}
	info, err := os.Stat(w.path("1.0", "bin", "minicad"))
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != testUser().UID || info.Mode().Perm() != 0o755 {
		t.Errorf("owner %d, mode %v", owner, info.Mode())
	}
	log, err := os.ReadFile(got.LogPath)
	if err != nil || !strings.Contains(string(log), "installed for people to read") || got.LogPath != filepath.Join(w.home, ".local/state/iscdesk/install-minicad.log") {
		t.Errorf("log %s: %v %s", got.LogPath, err, log)
	}
	if err := w.Install(t.Context(), "minicad"); !errors.Is(err, api.Exists) {
		t.Errorf("installing it again: %v, want exists", err)
	}
	for _, product := range []string{"nothing", "../evil", ""} {
		if err := w.Install(t.Context(), product); !errors.Is(err, api.NotFound) {
			t.Errorf("installing %q: %v, want not_found", product, err)
		}
	}
	w.stop()
	if left, _ := os.ReadDir(w.dir); len(left) != 0 {
		t.Errorf("packages left behind: %v", left)
	}
}

// running is an application: a real process and its session.
type running struct {
	api.Session
	stdin io.Closer
	cmd   *exec.Cmd
}

func launch(t *testing.T, w *world, id, version string) *running {
	t.Helper()
	cmd := exec.Command("cat")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &running{Session: api.Session{ID: id, Product: "minicad", Version: version, PID: cmd.Process.Pid}, stdin: stdin, cmd: cmd}
	t.Cleanup(func() { r.end(t) })
	w.SessionOpened(r.Session)
	return r
}

// end ends the process.
func (r *running) end(t *testing.T) {
	if r.cmd.ProcessState != nil {
		return
	}
	if err := errors.Join(r.stdin.Close(), r.cmd.Wait()); err != nil {
		t.Error(err)
	}
}

func TestOptionalUpgradeWaitsForExit(t *testing.T) {
	w := newWorld(t, scripted(t, "1.0", ""))
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	w.awaitState("installed")
	w.market.set(func(m *market) {
		m.latest = scripted(t, "2.0", `echo "from $ISCDESK_PREVIOUS"`)
		m.latest.Notes = "faster"
		m.ranges = nil
	})

	cad := launch(t, w, "s1", "1.0")
	if err := w.Check(t.Context(), cad.Session); err != nil {
		t.Fatal(err)
	}
	notice := awaitEvent[api.UpgradeNotice](w, api.EventUpgradeNotice, "s1")
	if !notice.Available || notice.Version != "2.0" || notice.Forced || notice.Notes != "faster" || notice.Reason != nil {
		t.Errorf("notice %+v", notice)
	}
	if got := w.awaitState("offered"); got.Offered != "2.0" {
		t.Errorf("%+v", got)
	}
	if n := w.count(api.EventUpgrade, "s1"); n != 0 {
		t.Errorf("%d upgrade events before the user answered", n)
	}
	if err := w.AnswerUser(t.Context(), api.UserUpgradeAnswer{Product: "minicad", Accept: true}); err != nil {
		t.Fatal(err)
	}
	if order := awaitEvent[api.UpgradeOrder](w, api.EventUpgrade, "s1"); order.Forced || order.Version != "2.0" {
		t.Errorf("order %+v", order)
	}
	w.awaitState("waiting_for_exit")
	w.SessionClosed(cad.Session)
	if got := w.app(); got.State != "waiting_for_exit" {
		t.Errorf("its session is closed, its process runs, and the state is %s", got.State)
	}

	// The service restarts under the running application.
	w.restart()
	if got := w.awaitState("waiting_for_exit"); got.Installed != "1.0" {
		t.Errorf("%+v", got)
	}
	if asked := w.market.asked(); len(asked) != 0 {
		t.Errorf("the package was fetched while the application ran: %q", asked)
	}
	cad.end(t)
	if got := w.awaitState("installed"); got.Installed != "2.0" || w.inUse() != "2.0" {
		t.Errorf("%+v, in use %q", got, w.inUse())
	}
	if _, err := os.Stat(w.path("1.0", "bin", "minicad")); err != nil {
		t.Errorf("the former version is gone: %v", err)
	}
	log, _ := os.ReadFile(w.app().LogPath)
	if !strings.Contains(string(log), "from 1.0") {
		t.Errorf("log: %s", log)
	}
}

func TestForcedUpgrade(t *testing.T) {
	latest := scripted(t, "2.0", "")
	latest.Forced = true
	w := newWorld(t, latest)
	one, two := launch(t, w, "s1", "1.0"), launch(t, w, "s2", "1.5")
	if err := w.Check(t.Context(), one.Session); err != nil {
		t.Fatal(err)
	}
	for _, session := range []string{"s1", "s2"} {
		if order := awaitEvent[api.UpgradeOrder](w, api.EventUpgrade, session); !order.Forced {
			t.Errorf("%s: %+v", session, order)
		}
	}
	if notice := awaitEvent[api.UpgradeNotice](w, api.EventUpgradeNotice, "s1"); !notice.Forced || !notice.Available {
		t.Errorf("notice %+v", notice)
	}
	if n := w.count(api.EventUpgradeNotice, "s2"); n != 0 {
		t.Errorf("s2 had %d notices that it did not ask for", n)
	}
	for _, answer := range []error{
		w.Answer(t.Context(), one.Session, api.UpgradeAnswer{Accept: false}),
		w.AnswerUser(t.Context(), api.UserUpgradeAnswer{Product: "minicad", Accept: false}),
	} {
		if answer != nil {
			t.Error(answer)
		}
	}
	w.SessionClosed(one.Session)
	one.end(t)
	if got := w.app(); got.State != "waiting_for_exit" {
		t.Errorf("one of two is closed: %s", got.State)
	}
	w.SessionClosed(two.Session)
	two.end(t)
	if got := w.awaitState("installed"); got.Installed != "2.0" {
		t.Errorf("%+v", got)
	}
}

// TestAnUpgradeIsNotForcedAgainstTheAdministrator has an upgrade that the vendor
// forces: it is offered where only administrators install, and nothing begins
// where nobody does.
func TestAnUpgradeIsNotForcedAgainstTheAdministrator(t *testing.T) {
	latest := scripted(t, "2.0", "")
	latest.Forced = true
	w := newWorld(t, latest)
	w.allow(false, false)
	cad := launch(t, w, "s1", "1.0")
	if err := w.Check(t.Context(), cad.Session); err != nil {
		t.Fatal(err)
	}
	if notice := awaitEvent[api.UpgradeNotice](w, api.EventUpgradeNotice, "s1"); notice.Forced || !notice.Available {
		t.Errorf("notice %+v", notice)
	}
	if got := w.app(); got.Offered != "2.0" {
		t.Errorf("%+v", got)
	}
	if err := w.AnswerUser(t.Context(), api.UserUpgradeAnswer{Product: "minicad", Accept: true}); err != nil {
		t.Fatal(err)
	}
	w.SessionClosed(cad.Session)
	cad.end(t)
	if got := w.app(); got.Installed == "2.0" || got.State == "installing" {
		t.Errorf("it began: %+v", got)
	}
	w.allow(true, false)
	w.AllowanceChanged()
	if got := w.awaitState("installed"); got.Installed != "2.0" {
		t.Errorf("%+v", got)
	}
}

func TestApplicationAnswers(t *testing.T) {
	w := newWorld(t, scripted(t, "2.0", ""))
	cad := launch(t, w, "s1", "1.0")
	if err := w.Answer(t.Context(), cad.Session, api.UpgradeAnswer{Accept: true}); !errors.Is(err, api.NotFound) {
		t.Errorf("nothing was offered: %v, want not_found", err)
	}
	check := func() {
		t.Helper()
		if err := w.Check(t.Context(), cad.Session); err != nil {
			t.Fatal(err)
		}
		w.awaitState("offered")
	}
	check()
	if err := w.Answer(t.Context(), cad.Session, api.UpgradeAnswer{Accept: false}); err != nil {
		t.Fatal(err)
	}
	if got := w.app(); got.State != "absent" || got.Offered != "" {
		t.Errorf("declined: %+v", got)
	}
	check()
	if err := w.AnswerUser(t.Context(), api.UserUpgradeAnswer{Product: "minicad", Accept: true}); err != nil {
		t.Fatal(err)
	}
	w.awaitState("waiting_for_exit")
	if err := w.Answer(t.Context(), cad.Session, api.UpgradeAnswer{Accept: false}); err != nil {
		t.Fatal(err)
	}
	if got := w.app(); got.State != "absent" {
		t.Errorf("the user said yes, the application no: %+v", got)
	}
	check()
	if err := w.Answer(t.Context(), cad.Session, api.UpgradeAnswer{Accept: true}); err != nil {
		t.Fatal(err)
	}
	if n := w.count(api.EventUpgrade, "s1"); n != 1 {
		t.Errorf("%d upgrade events, want the one after the user's yes", n)
	}
	w.SessionClosed(cad.Session)
	cad.end(t)
	w.awaitState("installed")
}

func TestCheckWithoutUpgrade(t *testing.T) {
	w := newWorld(t, scripted(t, "2.0", ""))
	ask := func(session, product, version string) api.UpgradeNotice {
		t.Helper()
		if err := w.Check(t.Context(), api.Session{ID: session, Product: product, Version: version}); err != nil {
			t.Fatal(err)
		}
		return awaitEvent[api.UpgradeNotice](w, api.EventUpgradeNotice, session)
	}
	if got := ask("newest", "minicad", "2.0"); got.Available || got.Reason != nil {
		t.Errorf("newest: %+v", got)
	}
	if got := ask("hostile", "../../etc", "1"); got.Available || !errors.Is(got.Reason, api.NameInvalid) {
		t.Errorf("hostile product: %+v", got)
	}
	w.market.set(func(m *market) { m.latest.Version = "../../2.0" })
	if got := ask("hostile version", "minicad", "1"); got.Available || !errors.Is(got.Reason, api.NameInvalid) {
		t.Errorf("hostile version: %+v", got)
	}
	w.market.set(func(m *market) { m.down = true })
	if got := ask("offline", "minicad", "1.0"); got.Available || !errors.Is(got.Reason, api.Offline) {
		t.Errorf("offline: %+v", got)
	}
	w.mu.Lock()
	w.account.State = api.AccountSignedOut
	w.mu.Unlock()
	if got := ask("signed out", "minicad", "1.0"); got.Available || !errors.Is(got.Reason, api.SignedOut) {
		t.Errorf("signed out: %+v", got)
	}
}

func TestInterruptedDownload(t *testing.T) {
	filler := make([]byte, 300_000)
	for i := range filler {
		filler[i] = byte(i * i >> 7)
	}
	cases := map[string]struct {
		noRange bool
		ranges  []string
	}{
		"resumed":    {false, []string{"", "bytes=1000-"}},
		"over again": {true, []string{"", "bytes=1000-"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scripted(t, "1.0", "", "bin/data", string(filler)))
			w.market.set(func(m *market) { m.cut, m.noRange = 1000, c.noRange })
			if err := w.Install(t.Context(), "minicad"); err != nil {
				t.Fatal(err)
			}
			if got := w.awaitState("broken"); !errors.Is(got.Reason, api.Offline) {
				t.Errorf("cut off: %+v", got)
			}
			w.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
			w.awaitState("installed")
			if asked := w.market.asked(); !slices.Equal(asked, c.ranges) {
				t.Errorf("asked for %q, want %q", asked, c.ranges)
			}
			if w.read("1.0", "bin", "data") != string(filler) {
				t.Error("the content differs")
			}
		})
	}
}

func TestWrongPackage(t *testing.T) {
	good := scripted(t, "1.0", "")
	flipped := slices.Clone(good.content)
	flipped[len(flipped)/2] ^= 1
	cases := map[string]struct {
		turn func(*market)
		want api.Code
	}{
		"another content": {func(m *market) { m.content = flipped }, api.PackageDamaged},
		"longer":          {func(m *market) { m.content = append(slices.Clone(good.content), 0) }, api.PackageDamaged},
		"shorter":         {func(m *market) { m.content = good.content[:len(good.content)-1] }, api.Offline},
		"symlink":         {func(m *market) { m.latest = scripted(t, "1.0", "", "scripts/x", "symlink:/etc/passwd") }, api.PackageUnsafe},
		"climbs":          {func(m *market) { m.latest = scripted(t, "1.0", "", "../../../../escape", "evil") }, api.PackageUnsafe},
		"no archive":      {func(m *market) { m.latest = packed("1.0", "minicad.tar.gz", []byte("hello")) }, api.PackageDamaged},
		"wrong format":    {func(m *market) { m.latest = packed("1.0", "minicad.zip", good.content) }, api.PackageDamaged},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, good, c.turn)
			if err := w.Install(t.Context(), "minicad"); err != nil {
				t.Fatal(err)
			}
			got := w.awaitState("broken")
			if !errors.Is(got.Reason, c.want) || got.Reason.Text(api.English) == "" || strings.Contains(got.Reason.Text(api.English), "{") {
				t.Errorf("%v (%s), want %s", got.Reason, got.Reason.Text(api.English), c.want)
			}
			if w.inUse() != "" {
				t.Errorf("in use: %s", w.inUse())
			}
			if left := w.left(); len(left) != 0 {
				t.Errorf("left behind: %q", left)
			}
			if beside, _ := filepath.Glob(filepath.Join(w.home, "escape")); len(beside) != 0 {
				t.Error("the package wrote outside of its folder")
			}
		})
	}
}

func TestFailedUpgradeKeepsTheFormerVersion(t *testing.T) {
	w := newWorld(t, scripted(t, "1.0", ""))
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	w.awaitState("installed")
	w.market.set(func(m *market) {
		m.latest = scripted(t, "2.0", "echo broken by design; echo half > \"$ISCDESK_APP_DIR/half\"; exit 3")
	})
	w.Pushed(agentapi.PushMessage{Type: agentapi.CatalogueChanged})
	w.heard.await(t, "2.0 in the catalogue", func([]api.Event) bool { return w.app().Latest == "2.0" })
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	got := w.awaitState("broken")
	if !errors.Is(got.Reason, api.InstallFailed) || got.Reason.Params["status"] != "3" || got.Reason.Params["log"] != got.LogPath || got.Installed != "1.0" {
		t.Errorf("%+v, reason %v", got, got.Reason)
	}
	if log, err := os.ReadFile(got.LogPath); err != nil || !strings.Contains(string(log), "broken by design") {
		t.Errorf("log: %s %v", log, err)
	}
	if w.inUse() != "1.0" || !strings.Contains(w.read("current", "bin", "minicad"), "1.0") {
		t.Errorf("in use: %s", w.inUse())
	}
	if _, err := os.Stat(w.path("2.0")); err == nil {
		t.Error("the failed version was left behind")
	}
	// A new package of the vendor mends it.
	w.market.set(func(m *market) { m.latest = scripted(t, "2.1", "") })
	w.Pushed(agentapi.PushMessage{Type: agentapi.CatalogueChanged})
	w.heard.await(t, "2.1 in the catalogue", func([]api.Event) bool { return w.app().Latest == "2.1" })
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	if got := w.awaitState("installed"); got.Installed != "2.1" || got.Reason != nil {
		t.Errorf("%+v", got)
	}
}

// TestCrashInTheMiddle kills the helper, and in another run ends the service,
// while the script runs; the next start finishes the job.
func TestCrashInTheMiddle(t *testing.T) {
	cases := map[string]string{
		"helper killed": `if mkdir "$HOME/first" 2>/dev/null; then kill -9 $PPID; exit 1; fi`,
		"service ended": `if mkdir "$HOME/first" 2>/dev/null; then echo started > "$HOME/fifo"; sleep 600; fi`,
	}
	for name, script := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scripted(t, "1.0", script))
			fifo := filepath.Join(w.home, "fifo")
			if err := syscall.Mkfifo(fifo, 0o666); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(fifo, 0o666); err != nil {
				t.Fatal(err)
			}
			if err := w.Install(t.Context(), "minicad"); err != nil {
				t.Fatal(err)
			}
			if name == "service ended" {
				if said, err := os.ReadFile(fifo); err != nil || string(said) != "started\n" {
					t.Fatalf("%s %v", said, err)
				}
			} else {
				w.awaitState("broken")
			}
			if w.inUse() != "" {
				t.Errorf("in use before it was installed: %s", w.inUse())
			}
			w.restart()
			if got := w.awaitState("installed"); got.Installed != "1.0" || w.inUse() != "1.0" {
				t.Errorf("%+v", got)
			}
			left := w.left()
			if want := []string{w.path("1.0"), w.path("current")}; !slices.Equal(left, want) {
				t.Errorf("there is %q, want %q", left, want)
			}
			if n := len(w.market.asked()); n != 1 {
				t.Errorf("the package was fetched %d times", n)
			}
		})
	}
}

func TestUninstall(t *testing.T) {
	w := newWorld(t, scripted(t, "1.0", "", "scripts/uninstall.sh", "echo going; touch \"$HOME/uninstalled\"; exit 4"))
	if err := w.Uninstall(t.Context(), "minicad"); !errors.Is(err, api.NotFound) {
		t.Errorf("%v, want not_found", err)
	}
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	w.awaitState("installed")
	if err := w.Uninstall(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	if got := w.awaitState("absent"); got.Installed != "" {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(w.home, "uninstalled")); err != nil {
		t.Error("its script did not run")
	}
	if _, err := os.Stat(w.path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
	w.heard.await(t, "the script's failure", func(events []api.Event) bool {
		last := events[len(events)-1]
		return last.Name == api.EventInstallProgress && strings.Contains(string(last.Data), `"install_failed"`)
	})
}
