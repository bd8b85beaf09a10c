package solving

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// A test program that is called with one of these is a solver: the first starts
// the second, which says its number in a file; both stay.
const solverCommand, childCommand = "solver", "child-of-solver"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && (os.Args[1] == solverCommand || os.Args[1] == childCommand) {
		if os.Args[1] == solverCommand {
			if exec.CommandContext(context.Background(), os.Args[0], childCommand, os.Args[2]).Start() != nil { // this very program
				os.Exit(1)
			}
		} else if os.WriteFile(os.Args[2]+".new", []byte(strconv.Itoa(os.Getpid())), 0o600) != nil || os.Rename(os.Args[2]+".new", os.Args[2]) != nil {
			os.Exit(1)
		}
		<-time.After(5 * time.Minute)
	}
	os.Exit(m.Run())
}

// Wine keeps no bound of memory: that one is set is all that it can show.
func TestASolverEndsWithAllThatItStarted(t *testing.T) {
	for name, end := range map[string]func(p *pen, cmd *exec.Cmd, cancel func()){
		"cancelled": func(_ *pen, _ *exec.Cmd, cancel func()) { cancel() },
		"too much":  func(p *pen, cmd *exec.Cmd, _ func()) { _ = p.kill(cmd) },
		"closed":    func(p *pen, _ *exec.Cmd, _ func()) { p.close() }, // as Windows does when the marketplace is killed
	} {
		ctx, cancel := context.WithCancel(t.Context())
		file := filepath.Join(t.TempDir(), "pid")
		cmd := exec.CommandContext(ctx, os.Args[0], solverCommand, file)
		p, err := newPen(cmd, Limits{Time: time.Hour, Memory: 1 << 30, Output: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if err := p.confine(cmd); err != nil {
			t.Fatal(err)
		}
		child := childOf(t, file)
		end(p, cmd, cancel)
		if err := cmd.Wait(); err == nil && name != "closed" {
			t.Errorf("%s: the solver ended well", name)
		}
		if state, err := windows.WaitForSingleObject(child, 20_000); err != nil || state != windows.WAIT_OBJECT_0 {
			t.Errorf("%s: its child lives on: %d, %v", name, state, err)
		}
		_ = windows.CloseHandle(child)
		if name != "closed" {
			p.close()
		}
		cancel()
	}
}

// childOf waits for the child to say its number, and opens it.
func childOf(t *testing.T, file string) windows.Handle {
	t.Helper()
	for range 600 {
		content, err := os.ReadFile(file)
		if err != nil {
			<-time.After(50 * time.Millisecond)
			continue
		}
		pid, err := strconv.Atoi(string(content))
		if err != nil {
			t.Fatal(err)
		}
		child, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
		if err != nil {
			t.Fatal(err)
		}
		return child
	}
	t.Fatal("the solver started nothing")
	return 0
}
