package objects_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/objects/objectstest"
)

func openFolder(t *testing.T, dir string) objects.Closer {
	t.Helper()
	s, err := objects.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestFolder(t *testing.T) {
	objectstest.Run(t, func(t *testing.T) objects.Store { return openFolder(t, t.TempDir()) })
}

func TestFolderForgetsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, ".tmp", "half")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	openFolder(t, dir)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half file: %v", err)
	}
}

func TestFolderFollowsNoLinkOut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("links need a right there that tests do not have")
		return
	}
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s := openFolder(t, dir)
	if r, err := s.Get(t.Context(), "link/secret"); err == nil {
		content, _ := io.ReadAll(r)
		t.Errorf("read %q through a link", content)
	}
	if err := s.Put(t.Context(), "link/secret", strings.NewReader("changed")); err == nil {
		t.Error("wrote through a link")
	}
	if got, _ := os.ReadFile(secret); string(got) != "secret" {
		t.Errorf("the file outside is now %q", got)
	}
}
