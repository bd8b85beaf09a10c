//go:build !windows

package sdkbridge

import "path/filepath"

// maxPath bounds paths, in bytes.
const maxPath = maxText

// activeCodePage is none.
const activeCodePage = 0

// HostText gives the text that an application handed in, which is UTF-8 or is
// refused.
func HostText(text string) string { return text }

// hostPath is the path itself: there is no code page that it might be in.
func hostPath(_ uint32, path string) string { return path }

// hostTarget is hostPath for a file that is about to be written.
func hostTarget(_ uint32, path string) string { return path }

// hostLanguage is nothing beyond the environment's.
func hostLanguage() string { return "" }

// hostHome is the user's home folder.
func hostHome(getenv func(string) string) string { return getenv("HOME") }

// hostDataFolder is where programs keep what is the user's.
func hostDataFolder(getenv func(string) string) string {
	if data := getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return data
	}
	return filepath.Join(hostHome(getenv), ".local", "share")
}
