//go:build !linux

package agenttest

import (
	"os"
	"os/exec"
	"runtime"
)

func prepare(*exec.Cmd) {}

func prepareGroup(*exec.Cmd) {}

func interrupt(p *os.Process) error {
	if runtime.GOOS == "windows" { // which cannot ask another process to end
		return p.Kill()
	}
	return p.Signal(os.Interrupt)
}

// asUser does nothing: other users are tested on Linux only.
func (*Agent) asUser(*exec.Cmd) {}
