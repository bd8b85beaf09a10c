package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app"
	"iscdesk.dev/agent/internal/app/helper"
)

// install runs the real helper on a package.
func install(t *testing.T, r app.HelperRunner, p pkg) (helper.Answer, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package")
	if err := os.WriteFile(path, p.content, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	return r.Run(t.Context(), helper.Install, helper.Order{Product: "minicad", Version: p.Version, File: p.Package.File}, file)
}

func appPath(home string, parts ...string) string {
	return filepath.Join(append([]string{home, ".local", "share", "iscdesk", "apps", "minicad"}, parts...)...)
}

func content(t *testing.T, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSpace(string(body))
}

// TestScriptStyles installs what vendors write: scripts that copy, that add,
// that change what is there, and packages without one.
func TestScriptStyles(t *testing.T) {
	cases := map[string]struct {
		script string
		want   map[string]string // file to content
	}{
		"none":      {"", map[string]string{"bin/minicad": "#!/bin/sh\necho minicad 1.0"}},
		"in place":  {"echo changed > bin/minicad", map[string]string{"bin/minicad": "changed", "scripts/install.sh": "echo changed > bin/minicad"}},
		"adds":      {`echo made > "$ISCDESK_APP_DIR/config"`, map[string]string{"config": "made", "bin/minicad": "#!/bin/sh\necho minicad 1.0"}},
		"copies":    {`set -e; cp -r bin "$ISCDESK_APP_DIR/"; echo mine >> "$ISCDESK_APP_DIR/bin/minicad"`, map[string]string{"bin/minicad": "#!/bin/sh\necho minicad 1.0\nmine"}},
		"makes it":  {`set -e; mkdir -p "$ISCDESK_APP_DIR/lib"; echo x > "$ISCDESK_APP_DIR/lib/x"`, map[string]string{"lib/x": "x"}},
		"by itself": {`cd "$(dirname "$0")/.." && test -x bin/minicad && echo "$PWD" > where`, map[string]string{"bin/minicad": "#!/bin/sh\necho minicad 1.0"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			home := newHome(t)
			if _, err := install(t, newRunner(home), scripted(t, "1.0", c.script)); err != nil {
				t.Fatal(err)
			}
			for file, want := range c.want {
				if got := content(t, appPath(home, "current", file)); got != want {
					t.Errorf("%s holds %q, want %q", file, got, want)
				}
			}
		})
	}
}

// TestRepair installs a version over itself: once well, once failing, which
// leaves what was there.
func TestRepair(t *testing.T) {
	home := newHome(t)
	r := newRunner(home)
	for _, step := range []struct {
		script string
		fails  bool
		want   string
	}{
		{`echo first > state`, false, "first"},
		{`echo second > state; exit 1`, true, "first"},
		{`echo third > state`, false, "third"},
	} {
		_, err := install(t, r, scripted(t, "1.0", step.script))
		if step.fails != errors.Is(err, api.InstallFailed) {
			t.Errorf("%s: %v", step.script, err)
		}
		if got := content(t, appPath(home, "current", "state")); got != step.want {
			t.Errorf("after %q the state is %q, want %q", step.script, got, step.want)
		}
	}
}

// TestOldVersionsGo keeps the version before the one in use, and no more.
func TestOldVersionsGo(t *testing.T) {
	home := newHome(t)
	for _, version := range []string{"1.0", "2.0", "3.0"} {
		if _, err := install(t, newRunner(home), scripted(t, version, "")); err != nil {
			t.Fatal(err)
		}
	}
	got, err := filepath.Glob(appPath(home, "[^.]*"))
	if want := []string{appPath(home, "2.0"), appPath(home, "3.0"), appPath(home, "current")}; err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("there is %q, want %q", got, want)
	}
}

