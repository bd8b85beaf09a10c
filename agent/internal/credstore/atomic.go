package credstore

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeAtomic replaces a file of mode 0600: a power cut leaves the old content
// or the new one.
func writeAtomic(dir, name string, content []byte) error {
	temp, err := os.CreateTemp(dir, name+".*.tmp") // O_EXCL, 0600
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // does nothing after the rename
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), filepath.Join(dir, name))
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	return nil
}

// readPrivate reads a small regular file that nobody else can read.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	const most = MaxSecret + 1024
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%w: %s is not a file of ours", ErrDamaged, filepath.Base(path))
	}
	if openToOthers(info) {
		return nil, fmt.Errorf("%w: others can read %s (mode %v)", ErrDamaged, filepath.Base(path), info.Mode().Perm())
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	return io.ReadAll(io.LimitReader(file, most))
}
