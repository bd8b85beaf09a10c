package workspace

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// openEntry opens a file of an assembly for reading; os.Root keeps it inside.
func openEntry(root *os.Root, path string) (*os.File, error) { return root.Open(path) }

// entryInfo looks at a file of a folder that is walked. What the folder itself
// tells of it can be old while a program has the file open.
func entryInfo(root *os.Root, path string, _ fs.DirEntry) (fs.FileInfo, error) {
	return root.Lstat(path)
}

// isHeld tells that another program has the file open, or locks a part of it,
// and does not share it.
func isHeld(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// isHeldInside tells that a folder cannot be moved for what is open in it.
func isHeldInside(err error) bool { return isHeld(err) || errors.Is(err, windows.ERROR_ACCESS_DENIED) }

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

// syncFolder does nothing: NTFS journals names by itself.
func syncFolder(*os.Root, string) error { return nil }
