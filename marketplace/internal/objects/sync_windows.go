package objects

import (
	"errors"

	"golang.org/x/sys/windows"
)

// syncFolder does nothing: NTFS journals its folders, and a folder cannot be
// flushed there.
func (f *folder) syncFolder(string) error { return nil }

// isFull tells whether the disk is full.
func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
