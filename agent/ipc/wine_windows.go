package ipc

import (
	"golang.org/x/sys/windows"
)

// onWine tells whether this is Wine, which runs the service in tests. It lets
// clients connect to the first instance of a pipe, which go-winio makes to
// hold the name and never serves; holdFirst takes that instance, and nothing
// else in this package is different there.
//
// Wine says who it is by a function of ntdll that Windows does not have.
func onWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// holdFirst connects to the instance that nobody serves, under Wine. The
// handle stays open as long as the pipe.
func holdFirst(path string) (windows.Handle, error) {
	if !onWine() {
		return windows.InvalidHandle, nil
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return windows.InvalidHandle, err
	}
	return windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_OVERLAPPED, 0)
}
