package credstore

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func openToEveryone(t *testing.T, path string) {
	t.Helper()
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := newFile(t, dir, "uid:1000").Save([]byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, keyName: 0o600, sealedName: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestALinkIsNotOurFile(t *testing.T) {
	dir := t.TempDir()
	f := newFile(t, dir, "uid:1000")
	if err := f.Save([]byte("x")); err != nil {
		t.Fatal(err)
	}
	sealed := filepath.Join(dir, sealedName)
	if err := errors.Join(os.Rename(sealed, sealed+"2"), os.Symlink(sealed+"2", sealed)); err != nil {
		t.Fatal(err)
	}
	if secret, err := f.Load(); secret != nil || !errors.Is(err, ErrDamaged) {
		t.Fatalf("%q, %v", secret, err)
	}
}

func TestOpenNeverWaitsForADeadBus(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // accepts nothing, answers nothing
	quiet := slog.New(slog.DiscardHandler)
	for address, perUser := range map[string]bool{"": true, "unix:path=" + socket: true, "unix:path=/nonexistent": true, "unix:path=/none": false} {
		t.Setenv(busVariable, address)
		began := time.Now()
		store, err := Open(t.TempDir(), "uid:1000", perUser, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := store.(*File); !ok || time.Since(began) > 2*ringPatience {
			t.Errorf("%q: %T after %v", address, store, time.Since(began))
		}
	}
}
