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

// checkModes looks at the permissions of files, which only Unix has.
func checkModes(t *testing.T, dir string, want map[string]os.FileMode) {
	t.Helper()
	for file, mode := range want {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
}

// A disk of Unix holds names that one of Windows does not.
func TestDescribeRefusesWhatOtherSystemsCannotHold(t *testing.T) {
	link := tree(t, "asm", "asm.stp", "x")
	if err := os.Symlink("/etc/passwd", filepath.Join(link, "secret.stp")); err != nil {
		t.Fatal(err)
	}
	for _, row := range []describeRow{
		{"a link", link, api.FileUnreadable, nil},
		{"a name that is none on Windows", tree(t, "a", "a.stp", "x", "aux.stp", "x"), api.NameInvalid, map[string]string{"name": "aux.stp"}},
		{"a stream", tree(t, "a", "a.stp", "x", "b.stp:c", "x"), api.NameInvalid, map[string]string{"name": "b.stp:c"}},
		{"a dot at the end", tree(t, "a", "a.stp", "x", "parts./b.stp", "x"), api.NameInvalid, map[string]string{"name": "parts./b.stp"}},
		{"names that differ in case only", tree(t, "a", "a.stp", "x", "B.stp", "x", "b.stp", "x"), api.NameInvalid, map[string]string{
			"name": "b.stp", "reason": string(api.NameCase), "other": "B.stp",
		}},
		{"a name that is not UTF-8", tree(t, "a", "a.stp", "x", "\xc4.stp", "x"), api.NameInvalid, nil},
	} {
		row.check(t)
	}
	if _, err := Describe("/dev/null", false); !errors.Is(err, api.NotAFile) {
		t.Errorf("a device: %v", err)
	}
}

func TestOpenStaysInTheWorkspace(t *testing.T) {
	s := newService(t)
	root, _ := Root()
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(root, "team")); err != nil {
		t.Fatal(err)
	}
	s.put("/team/a.stp", api.Single, "a.stp", "x")
	if o, err := Open(t.Context(), s, api.Picked{Path: "/team/a.stp"}); !errors.Is(err, api.FileUnwritable) {
		t.Errorf("through a link: %+v, %v", o, err)
	}
	if list, _ := os.ReadDir(outside); len(list) != 0 {
		t.Error("something was written outside")
	}
}
