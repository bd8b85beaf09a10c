package about

import (
	"os"
	"path/filepath"
)

// InstalledTexts is the file with the texts of all licences, where the
// packages put it; empty: the program was not installed by one.
func InstalledTexts() string {
	var places []string
	if exe, err := os.Executable(); err == nil {
		places = append(places, filepath.Join(filepath.Dir(exe), "licences.txt"))
	}
	places = append(places, "/usr/share/doc/iscdesk/copyright")
	for _, path := range places {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}
