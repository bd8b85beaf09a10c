package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// SyncTree makes a folder durable with all that is in it, the content of the
// files too. It follows no links.
func SyncTree(dir string) error {
	folders := []string{filepath.Dir(dir)}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			folders = append(folders, path)
		case e.Type().IsRegular():
			return syncFile(path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, folder := range slices.Backward(folders) { // what is inside before the name of it
		if err := SyncDir(folder); err != nil {
			return err
		}
	}
	return nil
}

// syncFile opens for writing, which Windows asks of whoever flushes.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
