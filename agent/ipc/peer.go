package ipc

// Peer is the process at the other end of a connection, as the kernel names
// it. The PID is of the moment of connecting: good for logs and screens, not
// for decisions, because numbers are reused.
type Peer struct {
	// User is the stable key of the operating system's user: "uid:1000" on
	// Linux, the SID on Windows.
	User string
	PID  int
	// Admin tells whether the user administers the machine (root, SYSTEM).
	Admin bool
}
