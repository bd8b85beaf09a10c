package statepath

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// System is the state folder of the machine's service.
func System() string {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		dir = os.Getenv("ProgramData")
	}
	return filepath.Join(dir, "iscdesk")
}

// User is that of the user's own; empty where the user has no profile.
func User() string {
	if dir, err := os.UserCacheDir(); err == nil { // %LocalAppData%: of this machine, not roaming
		return filepath.Join(dir, "iscdesk")
	}
	return ""
}
