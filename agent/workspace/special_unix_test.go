//go:build unix

package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"iscdesk.dev/agent/api"
)

// The service knows local paths as text. Two that differ in bytes that are no
// text would be one path to it, and one drawing become a version of the other.
func TestAFolderWhoseNameIsNoTextIsRefused(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "\xb2\xbf")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "a.stp")
	write(t, file, "x")
	if _, err := Describe(file, false); !errors.Is(err, api.NameInvalid) {
		t.Errorf("to save: %v", err)
	}
	s := newService(t)
	s.put("/team/a.stp", api.Single, "a.stp", "y")
	if _, err := OpenTo(t.Context(), s, Order{Picked: api.Picked{Path: "/team/a.stp"}, To: file}); !errors.Is(err, api.NameInvalid) {
		t.Errorf("to open: %v", err)
	}
	if got := read(t, folder)["a.stp"]; got != "x" {
		t.Errorf("the file holds %q", got)
	}
}

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
