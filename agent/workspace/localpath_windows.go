package workspace

import (
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// localForm resolves what is relative to a folder or a drive the way Windows
// does, and asks each folder how it spells the names.
func localForm(path string) (string, error) {
	plain, err := plainWindowsPath(path)
	if err != nil {
		return "", err
	}
	full, err := filepath.Abs(plain)
	if err != nil {
		return "", unreadable(path, err)
	}
	if prefix, _ := cutDevicePrefix(full); prefix == `\\.\` { // what Windows makes of NUL
		return "", invalidPath(path, "Windows reserves it for a device; rename it")
	}
	if full, err = plainWindowsPath(full); err != nil {
		return "", err
	}
	if err := checkWindowsPath(full); err != nil {
		return "", err
	}
	volume := filepath.VolumeName(full)
	return upperDrive(respell(volume, full[len(volume):], nameOnDisk)), nil
}

// nameOnDisk is how a folder spells the name of what lies in it.
func nameOnDisk(path string) (string, bool) {
	name, err := windows.UTF16PtrFromString(longForm(path))
	if err != nil {
		return "", false
	}
	var found windows.Win32finddata
	handle, err := windows.FindFirstFile(name, &found)
	if err != nil {
		return "", false
	}
	_ = windows.FindClose(handle) // nothing was written
	return syscall.UTF16ToString(found.FileName[:]), true
}

// longForm lets a path be longer than 260 characters.
func longForm(path string) string {
	switch {
	case strings.HasPrefix(path, `\\?\`):
		return path
	case strings.HasPrefix(path, `\\`):
		return `\\?\UNC\` + path[2:]
	}
	return `\\?\` + path
}

// upperDrive writes the letter of a drive the way it is shown everywhere.
func upperDrive(path string) string {
	if len(path) >= 2 && path[1] == ':' && isLetter(path[0]) {
		return strings.ToUpper(path[:1]) + path[1:]
	}
	return path
}
