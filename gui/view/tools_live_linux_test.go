package view_test

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/about"
	"iscdesk.dev/gui/view/applications"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/settings"
	"iscdesk.dev/gui/view/solves"
	"iscdesk.dev/gui/view/viewtest"
)

// tools is the part of a person's tray app that works with the machine.
type tools struct {
	*agenttest.Test
	t      *testing.T
	person *agenttest.Agent
	local  *viewtest.Stage // writes down what the desktop is asked

	applications *applications.Room
	solves       *solves.Room
	settings     *settings.Room
	about        *about.Room
	reports      string

	bell viewtest.Bell
}

func openTools(t *testing.T, world *agenttest.Test, name string) *tools {
	t.Helper()
	x := &tools{
		Test: world, t: t, person: world.Person(name), local: viewtest.New(t, api.English), reports: t.TempDir(),
	}
	service := client.New(x.person.Socket)
	d := desk.New(desk.Config{Service: service})
	words, err := i18n.New(api.English, time.UTC)
	x.Check(err)
	env := view.Env{
		Desk: d, Words: func() *i18n.Words { return words }, Now: time.Now, Refresh: x.bell.Ring, Local: x.local.Env.Local,
		Go: x.local.Env.Go, Tell: func(err error) { t.Errorf("told: %v", err) },
	}
	hand := mend.Hand{Env: env}
	x.applications, x.solves = applications.New(env, hand), solves.New(env, hand, nil)
	x.settings = settings.New(env, hand, settings.Config{Usual: workspace.Root})
	x.about = about.New(env, hand, about.Config{
		Version: "1.0.0", Folder: func() string { return x.reports },
		Log: func() string { return "level=INFO msg=drawn token=T0K3N-of-the-tray path=/shared/beam.inp\n" },
	})
	t.Cleanup(service.Close)
	viewtest.Serve(t, d, &x.bell)
	return x
}

// sees waits until what is seen is so.
func (x *tools) sees(what string, ready func() bool, dump func() any) {
	x.t.Helper()
	if !x.bell.Until(x.Context(), ready) {
		x.t.Fatalf("%s was not seen: %+v", what, dump())
	}
}

func (x *tools) minicad() applications.App {
	all := x.applications.View().Apps
	if i := slices.IndexFunc(all, func(a applications.App) bool { return a.ID == "minicad" }); i >= 0 {
		return all[i]
	}
	return applications.App{}
}

func (x *tools) seesApp(what string, ready func(applications.App) bool) {
	x.t.Helper()
	x.sees(what, func() bool { return ready(x.minicad()) }, func() any { return x.minicad() })
}

// press begins an action that has to be there.
func press(t *testing.T, name string, actions []view.Action) {
	t.Helper()
	i := slices.IndexFunc(actions, func(a view.Action) bool { return a.Name == name })
	if i < 0 || actions[i].Do == nil {
		t.Fatalf("no action %q in %+v", name, actions)
	}
	actions[i].Do()
}

func has(name string, actions []view.Action) bool {
	return slices.ContainsFunc(actions, func(a view.Action) bool { return a.Name == name })
}

// TestApplicationsLive upgrades the sample application that runs, starts it,
// and removes it, on the real service and marketplace.
func TestApplicationsLive(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	world.SignIn(agenttest.Engineer)
	x := openTools(t, world, agenttest.Engineer)
	x.seesApp("the catalogue", func(a applications.App) bool { return a.Status == "Not installed" && has("install", a.Actions) })
	app, quit := x.startApplication()
	press(t, "install", x.minicad().Actions)
	x.seesApp("what has to be closed", func(a applications.App) bool {
		return a.Waiting == fmt.Sprintf("Close MiniCAD 1.0.0 (process %d). It goes on by itself then.", app) && len(a.Actions) == 0
	})
	quit()
	x.seesApp("the installed application", func(a applications.App) bool {
		return a.Status == "Installed" && a.Version == "Version 1.1.0, up to date" && has("launch", a.Actions)
	})
	press(t, "launch", x.minicad().Actions)
	var started string
	for _, note := range x.local.Notes() {
		if path, ok := strings.CutPrefix(note, "launch "); ok {
			started = path
		}
	}
	if info, err := os.Stat(started); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%q was started: %v", started, err)
	}
	if !strings.HasPrefix(started, x.person.Home) {
		t.Errorf("%s is not in the user's own folder", started)
	}
	if a := x.minicad(); has("log", a.Menu) {
		press(t, "log", a.Menu)
		if v := x.applications.View(); v.Log == nil || v.Log.Text == "" {
			t.Error("no log is shown")
		}
	}
	press(t, "uninstall", x.minicad().Menu)
	x.seesApp("that it is gone", func(a applications.App) bool { return a.Status == "Not installed" && has("install", a.Actions) })
	if _, err := os.Stat(started); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", started, err)
	}
}

