package front

import (
	"errors"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/ipc"
)

// address is the pipe of the user's tray app.
func address() (string, error) {
	user := ipc.CurrentUser()
	if user == "" {
		return "", errors.New("the user cannot be told")
	}
	return `\\.\pipe\iscdesk-tray-` + user, nil
}

// lock makes sure that only one of two that start at once makes the pipe. The
// system gives the mutex up when the process ends, however it does.
func lock(string) (release func(), err error) {
	name, err := windows.UTF16PtrFromString(`Local\iscdesk-tray-` + ipc.CurrentUser())
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateMutex(nil, false, name)
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		_ = windows.CloseHandle(h) // the other one keeps it
		return nil, ErrTaken
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = windows.CloseHandle(h) }, nil
}
