//go:build !linux

package agenttest

import "os"

// Leftovers lists what is still in dir; processes are seen on Linux only.
func Leftovers(dir string) (left []string) {
	if _, err := os.Lstat(dir); err == nil {
		left = append(left, "folder "+dir)
	}
	return left
}
