package stage

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/api"
)

// suffix marks the files of this package; the folder may hold others.
const suffix = ".stage"

// Dir is the folder of one user's staged content. It belongs to the service;
// no name in it comes from a client.
type Dir struct{ path string }

// Open makes the folder, with access for its owner only.
func Open(path string) (Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return Dir{}, ioError(err)
	}
	if err := os.Chmod(path, 0o700); err != nil { // a folder needs the x bit
		return Dir{}, ioError(err)
	}
	return Dir{path: path}, nil
}

func (d Dir) newName() string { return strings.ToLower(rand.Text()) + suffix }

func (d Dir) file(name string) string { return filepath.Join(d.path, filepath.Base(name)) }

// Remove deletes a staged file; one that is gone already is no error.
func (d Dir) Remove(name string) error {
	if name == "" {
		return nil
	}
	if err := os.Remove(d.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ioError(err)
	}
	return nil
}

// Holds tells whether the staged file is there with the size it should have.
func (d Dir) Holds(name string, size int64) bool {
	info, err := os.Lstat(d.file(name))
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}

// Clean deletes every staged file that keep does not know: what a crash left
// behind before it was recorded.
func (d Dir) Clean(keep func(name string) bool) error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return ioError(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) && !keep(e.Name()) {
			err = errors.Join(err, d.Remove(e.Name()))
		}
	}
	return err
}

// ioError turns an error of the disk into the code for people: disk_full or
// internal.
func ioError(err error) error {
	if err == nil {
		return nil
	}
	if isFull(err) {
		return api.Fail(api.DiskFull).Because(err)
	}
	return api.Fail(api.Internal).Because(err)
}
