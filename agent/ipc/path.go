package ipc

import "os"

// SocketEnv names the environment variable that overrides where the socket is.
const SocketEnv = "ISCDESK_SOCKET"

// DefaultPath is where a client looks for the service: what the environment
// says, else the user's own service if one has made its socket, else the
// machine's.
func DefaultPath() string {
	if p := os.Getenv(SocketEnv); p != "" {
		return p
	}
	if p := UserPath(); p != "" && present(p) {
		return p
	}
	return SystemPath()
}
