package dragout

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFoldersArePrivate makes a folder in one that others may look into.
func TestFoldersArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dragged")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	folder, err := newFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{dir, folder} {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", f, info, err)
		}
	}
}

// TestCanOnlyOnX11 says no in Wayland sessions, where X tells of its own
// windows only.
func TestCanOnlyOnX11(t *testing.T) {
	for _, tt := range []struct {
		display, wayland, session string
		want                      bool
	}{{":0", "", "x11", true}, {":0", "", "", true}, {"", "", "", false}, {":0", "wayland-0", "", false}, {":0", "", "wayland", false}} {
		t.Setenv("DISPLAY", tt.display)
		t.Setenv("WAYLAND_DISPLAY", tt.wayland)
		t.Setenv("XDG_SESSION_TYPE", tt.session)
		if got := Can(); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}
