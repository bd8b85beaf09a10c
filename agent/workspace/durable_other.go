//go:build !linux

package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// makeDurable brings a file, or a folder with all that is in it, to the disk.
func makeDurable(root *os.Root, path string) error {
	return fs.WalkDir(root.FS(), filepath.ToSlash(path), func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := root.OpenFile(filepath.FromSlash(at), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
