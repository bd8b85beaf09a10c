package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// folder keeps each object as a file. All names stay below the root, which
// os.Root holds even against symbolic links.
type folder struct {
	root *os.Root
}

// Closer is a Store that holds something open until it is closed.
type Closer interface {
	Store
	io.Closer
}

// OpenFolder keeps objects as files below a folder, which is created if it is
// not there.
func OpenFolder(dir string) (Closer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("object folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("object folder: %w", err)
	}
	f := &folder{root: root}
	if err := f.sweep(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("object folder: %w", err)
	}
	return f, nil
}

// sweep removes what a crash left half written.
func (f *folder) sweep() error {
	if err := f.root.RemoveAll(temporary); err != nil {
		return err
	}
	return f.root.Mkdir(temporary, 0o700)
}

// temporary is the folder of the files that are being written. Its name is no
// element of a key.
const temporary = ".tmp"

// Close implements io.Closer.
func (f *folder) Close() error { return f.root.Close() }

// Put implements Store: a temporary file, fsync, rename, fsync of the folders.
func (f *folder) Put(ctx context.Context, key string, content io.Reader) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	name := path.Join(temporary, rand.Text())
	err := f.write(ctx, name, content)
	if err == nil {
		err = f.settle(name, key)
	}
	if err == nil {
		return nil
	}
	_ = f.root.Remove(name) // what is left there is swept at the next start
	if isFull(err) {
		err = errors.Join(ErrFull, err)
	}
	return fmt.Errorf("put object: %w", err)
}

func (f *folder) write(ctx context.Context, name string, content io.Reader) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, &cancelled{ctx, content})
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// settle moves a finished file to its key, and makes that last.
func (f *folder) settle(name, key string) error {
	dir := path.Dir(key)
	created, err := f.makeFolders(dir)
	if err != nil {
		return err
	}
	if err := f.replace(name, key); err != nil {
		return err
	}
	for _, d := range append(created, dir) {
		if err := f.syncFolder(d); err != nil {
			return err
		}
	}
	return nil
}

// makeFolders creates what is missing of dir and gives the folders that have
// a new entry.
func (f *folder) makeFolders(dir string) ([]string, error) {
	var changed []string
	at := "."
	for element := range strings.SplitSeq(dir, "/") {
		next := path.Join(at, element)
		err := f.root.Mkdir(next, 0o700)
		if err == nil {
			changed = append(changed, at)
		} else if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		at = next
	}
	return changed, nil
}

// Get implements Store.
func (f *folder) Get(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	file, err := f.root.Open(key)
	if err != nil {
		return nil, translated(err)
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close()
		return nil, translated(errors.Join(err, fs.ErrNotExist))
	}
	return file, nil
}

// Stat implements Store.
func (f *folder) Stat(_ context.Context, key string) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	info, err := f.root.Lstat(key)
	if err != nil {
		return 0, translated(err)
	}
	if !info.Mode().IsRegular() {
		return 0, ErrNotFound
	}
	return info.Size(), nil
}

// Delete implements Store.
func (f *folder) Delete(ctx context.Context, key string) error {
	if _, err := f.Stat(ctx, key); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if err := f.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete object: %w", err)
	}
	return f.syncFolder(path.Dir(key))
}

func translated(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return fmt.Errorf("object: %w", err)
}

// cancelled is a reader that ends with its context.
type cancelled struct {
	ctx    context.Context
	reader io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.reader.Read(p)
}
