package ipc

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// maxPath is the longest path that the address of a Unix socket holds.
const maxPath = 107

// Listen makes the socket at path. Everyone may connect where shared is true
// (the machine's service, which tells users apart by their credentials), only
// the user himself where it is false. A socket that nobody listens on any
// more is replaced; one that somebody answers on is an error, and so is a
// folder in which somebody else could plant one. The socket appears at once
// with its final mode, listening.
func Listen(path string, shared bool) (net.Listener, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dirMode, mode := os.FileMode(0o700), os.FileMode(0o600)
	if shared {
		dirMode, mode = 0o755, 0o666
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, err
	}
	dir, err := checkFolders(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	path = filepath.Join(dir, filepath.Base(path))
	// The socket is made under another name and moved into place.
	made := filepath.Join(dir, ".new-"+strconv.Itoa(os.Getpid()))
	if longest := max(len(path), len(made)); longest > maxPath {
		return nil, fmt.Errorf("the path of the socket is too long (%d bytes, %d are allowed): %s", longest, maxPath, path)
	}
	if err := checkFree(path); err != nil {
		return nil, err
	}
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	info, err := place(made, path, mode)
	if err != nil {
		return nil, errors.Join(err, l.Close(), os.Remove(made))
	}
	return &listener{UnixListener: l, path: path, made: info}, nil
}

func place(made, path string, mode os.FileMode) (os.FileInfo, error) {
	if err := os.Chmod(made, mode); err != nil {
		return nil, err
	}
	info, err := os.Lstat(made)
	if err != nil {
		return nil, err
	}
	return info, os.Rename(made, path)
}

// listener removes its socket when it is closed, unless the path holds
// another's by then.
type listener struct {
	*net.UnixListener
	path string
	made os.FileInfo
	once sync.Once
}

// Close stops listening. Connections that were accepted live on.
func (l *listener) Close() error {
	l.once.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.made) {
			_ = os.Remove(l.path) // the next Listen replaces what stays
		}
	})
	return l.UnixListener.Close()
}

// Addr is where clients dial.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// checkFree makes sure that the path is free or holds a socket that nobody
// answers on.
func checkFree(path string) error {
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
	return nil
}

// checkFolders makes sure that nobody but this user and root can put
// something else in the place of dir or of what lies in it. It gives the
// folder that it has looked at, without links.
func checkFolders(dir string) (string, error) {
	own, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	if err := checkFolder(own, true); err != nil {
		return "", err
	}
	for above := own; above != filepath.Dir(above); {
		above = filepath.Dir(above)
		if err := checkFolder(above, false); err != nil {
			return "", err
		}
	}
	return own, nil
}

// checkFolder allows others to write in a folder above the socket's own only
// if it is sticky, where nobody can move what is not his.
func checkFolder(dir string, own bool) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("the folder %s belongs to another user, who could plant a socket in it", dir)
	}
	others := info.Mode().Perm() & 0o022
	if stat.Gid == stat.Uid {
		others &^= 0o020 // the user's private group, as pam_umask knows it
	}
	if others == 0 || (!own && info.Mode()&os.ModeSticky != 0) {
		return nil
	}
	return fmt.Errorf("others can write in the folder %s and plant a socket in it; run: chmod go-w %s", dir, dir)
}
