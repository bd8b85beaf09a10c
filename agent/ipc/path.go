package ipc

import (
	"os"
	"path/filepath"
)

// SocketEnv names the environment variable that overrides where the socket is.
const SocketEnv = "ISCDESK_SOCKET"

// UserPath is the socket of a per-user service: in the user's runtime folder,
// or empty where the user has none.
func UserPath() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "iscdesk", "agent.sock")
	}
	return ""
}

// DefaultPath is where a client looks for the service: what the environment
// says, else the user's own service if one has made its socket, else the
// machine's.
func DefaultPath() string {
	if p := os.Getenv(SocketEnv); p != "" {
		return p
	}
	if p := UserPath(); p != "" {
		if _, err := os.Lstat(p); err == nil {
			return p
		}
	}
	return SystemPath()
}
