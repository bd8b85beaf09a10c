//go:build unix

package workspace

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestAPipeIsRefusedAndNotWaitedFor(t *testing.T) {
	dir := tree(t, "asm", "asm.stp", "x")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Describe(dir, true); !errors.Is(err, api.FileUnreadable) {
		t.Errorf("in an assembly: %v", err)
	}
	if _, err := Describe(filepath.Join(dir, "pipe"), false); !errors.Is(err, api.NotAFile) {
		t.Errorf("by itself: %v", err)
	}
}
