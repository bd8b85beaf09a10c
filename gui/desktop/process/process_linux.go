package process

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// language is the first of the variables that say so, as gettext reads them.
func language() api.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if more := os.Getenv("LANGUAGE"); more != "" && value != "C" && value != "POSIX" {
				return api.ParseLanguage(more)
			}
			return api.ParseLanguage(value)
		}
	}
	return api.English
}

func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "iscdesk"), nil
	}
	if home := os.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "iscdesk"), nil
	}
	return "", errors.New("HOME is not set")
}

// Console lets a program without a console print on that of whoever started
// it. Here every program can.
func Console() {}

// Screen tells whether there is a desktop to draw on.
func Screen() bool { return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" }

// Thread tells on which of the system's threads the caller runs.
func Thread() int { return unix.Gettid() }
