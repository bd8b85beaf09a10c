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

func interrupt(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
