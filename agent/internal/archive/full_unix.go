//go:build unix

package archive

import (
	"errors"
	"syscall"
)

// IsFull tells that the disk, or what the user may have of it, is full.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
