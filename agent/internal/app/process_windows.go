package app

import (
	"context"
	"errors"
	"strconv"

	"golang.org/x/sys/windows"
)

// identify names a running process so that its number, used again for another
// one, cannot be mistaken for it: by the time of its start. It is empty for a
// process that does not run or cannot be seen.
func identify(pid int) string {
	process, identity := openProcess(pid)
	if identity != "" {
		_ = windows.CloseHandle(process) // nothing was written
	}
	return identity
}

// openProcess opens a running process. The handle is to be closed if identity
// is not empty.
func openProcess(pid int) (process windows.Handle, identity string) {
	if pid <= 0 {
		return 0, ""
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return 0, ""
	}
	var created, exited, kernel, user windows.Filetime
	state, err := windows.WaitForSingleObject(process, 0)
	if err == nil && state == uint32(windows.WAIT_TIMEOUT) {
		err = windows.GetProcessTimes(process, &created, &exited, &kernel, &user)
	}
	if err != nil || state != uint32(windows.WAIT_TIMEOUT) {
		_ = windows.CloseHandle(process) // nothing was written
		return 0, ""
	}
	return process, strconv.FormatInt(created.Nanoseconds(), 10)
}

// awaitEnd returns when the process that identity names has ended, or with
// ctx.
func awaitEnd(ctx context.Context, k processKey) error {
	process, identity := openProcess(k.pid)
	if identity == "" {
		return nil
	}
	defer func() { _ = windows.CloseHandle(process) }() // nothing was written
	if identity != k.identity {
		return nil
	}
	cancelled, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(cancelled) }() // an event
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = windows.SetEvent(cancelled) // cannot fail on an event of our own
	})
	_, err = windows.WaitForMultipleObjects([]windows.Handle{process, cancelled}, false, windows.INFINITE)
	if !stop() {
		<-told // the event is in use until then
	}
	return errors.Join(err, ctx.Err())
}
