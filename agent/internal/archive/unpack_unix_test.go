//go:build unix

package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The permissions of what was unpacked.
const (
	program = "-rwxr-xr-x"
	plain   = "-rw-r--r--"
)

// TestPlantedLink has somebody plant a symlink in the folder while the
// package is unpacked.
func TestPlantedLink(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	packed := tarOf(t, file{name: "bin/cad", body: "x"})
	if err := unpack(t, dir, bytes.NewReader(packed), Tar, DefaultLimits()); err == nil {
		t.Error("written through a planted link")
	}
	if got := tree(t, outside); len(got) != 0 {
		t.Errorf("outside holds %v", got)
	}
}
