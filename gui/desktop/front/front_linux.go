package front

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/ipc"
)

// address is the socket of the user's tray app, beside that of a service of
// his own: in his runtime folder, or where he has none, in his home.
func address() (string, error) {
	own := ipc.UserPath()
	if own == "" {
		return "", errors.New("neither XDG_RUNTIME_DIR nor HOME is set")
	}
	return filepath.Join(filepath.Dir(own), "tray.sock"), nil
}

// lock makes sure that only one of two that start at once makes the socket.
// The system gives the lock up when the process ends, however it does.
func lock(path string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close() // it was not written to
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrTaken
		}
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
