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

// Wine takes the limits of a job, enforces none, and tells zeros when it is
// asked for them: what the job is given is all that can be looked at.
func TestTableOfJobLimitsBecauseWineEnforcesNoneAndForgetsThem(t *testing.T) {
	const always = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION
	const second = 10_000_000 // in units of 100 ns
	for _, row := range []struct {
		limits     Limits
		processors int
		flags      uint32
		memory     uintptr
		time       int64 // of all processors together
	}{
		{Limits{Time: time.Minute, Memory: 1 << 30}, 4, always | windows.JOB_OBJECT_LIMIT_JOB_MEMORY | windows.JOB_OBJECT_LIMIT_JOB_TIME, 1 << 30, 240 * second},
		{Limits{Memory: 1 << 20}, 4, always | windows.JOB_OBJECT_LIMIT_JOB_MEMORY, 1 << 20, 0},
		{Limits{Time: time.Second}, 1, always | windows.JOB_OBJECT_LIMIT_JOB_TIME, 0, second},
		{Limits{}, 1, always, 0, 0},
	} {
		got := limits(row.limits, row.processors)
		if basic := got.BasicLimitInformation; basic.LimitFlags != row.flags || got.JobMemoryLimit != row.memory || basic.PerJobUserTimeLimit != row.time {
			t.Errorf("%+v: flags %#x, memory %d, time %d", row.limits, basic.LimitFlags, got.JobMemoryLimit, basic.PerJobUserTimeLimit)
		}
	}
}

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
