package process

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// language is that of the user's own Windows.
func language() api.Language {
	if value := os.Getenv("LC_ALL"); value != "" {
		return api.ParseLanguage(value)
	}
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return api.ParseLanguage(os.Getenv("LANG"))
	}
	return api.ParseLanguage(names[0])
}

func stateDir() (string, error) {
	if dir := os.Getenv("LOCALAPPDATA"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "iscdesk"), nil
	}
	return "", errors.New("LOCALAPPDATA is not set")
}

// attachParent is ATTACH_PARENT_PROCESS.
const attachParent = ^uintptr(0)

// Console lets a program without a console print on that of whoever started
// it; what goes to a file or a pipe goes there already.
func Console() {
	out, err := windows.GetStdHandle(windows.STD_OUTPUT_HANDLE)
	if err == nil && out != 0 && out != windows.InvalidHandle {
		return
	}
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	if done, _, _ := attach.Call(attachParent); done == 0 {
		return // started from the desktop
	}
	if console, err := os.OpenFile("CONOUT$", os.O_WRONLY, 0); err == nil {
		os.Stdout, os.Stderr = console, console
	}
}

// Screen tells whether there is a desktop to draw on.
func Screen() bool { return true }

// Thread tells on which of the system's threads the caller runs.
func Thread() int { return int(windows.GetCurrentThreadId()) }
