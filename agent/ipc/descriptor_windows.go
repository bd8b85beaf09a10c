package ipc

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// What a client may do with the pipe, and what ours ask for. Neither holds
// FILE_CREATE_PIPE_INSTANCE: with it a client could serve the pipe's next
// client. That right is the bit FILE_APPEND_DATA, which GENERIC_WRITE holds:
// a client that opens the pipe with GENERIC_WRITE is refused.
const (
	createPipeInstance = windows.FILE_APPEND_DATA
	clientGranted      = (windows.FILE_GENERIC_READ | windows.FILE_GENERIC_WRITE) &^ createPipeInstance
	clientWanted       = windows.FILE_GENERIC_READ | windows.FILE_WRITE_DATA
)

// descriptor is the owner and the access list of the pipe in SDDL. SYSTEM and
// administrators have all rights, and of a per-user service the user; the
// machine's every local user may read and write. Callers from the network are refused. The owner is what
// clients know the service by: Windows lets nobody but SYSTEM name SYSTEM, and
// nobody but an elevated administrator the administrators.
// There is no label, which means medium integrity: sandboxed programs (low
// integrity, AppContainer) cannot open the pipe.
func descriptor(shared bool, self string) string {
	const others = "D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)"
	if !shared {
		// The user's service makes instances with the user's rights.
		return fmt.Sprintf("O:%s%s(A;;FA;;;%s)", self, others, self)
	}
	owner := "BA" // an administrator in a console; anybody else fails here
	if self == localSystem {
		owner = "SY"
	}
	return fmt.Sprintf("O:%s%s(A;;%#x;;;AU)", owner, others, clientGranted)
}

// The well-known users and groups that decisions are made about.
const (
	localSystem    = "S-1-5-18"
	administrators = "S-1-5-32-544"
	network        = "S-1-5-2"
	anonymous      = "S-1-5-7"
)
