package ipc

import "golang.org/x/sys/windows"

// SystemPath is the pipe of the machine's service.
func SystemPath() string { return `\\.\pipe\iscdesk-agent` }

// UserPath is the pipe of a per-user service; its name bears the user's SID.
func UserPath() string {
	if user := CurrentUser(); user != "" {
		return SystemPath() + "-" + user
	}
	return ""
}

// present looks for a pipe without connecting to it, which would disturb the
// server.
func present(path string) bool {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return false
	}
	var found windows.Win32finddata
	h, err := windows.FindFirstFile(name, &found)
	if err != nil {
		return false
	}
	_ = windows.FindClose(h)
	return true
}
