package bugreport

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// system names the distribution and the kernel.
func system() string {
	var parts []string
	if release, err := os.ReadFile("/etc/os-release"); err == nil {
		for line := range strings.Lines(string(release)) {
			if pretty, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
				parts = append(parts, strings.Trim(pretty, `"`))
			}
		}
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		parts = append(parts, "Linux "+unix.ByteSliceToString(u.Release[:]))
	}
	return strings.Join(parts, ", ")
}
