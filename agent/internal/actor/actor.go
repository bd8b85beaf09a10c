// Package actor says who calls and what they may do. An Actor comes from the
// kernel's word about a connection, never from anything in a request, and the
// access that a route requires stands in the server's route table.
package actor

import (
	"net"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
)

// Actor is a program that calls, and the user of the operating system that it
// runs as. The zero Actor is nobody and may do nothing.
type Actor struct {
	peer ipc.Peer
}

// FromPeer makes the Actor of a peer that the kernel has named. It is also
// the double for tests: a Peer is plain data.
func FromPeer(p ipc.Peer) Actor { return Actor{peer: p} }

// Identify finds out who is at the other end of a connection.
type Identify func(net.Conn) (Actor, error)

// FromConn asks the kernel who is at the other end of c.
func FromConn(c net.Conn) (Actor, error) {
	p, err := ipc.PeerOf(c)
	if err != nil {
		return Actor{}, err
	}
	return FromPeer(p), nil
}

// User is the key under which everything of this user is kept.
func (a Actor) User() string { return a.peer.User }

// PID is the process that connected: for logs and screens only, because
// numbers are reused.
func (a Actor) PID() int { return a.peer.PID }

// Admin tells whether the user administers the machine.
func (a Actor) Admin() bool { return a.peer.Admin }

// Access is what a caller needs to be for a route. The zero Access is not
// one: a route that has it was forgotten, and must not be served.
type Access int

// The levels of access.
const (
	// Anyone is any program of this machine whose user the kernel names.
	Anyone Access = iota + 1
	// Self is a user, acting on what is his own and on nothing else.
	Self
	// Admin is an administrator of the machine, acting on the machine.
	Admin
)

// Valid tells whether the level was set.
func (l Access) Valid() bool { return l >= Anyone && l <= Admin }

// Check returns api.PermissionDenied unless the actor has the access.
func (l Access) Check(a Actor) error {
	switch {
	case a.User() == "" || !l.Valid():
		return api.Fail(api.PermissionDenied)
	case l == Admin && !a.Admin():
		return api.Fail(api.PermissionDenied)
	}
	return nil
}
