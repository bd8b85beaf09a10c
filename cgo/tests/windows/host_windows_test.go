package windows

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session/sessiontest"
)

// limit is what a program may take. A library that hangs its host is killed.
const limit = time.Minute

// programs is the folder that compile.sh has filled, seen from here.
const programs = "../../../build/sdk-tests-windows"

// architectures are the folders in it.
func architectures() []string { return []string{"x64", "x86"} }

// run runs a program that has to succeed, in a folder of its own, and gives
// what it printed.
func run(t *testing.T, env []string, arch, program string, args ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(programs, arch, program))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = t.TempDir()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s\\%s %v: %v\n%s", arch, program, args, err, out.String())
	}
	return strings.ReplaceAll(out.String(), "\r\n", "\n")
}

// service starts a service with knobs on a pipe and gives the environment of
// programs that are to find it.
func service(t *testing.T, change func(*sessiontest.Server)) []string {
	t.Helper()
	s := sessiontest.New(t.TempDir())
	if change != nil {
		change(s)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return []string{"ISCDESK_SOCKET=" + s.Socket}
}

func silent(*sessiontest.Peer, json.RawMessage) (any, error) { return nil, sessiontest.Silence }

// TestHost goes every way of c/host.c and c/host_windows.c.
func TestHost(t *testing.T) {
	ways := []string{
		"thread", "pump", "event", "shutdown-in-callback", "threads", "sizes", "arguments", "console",
		"crash-handlers", "settings", "unload", "crowded", "names", "code-page",
	}
	for _, arch := range architectures() {
		for _, way := range ways {
			t.Run(arch+" "+way, func(t *testing.T) { run(t, service(t, nil), arch, "host.exe", way) })
		}
		t.Run(arch+" again", func(t *testing.T) { run(t, service(t, nil), arch, "host.exe", "again", "50") })
		t.Run(arch+" hang", func(t *testing.T) {
			env := service(t, func(s *sessiontest.Server) {
				for _, call := range []string{api.CallLicenseVerdict, api.CallAppCheck, api.CallDocumentPick, api.CallLicenseRequest} {
					s.Handlers[call] = silent
				}
			})
			run(t, env, arch, "host.exe", "hang")
		})
	}
}

// TestCpp runs the C++ interface, loading the library from its own folder, by
// an absolute path, and linked.
func TestCpp(t *testing.T) {
	for _, arch := range architectures() {
		library, err := filepath.Abs(filepath.Join(programs, arch, "examples", dlls()[arch]))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(arch+" spellings", func(t *testing.T) { run(t, nil, arch, "spellings.exe") })
		t.Run(arch+" events", func(t *testing.T) { run(t, service(t, nil), arch, "events.exe") })
		t.Run(arch+" events, linked", func(t *testing.T) { run(t, service(t, nil), arch, "events-linked.exe") })
		t.Run(arch+" events, named", func(t *testing.T) {
			run(t, append(service(t, nil), "ISCDESK_LIBRARY="+library), arch, "events.exe")
		})
	}
}

// TestPlantedLibrary: a library in the working directory is never loaded.
func TestPlantedLibrary(t *testing.T) {
	for _, arch := range architectures() {
		lonely := t.TempDir()
		raw, err := os.ReadFile(filepath.Join(programs, arch, "spellings.exe"))
		if err != nil {
			t.Fatal(err)
		}
		program := filepath.Join(lonely, "spellings.exe")
		planted := t.TempDir()
		for path, content := range map[string][]byte{program: raw, filepath.Join(planted, dlls()[arch]): readLibrary(t, arch)} {
			if err := os.WriteFile(path, content, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(program)
		cmd.Dir = planted
		cmd.Env = append(os.Environ(), "PATH="+planted+";"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err == nil || strings.Contains(string(out), "ok\r\n") && !strings.Contains(string(out), "not ok") {
			t.Errorf("%s: the planted library was taken: %v\n%s", arch, err, out)
		}
	}
}

// TestLinkers: what the linker of MSVC and CMake make of the import libraries
// runs.
func TestLinkers(t *testing.T) {
	for _, arch := range architectures() {
		run(t, nil, arch, "msvc.exe")
		run(t, nil, arch, `cmake\linked\linked.exe`)
	}
}

// TestLayout holds structures and enumerations to the golden lists.
func TestLayout(t *testing.T) {
	golden(t, "../testdata/layout.txt", run(t, nil, "x64", "layout.exe"))
	golden(t, "../testdata/layout32.txt", run(t, nil, "x86", "layout.exe"))
}

// TestSignature holds minicad's own check of signatures to the vectors.
func TestSignature(t *testing.T) {
	for _, arch := range architectures() {
		run(t, nil, arch, "signature.exe")
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); it is now:\n%s", path, err, got)
	}
}
