package solving

import (
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// alone puts the solver into a process group of its own, which ends with it,
// and which the kernel ends if the marketplace is killed.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return kill(cmd) }
}

func kill(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// confine bounds what the solver may take. It has only just started; what it
// took before is little.
func confine(cmd *exec.Cmd, l Limits) {
	cpu := uint64(l.Time.Seconds()+1) * uint64(runtime.NumCPU()) // threads add up; the wall time is held by the context
	for resource, bound := range map[int]uint64{
		unix.RLIMIT_CPU: cpu, unix.RLIMIT_FSIZE: uint64(l.Output), unix.RLIMIT_AS: uint64(l.Memory), unix.RLIMIT_CORE: 0,
	} {
		_ = unix.Prlimit(cmd.Process.Pid, resource, &unix.Rlimit{Cur: bound, Max: bound}, nil) // it may have ended
	}
}
