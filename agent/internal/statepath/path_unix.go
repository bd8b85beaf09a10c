//go:build unix

package statepath

import (
	"os"
	"path/filepath"
)

// System is the state folder of the machine's service.
func System() string { return "/var/lib/iscdesk" }

// User is that of the user's own; empty where the user has no home.
func User() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "iscdesk")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "state", "iscdesk")
	}
	return ""
}
