package actor_test

import (
	"errors"
	"net"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/ipc"
)

func TestAccess(t *testing.T) {
	nobody := actor.Actor{}
	alice := actor.FromPeer(ipc.Peer{User: "uid:1001", PID: 7})
	root := actor.FromPeer(ipc.Peer{User: "uid:0", Admin: true})
	forgotten, beyond := actor.Access(0), actor.Admin+1
	for _, row := range []struct {
		name    string
		access  actor.Access
		who     actor.Actor
		allowed bool
	}{
		{"anyone, nobody", actor.Anyone, nobody, false},
		{"anyone, user", actor.Anyone, alice, true},
		{"anyone, admin", actor.Anyone, root, true},
		{"self, nobody", actor.Self, nobody, false},
		{"self, user", actor.Self, alice, true},
		{"self, admin", actor.Self, root, true},
		{"admin, nobody", actor.Admin, nobody, false},
		{"admin, user", actor.Admin, alice, false},
		{"admin, admin", actor.Admin, root, true},
		{"forgotten, admin", forgotten, root, false},
		{"beyond, admin", beyond, root, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.access.Check(row.who)
			if row.allowed && err != nil {
				t.Fatalf("refused: %v", err)
			}
			if !row.allowed && !errors.Is(err, api.PermissionDenied) {
				t.Fatalf("got %v, want permission_denied", err)
			}
		})
	}
}

func TestFromConnRefusesOtherNetworks(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, err := actor.FromConn(a); !errors.Is(err, api.PermissionDenied) {
		t.Fatalf("got %v, want permission_denied", err)
	}
}
