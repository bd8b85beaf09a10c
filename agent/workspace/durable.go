package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// syncers is how many files are synced at once: file systems make one write of
// what is asked for together.
const syncers = 8

// makeDurable brings a file, or a folder with all that is in it, to the disk.
func makeDurable(root *os.Root, path string) error {
	var group errgroup.Group
	group.SetLimit(syncers)
	err := fs.WalkDir(root.FS(), filepath.ToSlash(path), func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			group.Go(func() error { return syncFolder(root, filepath.FromSlash(at)) })
			return nil
		}
		group.Go(func() error { return syncFile(root, filepath.FromSlash(at)) })
		return nil
	})
	return errors.Join(err, group.Wait())
}

func syncFile(root *os.Root, path string) error {
	f, err := root.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
