package ipc

import (
	"os"
	"path/filepath"
)

// SystemPath is the socket of the machine's service.
func SystemPath() string { return "/run/iscdesk/agent.sock" }

// UserPath is the socket of a per-user service: in the user's runtime folder,
// or, where the session has none (a container, su, cron), in his home. Empty
// where he has neither.
func UserPath() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "iscdesk", "agent.sock")
	}
	if home := os.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "iscdesk", "run", "agent.sock")
	}
	return ""
}

func present(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
