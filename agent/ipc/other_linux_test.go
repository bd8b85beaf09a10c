package ipc

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"iscdesk.dev/agent/api"
)

// otherUID is a user that is not us. No account needs to exist for it.
const otherUID = 54321

// listenEnv turns the test binary into another user's program that listens on
// a socket.
const listenEnv = "ISCDESK_TEST_LISTEN"

func TestMain(m *testing.M) {
	if path := os.Getenv(listenEnv); path != "" {
		os.Exit(impostor(path))
	}
	os.Exit(m.Run())
}

func impostor(path string) int {
	l, err := net.Listen("unix", path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("listening")
	if c, err := l.Accept(); err == nil {
		_ = c.Close()
	}
	return 0
}

// asOther runs the test binary as another user. That takes root; without it
// the program is one of ours, and the test asserts what holds for one of ours.
func asOther(t *testing.T, env string) (cmd *exec.Cmd, other bool) {
	t.Helper()
	cmd = exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), env)
	cmd.Stderr = os.Stderr
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUID, Gid: otherUID}}
		return cmd, true
	}
	return cmd, false
}

func TestDialRefusesTheSocketOfAnother(t *testing.T) {
	dir, err := os.MkdirTemp("", "isc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	chmod(t, dir, 0o777)
	path := filepath.Join(dir, "agent.sock")
	cmd, other := asOther(t, listenEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "listening\n" {
		t.Fatalf("%q, %v", line, err)
	}
	c, err := Dial(t.Context(), path)
	if err == nil {
		_ = c.Close()
	}
	if waitErr := cmd.Wait(); waitErr != nil {
		t.Error(waitErr)
	}
	if other && !errors.Is(err, api.ServiceImpostor) {
		t.Fatalf("another user's socket: %v", err)
	}
	if !other && err != nil {
		t.Fatalf("our own socket, because without root there is no other user: %v", err)
	}
}

func TestListenRefusesTheFolderOfAnother(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 { // the folder of another that everybody has
		if _, err := Listen("/tmp/agent.sock", false); err == nil {
			t.Fatal("a socket in /tmp")
		}
		return
	}
	if err := os.Chown(dir, otherUID, otherUID); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(filepath.Join(dir, "agent.sock"), false); err == nil {
		t.Fatal("a socket in another's folder")
	}
}
