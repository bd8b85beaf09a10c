package credstore

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/internal/durable"
)

// writeAtomic replaces a file that nobody else can open: a power cut leaves the
// old content or the new one.
func writeAtomic(dir, name string, content []byte, perUser bool) error {
	temp, err := createPrivate(dir, name, perUser)
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
		err = durable.Replace(temp.Name(), filepath.Join(dir, name))
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
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	if err := checkPrivate(file); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, filepath.Base(path), err)
	}
	return io.ReadAll(io.LimitReader(file, most))
}
