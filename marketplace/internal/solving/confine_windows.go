package solving

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// pen holds a solver with all that it starts: a job, which bounds memory and
// processor time, and which Windows ends when it is closed, so also if the
// marketplace is killed. Output is watched.
type pen struct{ job windows.Handle }

// newPen prepares a command that has not started yet. It starts suspended, so
// that nothing of it can escape.
func newPen(cmd *exec.Cmd, l Limits) (*pen, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	p := &pen{job: job}
	info := limits(l, runtime.NumCPU())
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		return nil, errors.Join(err, windows.CloseHandle(job))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_SUSPENDED}
	cmd.Cancel = func() error { return p.kill(cmd) }
	return p, nil
}

// limits are what a job has to hold to. The processor time of all threads adds
// up; the time on the clock is the context's affair.
func limits(l Limits, processors int) windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION {
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	basic := &info.BasicLimitInformation
	basic.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION
	if l.Memory > 0 {
		basic.LimitFlags |= windows.JOB_OBJECT_LIMIT_JOB_MEMORY
		info.JobMemoryLimit = uintptr(min(uint64(l.Memory), uint64(^uintptr(0))))
	}
	if l.Time > 0 {
		const tick = 100 // nanoseconds
		basic.LimitFlags |= windows.JOB_OBJECT_LIMIT_JOB_TIME
		basic.PerJobUserTimeLimit = l.Time.Nanoseconds() / tick * int64(processors)
	}
	return info
}

func (p *pen) kill(*exec.Cmd) error { return windows.TerminateJobObject(p.job, 1) }

// confine puts the solver into the job and lets it run.
func (p *pen) confine(cmd *exec.Cmd) error {
	var assigned error
	err := cmd.Process.WithHandle(func(handle uintptr) { assigned = windows.AssignProcessToJobObject(p.job, windows.Handle(handle)) })
	if err := errors.Join(err, assigned); err != nil {
		return err
	}
	return resume(cmd.Process)
}

// close ends what is left.
func (p *pen) close() { _ = windows.CloseHandle(p.job) }

// resume lets a process run that was started suspended: its only thread.
func resume(process *os.Process) error {
	all, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(all) }() // a snapshot
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(all, &entry); err == nil; err = windows.Thread32Next(all, &entry) {
		if entry.OwnerProcessID != uint32(process.Pid) {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		_, err = windows.ResumeThread(thread)
		return errors.Join(err, windows.CloseHandle(thread))
	}
	return err
}
