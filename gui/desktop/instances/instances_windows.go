package instances

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// eventName is that of the event which asks a process to quit. It is global:
// the installer runs in another session. Its access list is the default one of
// the user: he and SYSTEM.
func eventName(pid uint32) (*uint16, error) {
	return windows.UTF16PtrFromString(fmt.Sprintf(`Global\iscdesk-tray-quit-%d`, pid))
}

// Asked gives a channel that is closed when Quit in another process asks this
// one to end, or the context ends.
func Asked(ctx context.Context) (<-chan struct{}, error) {
	name, err := eventName(windows.GetCurrentProcessId())
	if err != nil {
		return nil, err
	}
	quit, err := windows.CreateEvent(nil, 1, 0, name)
	if err != nil {
		return nil, err
	}
	done, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return nil, errors.Join(err, windows.CloseHandle(quit))
	}
	stop := context.AfterFunc(ctx, func() { _ = windows.SetEvent(done) })
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = windows.WaitForMultipleObjects([]windows.Handle{quit, done}, false, windows.INFINITE)
		if stop() { // else the other end may be about to set it
			_ = windows.CloseHandle(done)
		}
		_ = windows.CloseHandle(quit)
	}()
	return asked, nil
}

// running finds the processes that run from a file.
func running(file string) ([]process, error) {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = windows.CloseHandle(snapshot) }()
	var all []process
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		if entry.ProcessID == windows.GetCurrentProcessId() {
			continue
		}
		if p, ok := open(entry.ProcessID, file); ok {
			all = append(all, p)
		}
	}
	if !errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		for _, p := range all {
			p.close()
		}
		return nil, err
	}
	return all, nil
}

// windowsProcess is held by its handle, so that its number is not reused.
type windowsProcess struct {
	handle windows.Handle
	pid    uint32
}

// open takes hold of a process if it runs from the file and is ours to end.
func open(pid uint32, file string) (windowsProcess, bool) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION|windows.PROCESS_TERMINATE|windows.SYNCHRONIZE, false, pid)
	if err != nil {
		return windowsProcess{}, false
	}
	p := windowsProcess{h, pid}
	image := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(image))
	if err := windows.QueryFullProcessImageName(h, 0, &image[0], &size); err != nil || !same(windows.UTF16ToString(image[:size]), file) {
		p.close()
		return windowsProcess{}, false
	}
	return p, true
}

// same tells whether two paths name one file, be it by short names or links.
func same(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

func (p windowsProcess) ask() error {
	name, err := eventName(p.pid)
	if err != nil {
		return err
	}
	event, err := windows.OpenEvent(windows.EVENT_MODIFY_STATE, false, name)
	if err != nil {
		return err
	}
	return errors.Join(windows.SetEvent(event), windows.CloseHandle(event))
}

func (p windowsProcess) kill() error { return windows.TerminateProcess(p.handle, 1) }

func (p windowsProcess) gone() bool {
	state, err := windows.WaitForSingleObject(p.handle, 0)
	return err == nil && state == windows.WAIT_OBJECT_0
}

func (p windowsProcess) close() { _ = windows.CloseHandle(p.handle) }
