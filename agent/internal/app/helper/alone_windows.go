package helper

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

const noFollow = 0

func prepare() {}

// runAlone runs a script without a window, in a job of its own. When it fails
// or its time is up, and when the helper itself is killed, everything that it
// started goes with it. What a script that succeeds leaves running goes on.
func runAlone(cmd *exec.Cmd) error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(job) }() // kills what is left, unless it may live on
	if err := limit(job, windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE); err != nil {
		return err
	}
	// It starts suspended, so that nothing of it can escape from the job.
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_SUSPENDED}
	cmd.Cancel = func() error { return windows.TerminateJobObject(job, 1) }
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := release(cmd.Process, job); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	if err := cmd.Wait(); err != nil {
		return errors.Join(err, windows.TerminateJobObject(job, 1))
	}
	return limit(job, 0)
}

// limit sets what holds for a job.
func limit(job windows.Handle, flags uint32) error {
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = flags
	_, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	return err
}

// release puts a suspended process into the job and lets it run.
func release(p *os.Process, job windows.Handle) error {
	var assigned error
	err := p.WithHandle(func(handle uintptr) { assigned = windows.AssignProcessToJobObject(job, windows.Handle(handle)) })
	if err := errors.Join(err, assigned); err != nil {
		return err
	}
	all, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(all) }() // a snapshot
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(all, &entry); err == nil; err = windows.Thread32Next(all, &entry) {
		if entry.OwnerProcessID == uint32(p.Pid) {
			return resume(entry.ThreadID)
		}
	}
	return err
}

func resume(thread uint32) error {
	handle, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, thread)
	if err != nil {
		return err
	}
	_, err = windows.ResumeThread(handle)
	return errors.Join(err, windows.CloseHandle(handle))
}

// lock takes the place for this process; Windows gives it back when the process
// ends, however it ends. The file lies beside the folder, which could not be
// removed with an open file in it, and goes with the lock.
func lock(path string) (unlock func(), err error) {
	beside := filepath.Dir(path) + lockName
	name, err := windows.UTF16PtrFromString(beside)
	if err != nil {
		return nil, unwritable(beside, err)
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_WRITE|windows.DELETE, 0, nil, windows.OPEN_ALWAYS,
		windows.FILE_ATTRIBUTE_HIDDEN|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	switch {
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return nil, api.Fail(api.Busy).Because(err)
	case err != nil:
		return nil, unwritable(beside, err)
	}
	return func() { _ = windows.CloseHandle(handle) }, nil
}

// point makes version the one in use. It is a file, as links need a right here.
func point(dir, version string) error {
	next := filepath.Join(dir, currentName+partialSuffix)
	f, err := os.Create(next)
	if err != nil {
		return err
	}
	_, err = f.WriteString(version)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, currentName))
}

// current is the version in use, empty if there is none.
func current(dir string) string {
	content, err := os.ReadFile(filepath.Join(dir, currentName))
	version := strings.TrimSpace(string(content))
	if err != nil || CheckVersion(version) != nil {
		return ""
	}
	return version
}
