package actor_test

import (
	"testing"

	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
)

func TestFromConnIsTheKernelsWord(t *testing.T) {
	path := ipctest.Path(t)
	l, err := ipc.Listen(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := ipc.Dial(t.Context(), path)
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
