package ipc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// SystemPath is the socket of the machine's service.
func SystemPath() string { return "/run/iscdesk/agent.sock" }

// CurrentUser is the key of the user that this process runs as.
func CurrentUser() string { return userKey(uint32(os.Getuid())) }

func userKey(uid uint32) string { return "uid:" + strconv.FormatUint(uint64(uid), 10) }

// Listen makes the socket at path. Everyone may connect where shared is true
// (the machine's service, which tells users apart by their credentials), only
// the user himself where it is false. A socket that nobody listens on any
// more is replaced; one that somebody answers on is an error.
func Listen(path string, shared bool) (net.Listener, error) {
	dirMode, mode := os.FileMode(0o700), os.FileMode(0o600)
	if shared {
		dirMode, mode = 0o755, 0o666
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, err
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	old := unix.Umask(0o177)
	l, err := net.Listen("unix", path)
	unix.Umask(old)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, mode); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s exists and is not a socket", path)
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		return errors.Join(fmt.Errorf("another service already listens on %s", path), c.Close())
	}
	return os.Remove(path)
}

// Dial connects to the service at path and makes sure that the listener is
// the user's own or the machine's: its process must run as this user or as
// root.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if ctx.Err() != nil {
			return nil, api.Fail(api.Timeout).Because(err)
		}
		return nil, api.Fail(api.ServiceUnavailable).Because(err)
	}
	peer, err := PeerOf(c)
	if err == nil && !peer.Admin && peer.User != CurrentUser() {
		err = api.Fail(api.ServiceImpostor, "reason", peer.User)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

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
