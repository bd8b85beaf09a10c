package daemon

import (
	"os"
	"strings"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/internal/acl"
	"iscdesk.dev/agent/internal/statepath"
	"iscdesk.dev/agent/ipc"
)

// makePrivate makes a folder, or takes one over, that only SYSTEM and
// administrators can open, and for a per-user service its user.
func makePrivate(dir string) error {
	user := stateUser(dir, statepath.System(), ipc.CurrentUser())
	if user == "" {
		if err := acl.NoLinks(dir); err != nil {
			return err
		}
	}
	return acl.PrivateFolder(dir, user)
}

// stateUser is the user who may open a folder of the state besides SYSTEM and
// administrators. In the machine's folder that is nobody, also where an
// administrator works on it from a console.
func stateUser(dir, machine, self string) string {
	dir, machine = strings.ToLower(dir), strings.ToLower(machine)
	if self == acl.System || dir == machine || strings.HasPrefix(dir, machine+`\`) {
		return ""
	}
	return self
}

// lockFile holds a file for this process, until it is closed or the process
// ends in whatever way.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped)); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
