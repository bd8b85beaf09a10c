package agenttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// endWait is how long a process may take to end after it was asked to.
const endWait = 10 * time.Second

// process is a running program whose output goes to a log file.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *os.File

	waited sync.WaitGroup
	done   chan struct{} // closed when it has ended
	err    error         // how, after done
}

// start runs a program. What it prints is appended to the file logPath.
func start(name, logPath string, cmd *exec.Cmd) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: cmd, log: log, done: make(chan struct{})}
	prepare(p.cmd)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), log.Close())
	}
	p.waited.Go(func() {
		p.err = p.cmd.Wait()
		close(p.done)
	})
	return p, nil
}

// stop asks the process to end, and kills it when it does not.
func (p *process) stop() error {
	if p.ended() {
		return p.close()
	}
	if err := interrupt(p.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(endWait)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.close()
	case <-timer.C:
		return errors.Join(fmt.Errorf("%s did not end within %s and was killed", p.name, endWait), p.kill())
	}
}

// kill ends the process at once, without a chance to tidy up.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	return p.close()
}

func (p *process) close() error {
	p.waited.Wait()
	if err := p.log.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// awaitEnd waits until the process ends by itself.
func (p *process) awaitEnd(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s still runs: %w", p.name, ctx.Err())
	}
}

// tail is the end of a log file, at most lines lines.
func tail(path string, lines int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	const most = 64 << 10
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	content, _ := io.ReadAll(io.LimitReader(f, most)) // what could be read is better than nothing
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
