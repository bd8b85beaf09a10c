//go:build !windows

package server

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockState takes the lock of a state folder. It ends with the process, or
// when it is closed.
func lockState(path string) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
