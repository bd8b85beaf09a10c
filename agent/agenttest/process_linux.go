package agenttest

import (
	"os"
	"os/exec"
	"syscall"
)

// prepare makes the kernel end the process when the test itself is killed.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// prepareGroup gives a command a process group of its own, which is killed as
// a whole.
func prepareGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

func interrupt(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
