package server

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// lockState takes the lock of a state folder. It ends with the process, or
// when it is closed.
func lockState(path string) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
