package solving

import (
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// pen holds a solver with all that it starts: a process group of its own, which
// ends with it, and which the kernel ends if the marketplace is killed.
type pen struct{ limits Limits }

// newPen prepares a command that has not started yet.
func newPen(cmd *exec.Cmd, l Limits) (*pen, error) {
	p := &pen{limits: l}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return p.kill(cmd) }
	return p, nil
}

func (p *pen) kill(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// confine bounds what the solver may take. It has only just started; what it
// took before is little.
func (p *pen) confine(cmd *exec.Cmd) error {
	l := p.limits
	cpu := uint64(l.Time.Seconds()+1) * uint64(runtime.NumCPU()) // threads add up; the wall time is held by the context
	for resource, bound := range map[int]uint64{
		unix.RLIMIT_CPU: cpu, unix.RLIMIT_FSIZE: uint64(l.Output), unix.RLIMIT_AS: uint64(l.Memory), unix.RLIMIT_CORE: 0,
	} {
		_ = unix.Prlimit(cmd.Process.Pid, resource, &unix.Rlimit{Cur: bound, Max: bound}, nil) // it may have ended
	}
	return nil
}

func (p *pen) close() {}
