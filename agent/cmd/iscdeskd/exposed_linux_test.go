package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestExposedFindsWhatOthersMayChange(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("needs root: it gives files to others")
	}
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	above := filepath.Join(base, "above")
	dir := filepath.Join(above, "sbin")
	program := filepath.Join(dir, "iscdeskd")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(program, nil, 0o755)); err != nil { // a program
		t.Fatal(err)
	}
	const somebody = 54321
	for _, row := range []struct {
		name, path string
		mode       fs.FileMode
		owner      int
		found      bool
	}{
		{"root's alone", program, 0o755, 0, false},
		{"the group may write the program", program, 0o775, 0, true},
		{"others may write the program", program, 0o757, 0, true},
		{"somebody's program", program, 0o755, somebody, true},
		{"others may write the folder", dir, 0o757, 0, true},
		{"the group may write the folder", dir, 0o775, 0, true},
		{"somebody's folder", dir, 0o755, somebody, true},
		{"somebody's folder above", above, 0o755, somebody, true},
		{"others may write the folder above", above, 0o777, 0, true},
		{"as /tmp is", above, 0o777 | fs.ModeSticky, 0, false},
		{"a sticky folder of somebody's", above, 0o777 | fs.ModeSticky, somebody, true},
	} {
		if err := errors.Join(os.Chown(row.path, row.owner, 0), os.Chmod(row.path, row.mode)); err != nil {
			t.Fatal(err)
		}
		want := ""
		if row.found {
			want = row.path
		}
		if got, err := exposed(program); err != nil || got != want {
			t.Errorf("%s: %q, %v", row.name, got, err)
		}
		if err := errors.Join(os.Chown(row.path, 0, 0), os.Chmod(row.path, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(base, "link")
	if err := errors.Join(os.Symlink(program, link), os.Chmod(above, 0o757)); err != nil {
		t.Fatal(err)
	}
	if got, err := exposed(link); err != nil || got != above {
		t.Errorf("by a link: %q, %v", got, err)
	}
}

// openToOthers is a program that everyone may write.
func openToOthers(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "iscdeskd")
	if err := errors.Join(os.WriteFile(path, nil, 0o755), os.Chmod(path, 0o777)); err != nil { // a program
		t.Fatal(err)
	}
	return path
}
