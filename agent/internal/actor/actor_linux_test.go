package actor_test

import (
	"net"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/ipc"
)

func TestFromConnIsTheKernelsWord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, err := actor.FromConn(s)
	if err != nil {
		t.Fatal(err)
	}
	if a.User() != ipc.CurrentUser() || a.PID() == 0 {
		t.Fatalf("got %q, pid %d", a.User(), a.PID())
	}
}
