package ipctest

import (
	"crypto/sha256"
	"encoding/hex"
)

// In is the pipe that belongs to a folder: pipes have names of their own, apart
// from files.
func In(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return `\\.\pipe\iscdesk-test-` + hex.EncodeToString(sum[:8])
}
