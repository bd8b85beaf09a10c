package instances

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Asked gives a channel that is closed when Quit in another process, or the
// end of the session, asks this one to end.
func Asked(ctx context.Context) (<-chan struct{}, error) {
	asked, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(asked, stop)
	return asked.Done(), nil
}

// running finds the processes that run from a file, whatever became of it.
func running(file string) ([]process, error) {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return nil, err
	}
	var all []process
	for _, link := range links {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil || pid == os.Getpid() {
			continue
		}
		// Of another user's process the link cannot be read.
		if p := (linuxProcess{pid, file}); !p.gone() {
			all = append(all, p)
		}
	}
	return all, nil
}

// linuxProcess is a process and the file that it runs from.
type linuxProcess struct {
	pid  int
	file string
}

func (p linuxProcess) ask() error  { return syscall.Kill(p.pid, syscall.SIGTERM) }
func (p linuxProcess) kill() error { return syscall.Kill(p.pid, syscall.SIGKILL) }
func (p linuxProcess) close()      {}

// gone is also true of one whose number another program has by now.
func (p linuxProcess) gone() bool {
	exe, err := os.Readlink("/proc/" + strconv.Itoa(p.pid) + "/exe")
	return err != nil || strings.TrimSuffix(exe, " (deleted)") != p.file
}
