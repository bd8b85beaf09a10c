// Package ipctest gives tests a place for a local socket that works on every
// system.
package ipctest

import "testing"

// Path is a socket, or a pipe, that nobody else uses.
func Path(t testing.TB) string {
	t.Helper()
	return In(t.TempDir())
}