// TestHangingScript has the script start children in its own process group
// and outside of it, and hang. All of them have to be gone.
func TestHangingScript(t *testing.T) {
	home := newHome(t)
	r := newRunner(home)
	r.Limit = time.Second
	began := time.Now()
	_, err := install(t, r, scripted(t, "1.0", `
sleep 600 & echo $! > "$HOME/child"
setsid sleep 601 & echo $! > "$HOME/stranger"
(setsid bash -c 'trap "" TERM HUP; sleep 602 & echo $! > "$HOME/grandchild"; wait' &)
while ! test -s "$HOME/grandchild"; do :; done
wait`))
	if !errors.Is(err, api.InstallFailed) || api.AsError(err).Params["status"] != "timeout" {
		t.Errorf("%v, want install_failed with status timeout", err)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
	for _, name := range []string{"child", "stranger", "grandchild"} {
		pid, err := strconv.Atoi(content(t, filepath.Join(home, name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline"); err == nil && strings.Contains(string(line), "sleep") {
			t.Errorf("the %s, %d, still runs", name, pid)
		}
	}
	if _, err := os.Stat(appPath(home, "1.0")); err == nil {
		t.Error("the version was left behind")
	}
}

// TestPlantedLinks has the user's folder hold links where the helper writes;
// they may only ever lead to what the user could do himself, and a planted
// version folder is no version.
func TestPlantedLinks(t *testing.T) {
	home := newHome(t)
	r := newRunner(home)
	if _, err := install(t, r, scripted(t, "1.0", "")); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(home, "outside")
	for _, err := range []error{
		os.Mkdir(outside, 0o777), os.Chmod(outside, 0o777),
		os.Symlink(outside, appPath(home, "2.0.partial")), os.Symlink(outside, appPath(home, "2.0")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := install(t, r, scripted(t, "2.0", "")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(appPath(home, "2.0")); err != nil || !info.IsDir() {
		t.Errorf("2.0 is %v, %v", info, err)
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("written through the link: %v", left)
	}
}

func TestBadOrders(t *testing.T) {
	r := newRunner(newHome(t))
	for name, o := range map[string]helper.Order{
		"product": {Product: "../../etc", Version: "1.0", File: "a.tar"},
		"version": {Product: "minicad", Version: "../1", File: "a.tar"},
		"current": {Product: "minicad", Version: "current", File: "a.tar"},
	} {
		if _, err := r.Run(t.Context(), helper.Install, o, nil); !errors.Is(err, api.NameInvalid) {
			t.Errorf("%s: %v, want name_invalid", name, err)
		}
	}
	good := helper.Order{Product: "minicad", Version: "1.0", File: "a.tar"}
	if _, err := r.Run(t.Context(), "destroy", good, nil); !errors.Is(err, api.InvalidArgument) {
		t.Errorf("%v, want invalid_argument", err)
	}
	r.Program, r.Args = "/bin/echo", []string{"no JSON"}
	if _, err := r.Run(t.Context(), helper.Install, good, nil); !errors.Is(err, api.Internal) {
		t.Errorf("a helper that talks nonsense: %v, want internal", err)
	}
}

// TestBusy lets two helpers want the same product.
func TestBusy(t *testing.T) {
	home := newHome(t)
	r := newRunner(home)
	if _, err := install(t, r, scripted(t, "1.0", `
bash -c 'exec /proc/'$PPID'/exe install-helper uninstall "{\"product\":\"minicad\",\"version\":\"1.0\"}"' > "$HOME/answer"; exit 0`)); err != nil {
		t.Fatal(err)
	}
	if got := content(t, filepath.Join(home, "answer")); !strings.Contains(got, `"busy"`) {
		t.Errorf("the second helper said %s", got)
	}
	if got := content(t, appPath(home, "current", "bin", "minicad")); got == "" {
		t.Error("the second helper removed what the first one installed")
	}
}

func TestLookupUser(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Setenv("HOME", "") // as systemd starts a service
	}
	root, err := app.LookupUser(t.Context(), "uid:0")
	if err != nil || root.UID != 0 || root.GID != 0 || root.Home == "" || root.Name != "root" || len(root.Groups) == 0 {
		t.Errorf("%+v %v", root, err)
	}
	t.Setenv("HOME", "/somewhere/else")
	own, err := app.LookupUser(t.Context(), "uid:"+strconv.Itoa(os.Geteuid()))
	if err != nil || own.Home != "/somewhere/else" {
		t.Errorf("the user's own service: %+v %v", own, err)
	}
	for key, want := range map[string]api.Code{"uid:-1": api.InvalidArgument, "uid:": api.InvalidArgument, "root": api.InvalidArgument, "uid:3999999999": api.NotFound} {
		if _, err := app.LookupUser(t.Context(), key); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %s", key, err, want)
		}
	}
}
