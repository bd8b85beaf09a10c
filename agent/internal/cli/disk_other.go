//go:build !linux && !windows

package cli

import "errors"

// freeDisk cannot tell here.
func freeDisk(string) (int64, error) { return 0, errors.ErrUnsupported }
