package helper

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

const noFollow = unix.O_NOFOLLOW

// prepare gives what is installed the permissions that a home folder expects,
// whatever the service's own are.
func prepare() { unix.Umask(0o022) }

// runAlone runs a script in a session of its own, so that it has no terminal.
// When it fails or its time is up, everything that it started goes with it,
// also what has left its process group. What a script that succeeds leaves
// running goes on.
func runAlone(cmd *exec.Cmd) error {
	// The kernel sends the death signal when the thread ends that started the script.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Pdeathsig: unix.SIGKILL}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	err := cmd.Run()
	if err != nil {
		if cmd.Process != nil {
			_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) // an empty group is what we want
		}
		reap()
	}
	return err
}

// reap kills every descendant. Those whose parent dies become this process's
// own children, because it is their subreaper; so the rounds end.
func reap() {
	const rounds = 1000
	for range rounds {
		children := childrenOf(os.Getpid())
		if len(children) == 0 {
			return
		}
		for _, pid := range children {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		for _, pid := range children {
			_, _ = unix.Wait4(pid, nil, 0, nil)
		}
	}
}

func childrenOf(parent int) []int {
	var children []int
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid …; the name may hold anything.
		text := string(content)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				children = append(children, pid)
			}
		}
	}
	return children
}

// lock takes the place for this process; the kernel gives it back when the
// process ends, however it ends.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, unwritable(path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(api.Fail(api.Busy).Because(err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// point makes version the one in use.
func point(dir, version string) error {
	next := filepath.Join(dir, currentName+partialSuffix)
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	if err := os.Symlink(version, next); err != nil {
		return err
	}
	if err := os.Rename(next, filepath.Join(dir, currentName)); err != nil {
		return err
	}
	return flush(dir)
}

// current is the version in use, empty if there is none.
func current(dir string) string {
	version, err := os.Readlink(filepath.Join(dir, currentName))
	if err != nil || CheckVersion(version) != nil {
		return ""
	}
	return version
}
