package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/internal/durable"
)

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "new 项目"), filepath.Join(dir, "old 项目")
	for _, content := range []string{"first", "second"} {
		if err := os.WriteFile(from, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := durable.Replace(from, to); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(to); err != nil || string(got) != content {
			t.Fatalf("%q, %v", got, err)
		}
		if _, err := os.Stat(from); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("the old name stays: %v", err)
		}
	}
	if err := durable.Replace(from, to); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("nothing to rename: %v", err)
	}
}

func TestSyncDir(t *testing.T) {
	dir := t.TempDir()
	if err := durable.SyncDir(dir); err != nil {
		t.Fatal(err)
	}
	if err := durable.SyncDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no folder: %v", err)
	}
}

func TestSyncTree(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "项目", "b")
	if err := errors.Join(os.MkdirAll(deep, 0o700), os.WriteFile(filepath.Join(deep, "drawing"), []byte("lines"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := durable.SyncTree(filepath.Join(dir, "项目")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(deep, "drawing")); err != nil || string(got) != "lines" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := durable.SyncTree(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no folder: %v", err)
	}
}
