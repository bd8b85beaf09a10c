package objects

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"path"

	"golang.org/x/sys/windows"
)

// syncFolder does nothing: NTFS journals its folders, and a folder cannot be
// flushed there.
func (f *folder) syncFolder(string) error { return nil }

// replace moves a finished file to its key, over what is there. Where the file
// system knows no POSIX rename (NTFS does, FAT and Wine do not), an object that
// is being read or replaced by another cannot be replaced: it is then moved
// aside, where its readers keep it. A crash between the two moves loses it.
func (f *folder) replace(name, key string) (err error) {
	for range 100 { // others may be quicker each time
		if err = f.root.Rename(name, key); !isHeld(err) {
			return err
		}
		aside := path.Join(temporary, rand.Text())
		if moved := f.root.Rename(key, aside); moved == nil {
			_ = f.root.Remove(aside) // what is still read is swept at the next start
		} else if !errors.Is(moved, fs.ErrNotExist) && !isHeld(moved) {
			return errors.Join(err, moved)
		}
	}
	return err
}

func isHeld(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}

// isFull tells whether the disk is full.
func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
