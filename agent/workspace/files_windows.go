package workspace

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// openEntry opens a file of an assembly for reading; os.Root keeps it inside.
func openEntry(root *os.Root, path string) (*os.File, error) { return root.Open(path) }

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// syncFolder does nothing: NTFS journals names by itself.
func syncFolder(*os.Root, string) error { return nil }
