package credstore

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/internal/acl"
)

func openToEveryone(t *testing.T, path string) {
	t.Helper()
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.READ_CONTROL|windows.WRITE_DAC, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(acl.Close(h, acl.Private("")+"(A;;FR;;;WD)"), windows.CloseHandle(h)); err != nil {
		t.Fatal(err)
	}
}

// TestTheKeyIsSealedThoughWineNoticesNoChange shows that DPAPI is asked, and that it binds; that it
// notices changes, Wine's does not show.
func TestTheKeyIsSealedThoughWineNoticesNoChange(t *testing.T) {
	for _, perUser := range []bool{false, true} {
		dir := t.TempDir()
		store, err := Open(dir, "S-1-5-21-1", perUser, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Save([]byte("secret")); err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(dir, keyName))
		if err != nil {
			t.Fatal(err)
		}
		key, err := unprotect(kept, []byte(magic+"S-1-5-21-1"))
		if err != nil || len(key) != 32 || bytes.Contains(kept, key) {
			t.Fatalf("%d bytes, %v", len(key), err)
		}
		if _, err := unprotect(kept, []byte(magic+"S-1-5-21-2")); err == nil {
			t.Fatal("it opens for another user's context")
		}
		if secret, err := store.Load(); err != nil || string(secret) != "secret" {
			t.Fatalf("%q, %v", secret, err)
		}
	}
}
