//go:build !windows

package workspace

import "path/filepath"

func localForm(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", unreadable(path, err)
	}
	return full, nil
}
