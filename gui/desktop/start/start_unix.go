//go:build unix

package start

import (
	"io/fs"
	"os/exec"
	"syscall"
)

func open(path string) error {
	opener, err := exec.LookPath("xdg-open")
	if err != nil {
		return err
	}
	cmd := exec.Command(opener, path)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // what has ended is forgotten
	return nil
}

// runs tells a file that may be executed.
func runs(info fs.FileInfo) bool { return info.Mode().Perm()&0o111 != 0 }

func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
