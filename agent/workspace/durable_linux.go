package workspace

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// makeDurable brings a file, or a folder with all that is in it, to the disk.
// For a folder that is one call for its file system: tens of thousands of
// small files would take minutes one by one.
func makeDurable(root *os.Root, path string) error {
	f, err := root.Open(path)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = unix.Syncfs(int(f.Fd()))
	default:
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
