//go:build !linux

package solving

import "os/exec"

// alone leaves the solver as it is: the context ends it.
func alone(*exec.Cmd) {}

func kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// confine does nothing here: time and output are watched, memory is not.
func confine(*exec.Cmd, Limits) {}
