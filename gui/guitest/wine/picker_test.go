// Package wine uses the tray app of Windows as a person does: in a window of
// Wine's on a display of its own, beside the Windows service and a Windows
// application. Only 'make test-tray-windows' runs it, which builds what it
// needs.
package wine

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

// limit bounds the whole test.
const limit = 4 * time.Minute

// root is the folder of the repository.
const root = "../../.."

// TestPickerOnWindows signs in from the window, and answers with the mouse what
// the sample CAD program asks: a document to open, where to save, another
// document. Its solve then has its results.
func TestPickerOnWindows(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	world, engineer := start(ctx, t)
	desktop, err := guitest.StartDesktop(ctx, t.TempDir(), 1280, 900, false)
	check(err)
	t.Cleanup(func() {
		if err := desktop.Close(); err != nil {
			t.Error(err)
		}
	})
	program := built(t, "windows/guitest/iscdesk-tray.exe")
	tray, err := desktop.StartTray(ctx, engineer.Program(ctx, program, nil, "--lang", "en"))
	check(err)
	check(tray.Click(ctx, "iscdesk", "Sign in"))
	check(tray.Await(ctx, "iscdesk", "Everything is published."))

	cad := engineer.Program(ctx, compile(ctx, t, world), nil)
	var said bytes.Buffer
	cad.Stdout, cad.Stderr = &said, &said
	check(cad.Start())
	const open, save = "Open for", "Save for"
	check(tray.Await(ctx, open, "MiniCAD asks for a document to open"))
	check(tray.DoubleClick(ctx, open, "projects"))
	check(tray.Click(ctx, open, "bracket.step"))
	check(tray.Click(ctx, open, "Open and check out"))
	check(tray.Await(ctx, save, "MiniCAD asks where to save 'bracket.step'"))
	check(tray.Click(ctx, save, "Save"))
	check(tray.Click(ctx, save, "Save as a new version"))
	check(tray.Await(ctx, open, "MiniCAD asks for a document to open"))
	check(tray.Click(ctx, open, "projects"))
	check(tray.Click(ctx, open, "beam.inp"))
	check(tray.Click(ctx, open, "Open"))
	if err := cad.Wait(); err != nil || !strings.Contains(said.String(), "ok  ShutOut") {
		t.Errorf("minicad: %v\n%s", err, said.String())
	}
	check(engineer.Program(ctx, program, nil, "--quit").Run())
	check(tray.AwaitEnd(ctx))
}

// built is a file below build/.
func built(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, "build", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("run make test-tray-windows: %v", err)
	}
	return path
}

// start makes a world whose people work on Windows.
func start(ctx context.Context, t *testing.T) (*agenttest.World, *agenttest.Agent) {
	t.Helper()
	runner, err := filepath.Abs(filepath.Join(root, ".ci", "wine"))
	if err != nil {
		t.Fatal(err)
	}
	wine := agenttest.Wine{Runner: runner, Prefix: os.Getenv("WINEPREFIX")}
	if wine.Prefix == "" {
		t.Fatal("WINEPREFIX is not set: run it through '.ci/wine --session'")
	}
	world, err := agenttest.New(agenttest.Options{
		Platform: wine, Dir: filepath.Join(wine.Drive(), "iscdesk-tray-test"),
		Binaries: agenttest.Binaries{
			Service: built(t, "windows/bin/iscdeskd.exe"), CLI: built(t, "windows/bin/iscdesk.exe"), Market: built(t, "bin/iscmarket"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(world.Logs(40))
		}
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := world.StartAll(ctx, agenttest.Engineer); err != nil {
		t.Fatal(err)
	}
	engineer, err := world.Agent(agenttest.Engineer)
	if err != nil {
		t.Fatal(err)
	}
	return world, engineer
}

// compile builds the sample CAD program for Windows against the SDK, as a
// vendor does.
func compile(ctx context.Context, t *testing.T, world *agenttest.World) string {
	t.Helper()
	sdk, dir := filepath.Dir(built(t, "sdk-windows/include")), filepath.Join(world.Dir, "programs")
	examples := filepath.Join(sdk, "share", "examples")
	keys, err := exec.CommandContext(ctx, filepath.Join(examples, "keys.sh"), world.Bin.Market, world.MarketState(), world.VendorState()).Output()
	if err != nil {
		t.Fatal(err)
	}
	header := filepath.Join(t.TempDir(), "keys.h")
	if err := os.WriteFile(header, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(examples, "build.sh"), sdk, dir, header)
	cmd.Env = append(os.Environ(), "CXX=x86_64-w64-mingw32-g++-posix")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "minicad.exe")
}
