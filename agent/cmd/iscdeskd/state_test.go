package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStateCommands(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "none")
	for _, row := range []struct {
		line   string
		status int
	}{
		{"", 2},
		{"dance", 2},
		{"list now", 2},
		{"list --nonsense", 2},
		{"--help", 0},
		{"list --state " + empty, 0},
		{"set-aside --state " + empty, 0},
		{"clear --state " + empty, 0},
		{"clear --all --state " + empty, 0},
	} {
		var out bytes.Buffer
		status, err := state(t.Context(), &out, strings.Fields(row.line))
		if status != row.status || (err != nil) != (row.status != 0) {
			t.Errorf("%q: %d, %v", row.line, status, err)
		}
	}
	if _, err := os.Lstat(empty); err == nil {
		t.Error("a folder that was not there was made")
	}
}
