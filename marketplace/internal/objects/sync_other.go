//go:build !windows

package objects

import (
	"errors"
	"syscall"
)

// syncFolder makes the entries of a folder last.
func (f *folder) syncFolder(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }() // nothing was written through it
	return dir.Sync()
}

// replace moves a finished file to its key, over what is there.
func (f *folder) replace(name, key string) error { return f.root.Rename(name, key) }

// isFull tells whether the disk, or what the user may have of it, is full.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
