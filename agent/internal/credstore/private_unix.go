//go:build unix

package credstore

import (
	"fmt"
	"os"
)

// createPrivate makes a new file beside name for the service's eyes only.
func createPrivate(dir, name string, _ bool) (*os.File, error) {
	return os.CreateTemp(dir, name+".*.tmp") // O_EXCL, 0600
}

// checkPrivate refuses a file that others can open.
func checkPrivate(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("others can open it (mode %v)", mode)
	}
	return nil
}

// protect leaves the key as it is: the system has nothing that would keep it
// from those who can read the file.
func protect(key, _ []byte, _ bool) ([]byte, error) { return key, nil }

func unprotect(kept, _ []byte) ([]byte, error) { return kept, nil }