// applicationEnv makes this program an application that is connected until its
// input ends.
const applicationEnv = "ISCDESK_TEST_APPLICATION"

// TestBeAnApplication is not a test but the application of startApplication: a
// process of its own, because an upgrade waits until the process has ended.
func TestBeAnApplication(t *testing.T) {
	socket := os.Getenv(applicationEnv)
	if socket == "" {
		return
	}
	c, _, err := session.Dial(t.Context(), socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: uuid.NewString(), Product: "minicad", Version: "1.0.0", Library: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = os.Stdout.WriteString("connected\n")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the other side closes it
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// startApplication runs minicad 1.0.0 in a process of its own.
func (x *tools) startApplication() (pid int, quit func()) {
	x.t.Helper()
	cmd := exec.CommandContext(x.Context(), os.Args[0], "-test.run", "^TestBeAnApplication$")
	cmd.Env = append(os.Environ(), applicationEnv+"="+x.person.Socket)
	in, err := cmd.StdinPipe()
	x.Check(err)
	out, err := cmd.StdoutPipe()
	x.Check(err)
	x.Check(cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "connected\n" {
		x.t.Fatalf("the application said %q: %v", line, err)
	}
	return cmd.Process.Pid, func() {
		x.Check(in.Close())
		x.Check(cmd.Wait())
	}
}

// TestInstallingIsForbiddenLive has a policy that lets nobody install.
func TestInstallingIsForbiddenLive(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	world.SignIn(agenttest.Engineer)
	x := openTools(t, world, agenttest.Engineer)
	x.Check(os.WriteFile(x.person.PolicyFile(), []byte("install_applications = \"nobody\"\n"), 0o600))
	x.sees("who has locked it", func() bool {
		x.applications.Look()
		v := x.applications.View()
		return strings.Contains(v.Locked, "policy.toml:1") && len(v.Apps) > 0
	}, func() any { return x.applications.View() })
	for _, a := range x.minicad().Actions {
		if a.Name == "install" && (a.Do != nil || a.Why == "") {
			t.Errorf("installing is offered: %+v", a)
		}
	}
}

// TestSolveLive solves a beam with the real solver, and draws its results.
func TestSolveLive(t *testing.T) {
	if _, err := exec.LookPath("ccx"); err != nil && runtime.GOOS == "linux" {
		t.Fatal("the solver is missing: .ci/install-deps demo")
	}
	world := agenttest.Start(t, agenttest.Engineer)
	world.SignIn(agenttest.Engineer)
	x := openTools(t, world, agenttest.Engineer)
	world.Run(agenttest.Engineer, "files", "get", "/projects/beam.inp")
	world.Run(agenttest.Engineer, "solve", "beam.inp", "--to", "/shared/beam.inp")
	dump := func() any { return x.solves.View() }
	x.sees("the solve", func() bool {
		jobs := x.solves.View().Jobs
		return len(jobs) == 1 && jobs[0].Title == "beam.inp" && jobs[0].Status == "Done"
	}, dump)
	x.solves.SetSurface(solves.Surface{Width: 600, Height: 400, Scale: 1})
	x.solves.Show(x.solves.View().Jobs[0].ID)
	x.sees("the deformed beam", func() bool {
		p := x.solves.View().Detail.Plot
		return p.Kind == solves.KindShape && p.Image != nil && p.Text == ""
	}, dump)
	v := x.solves.View().Detail
	if got := v.Plot.Image.Bounds(); got.Dx() != 600 || got.Dy() != 400 {
		t.Errorf("drawn as %v", got)
	}
	// Beam theory says 0.192 mm at the tip.
	if !strings.Contains(v.Plot.Caption, "longest displacement 0.19") || !strings.Contains(v.Plot.Caption, "drawn 50 times") {
		t.Errorf("caption %q", v.Plot.Caption)
	}
	before := v.Plot.Image
	x.solves.SetSurface(solves.Surface{Width: 500, Height: 300, Scale: 1, Dark: true})
	x.sees("the beam in the dark", func() bool { return x.solves.View().Detail.Plot.Image != before }, dump)
	press(t, "results", v.Actions)
	x.local.Await("go documents::/shared/beam.results")
}

// TestSettingsLive changes settings, which a second tray app of the same user
// sees; a refused change goes back.
func TestSettingsLive(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	x, other := openTools(t, world, agenttest.Engineer), openTools(t, world, agenttest.Engineer)
	item := func(x *tools, key string) settings.Item {
		for _, s := range x.settings.View().Sections {
			for _, it := range s.Items {
				if it.Key == key {
					return it
				}
			}
		}
		return settings.Item{}
	}
	sees := func(x *tools, key, what string, ready func(settings.Item) bool) {
		t.Helper()
		x.sees(what, func() bool { return ready(item(x, key)) }, func() any { return item(x, key) })
	}
	sees(other, "theme", "the service", func(it settings.Item) bool { return it.Value == api.ThemeSystem })
	x.settings.Set("theme", api.ThemeDark)
	sees(other, "theme", "the change of the other", func(it settings.Item) bool { return it.Value == api.ThemeDark && !it.Busy })
	x.settings.Set("uploadRate", "1.5 MB/s")
	sees(other, "uploadRate", "the rate", func(it settings.Item) bool { return it.Value == "1.5 MB/s" })
	x.settings.Set("uploadRate", "0.01 kB/s")
	sees(x, "uploadRate", "the refusal", func(it settings.Item) bool { return it.Error != "" && it.Value == "1.5 MB/s" })
	file := filepath.Join(x.person.Home, "a-file")
	x.Check(os.WriteFile(file, nil, 0o600))
	x.settings.Set("workspace", file)
	sees(x, "workspace", "that a file is no folder", func(it settings.Item) bool { return strings.Contains(it.Error, "a-file") && it.Value == "" })
	folder := filepath.Join(x.person.Home, "drawings")
	x.settings.Set("workspace", folder)
	sees(other, "workspace", "the folder", func(it settings.Item) bool { return it.Value == folder && it.Error == "" })
	x.settings.Switch("notify.published", true)
	x.settings.Switch("notify.solves", false)
	sees(other, "notify.solves", "both switches", func(it settings.Item) bool { return !it.On && item(other, "notify.published").On })
	x.Check(os.WriteFile(x.person.PolicyFile(), []byte("locked = [\"language\"]\nlanguage = \"zh-CN\"\n"), 0o600))
	sees(x, "language", "the lock", func(it settings.Item) bool {
		return it.Value == "zh-CN" && strings.Contains(it.Locked, "policy.toml:2")
	})
	x.settings.Set("language", "en")
	sees(x, "language", "that the lock holds", func(it settings.Item) bool { return it.Error != "" && it.Value == "zh-CN" })
}

// TestReportLive writes the report and looks into it.
func TestReportLive(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	world.SignIn(agenttest.Engineer)
	x := openTools(t, world, agenttest.Engineer)
	dump := func() any { return x.about.View() }
	x.about.Examine()
	x.sees("the checks", func() bool { v := x.about.View().Checks; return !v.Running && len(v.Rows) > 8 }, dump)
	x.about.Bundle()
	x.sees("the report", func() bool { return x.about.View().Bundle.Path != "" }, dump)
	path := x.about.View().Bundle.Path
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info.Mode(), err)
	}
	archive, err := zip.OpenReader(path)
	x.Check(err)
	defer func() { _ = archive.Close() }()
	all, names := "", []string{}
	for _, f := range archive.File {
		r, err := f.Open()
		x.Check(err)
		content, err := io.ReadAll(r)
		x.Check(err)
		all, names = all+string(content), append(names, f.Name)
		if f.Name == "tray.log" && (!strings.Contains(string(content), "msg=drawn") || strings.Contains(string(content), "T0K3N")) {
			t.Errorf("tray.log: %s", content)
		}
	}
	for _, name := range []string{"state.json", "doctor.json", "policy.json", "service.log", "tray.log"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing in %q", name, names)
		}
	}
	for _, secret := range []string{"T0K3N", "engineer@", x.person.Home, "/shared/beam.inp"} {
		if strings.Contains(all, secret) {
			t.Errorf("the report holds %q", secret)
		}
	}
	press(t, "folder", x.about.View().Bundle.Actions)
	x.local.Await("open " + x.reports)
	x.about.Bundle()
	x.sees("a second report", func() bool { p := x.about.View().Bundle.Path; return p != "" && p != path }, dump)
}
