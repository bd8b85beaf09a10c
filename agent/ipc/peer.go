package ipc

// Peer is the process at the other end of a connection, as the kernel names
// it. The PID is of the moment of connecting: good for logs and screens, not
// for decisions, because numbers are reused.
type Peer struct {
	// User is the stable key of the operating system's user: "uid:1000" on
	// Linux, the SID on Windows.
	User string
	PID  int
	// Session is the Windows session (a desktop, a remote desktop) of the peer.
	Session uint32
	// Admin tells whether the peer administers the machine: root; on Windows
	// SYSTEM, or an administrator whose program was elevated.
	Admin bool
}
