package ipc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// CurrentUser is the key of the user that this process runs as.
func CurrentUser() string { return userKey(uint32(os.Getuid())) }

func userKey(uid uint32) string { return "uid:" + strconv.FormatUint(uint64(uid), 10) }

// Dial connects to the service at path and makes sure that the listener is
// the user's own or the machine's: its process must run as this user or as
// root.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, api.Fail(api.Timeout).Because(err)
	}
	// Not a net.Dialer: it would link a DNS resolver into CAD programs.
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, api.Fail(api.ServiceUnavailable).Because(err)
	}
	peer, err := PeerOf(c)
	if err == nil && !trusted(peer, CurrentUser()) {
		err = api.Fail(api.ServiceImpostor, "reason", peer.User)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// trusted tells whether a user may take a peer's word for the service's: it is
// himself or the machine's administrator.
func trusted(server Peer, self string) bool { return server.Admin || server.User == self }

// PeerOf asks the kernel who is at the other end of a connection made by
// Listen or Dial.
func PeerOf(c net.Conn) (Peer, error) {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return Peer{}, api.Fail(api.PermissionDenied).Because(fmt.Errorf("not a local socket: %T", c))
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return Peer{}, err
	}
	if credErr != nil {
		return Peer{}, credErr
	}
	return Peer{User: userKey(cred.Uid), PID: int(cred.Pid), Admin: cred.Uid == 0}, nil
}
