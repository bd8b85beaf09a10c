//go:build unix

package workspace

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// openEntry opens a file of an assembly for reading. It follows no link in the
// last part and waits for no pipe.
func openEntry(root *os.Root, path string) (*os.File, error) {
	return root.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// entryInfo looks at a file of a folder that is walked.
func entryInfo(_ *os.Root, _ string, d fs.DirEntry) (fs.FileInfo, error) { return d.Info() }

// isHeld tells that another program has the file open and does not share it.
func isHeld(err error) bool { return errors.Is(err, syscall.ETXTBSY) }

// isHeldInside tells that a folder cannot be moved for what is open in it.
func isHeldInside(err error) bool { return errors.Is(err, syscall.EBUSY) }

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// syncFolder makes the names in a folder durable.
func syncFolder(root *os.Root, path string) error {
	d, err := root.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
