//go:build unix

package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace gives a file another name in its folder, in place of the file that
// has it. A power cut leaves the one or the other.
func Replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

// SyncDir makes the names in a folder durable: files that were made, renamed
// or removed.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
