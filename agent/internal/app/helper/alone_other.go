//go:build !linux && !windows

package helper

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/api"
)

const noFollow = 0

func prepare() {}

func runAlone(cmd *exec.Cmd) error { return cmd.Run() }

// lock takes the place for this process.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, api.Fail(api.Busy).Because(err)
	}
	if err != nil {
		return nil, unwritable(path, err)
	}
	return func() {
		_ = f.Close()
		_ = os.Remove(path)
	}, nil
}

// point makes version the one in use.
func point(dir, version string) error {
	next := filepath.Join(dir, currentName+partialSuffix)
	if err := os.WriteFile(next, []byte(version), 0o600); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, currentName))
}

// current is the version in use, empty if there is none.
func current(dir string) string {
	content, err := os.ReadFile(filepath.Join(dir, currentName))
	version := strings.TrimSpace(string(content))
	if err != nil || CheckVersion(version) != nil {
		return ""
	}
	return version
}
