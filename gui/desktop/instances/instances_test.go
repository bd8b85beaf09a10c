package instances

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// role tells this program that a test has started it.
const role = "ISCDESK_TEST_INSTANCE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "quits":
		asked, err := Asked(context.Background())
		if err != nil {
			panic(err)
		}
		fmt.Println("ready")
		<-asked
		os.Exit(7)
	case "hangs":
		if _, err := Asked(context.Background()); err != nil {
			panic(err)
		}
		fmt.Println("ready")
		select {}
	case "deaf":
		fmt.Println("ready")
		<-time.After(time.Minute)
	}
}

// program copies this program to a path of its own.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "iscdesk tray.exe")
	if err := os.WriteFile(path, content, 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	return path
}

// start runs the program in a role until it is ready, and gives its exit code.
func start(t *testing.T, path, as string) <-chan int {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), role+"="+as)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	code := make(chan int, 1)
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		code <- cmd.ProcessState.ExitCode()
	}()
	return code
}

func TestQuitAsksFirst(t *testing.T) {
	path := program(t)
	first, second := start(t, path, "quits"), start(t, path, "quits")
	n, err := quit(t.Context(), path, time.Minute)
	if err != nil || n != 2 {
		t.Errorf("%d processes, %v", n, err)
	}
	for _, code := range []int{<-first, <-second} {
		if code != 7 {
			t.Errorf("exit code %d: it was killed, not asked", code)
		}
	}
}

func TestQuitKillsWhatDoesNotGo(t *testing.T) {
	path := program(t)
	hangs, deaf := start(t, path, "hangs"), start(t, path, "deaf")
	n, err := quit(t.Context(), path, 100*time.Millisecond)
	if err != nil || n != 2 {
		t.Errorf("%d processes, %v", n, err)
	}
	<-hangs
	<-deaf
}

func TestQuitLeavesOthersAlone(t *testing.T) {
	path, other := program(t), program(t)
	code := start(t, other, "quits")
	if n, err := quit(t.Context(), path, time.Minute); err != nil || n != 0 {
		t.Errorf("%d processes, %v", n, err)
	}
	select {
	case c := <-code:
		t.Errorf("a program of another path has ended with %d", c)
	default:
	}
	if n, err := quit(t.Context(), other, time.Minute); err != nil || n != 1 {
		t.Errorf("%d processes, %v", n, err)
	}
	<-code
}

// TestQuitSparesItself: what calls Quit runs from the same file.
func TestQuitSparesItself(t *testing.T) {
	if n, err := Quit(t.Context()); err != nil || n != 0 {
		t.Errorf("%d processes, %v", n, err)
	}
}
