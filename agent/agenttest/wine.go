package agenttest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"iscdesk.dev/agent/api"
)

// pipePrefix begins the names of the pipes that services of tests answer on.
const pipePrefix = `\\.\pipe\iscdesk-test-`

// Wine is Windows as Wine gives it, beside this system: its programs see the
// same files under other names, and the same network.
type Wine struct {
	// Runner is the program that runs a Windows program: '.ci/wine'.
	Runner string
	// Prefix is the folder in which the Windows is, with its drive C:.
	Prefix string
}

// Drive is the folder that the programs know as C:\.
func (w Wine) Drive() string { return filepath.Join(w.Prefix, "drive_c") }

// Command implements Platform.
func (w Wine) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, w.Runner, append([]string{w.Path(program)}, args...)...)
}

// Path implements Platform: what is on drive C: is named there, everything
// else is on drive Z:.
func (w Wine) Path(path string) string {
	drive, rest := "Z:", path
	if inside, ok := strings.CutPrefix(path, w.Drive()+"/"); ok {
		drive, rest = "C:", "/"+inside
	}
	return drive + strings.ReplaceAll(rest, "/", `\`)
}

func (w Wine) socket(a *Agent) (string, error) {
	return pipePrefix + filepath.Base(w.Prefix) + "-" + a.Name, nil
}

// work is a folder as engineers in China have it: outside the code page of
// other languages, with a blank.
func (w Wine) work(home string) string { return filepath.Join(home, "项目", "装配 体") }

// browser is a command line in BROWSER itself: a batch file would take the
// address apart at every &. No path in it may hold a blank.
func (w Wine) browser(a *Agent) (string, error) {
	words := a.signsIn("%s")
	words[0] = w.Path(filepath.Join(filepath.Dir(a.world.Bin.Service), "iscmarket.exe"))
	for i, word := range words {
		if filepath.IsAbs(word) {
			words[i] = w.Path(word)
		}
	}
	line := strings.Join(words, " ")
	if len(strings.Fields(line)) != len(words) {
		return "", fmt.Errorf("a path with a blank: %s", line)
	}
	return line, nil
}

func (w Wine) environ(*Agent) []string { return []string{"WINEPREFIX=" + w.Prefix, "LANG=C.UTF-8"} }

// watch is made of 'iscdesk events' and 'iscdesk status', because no program
// of this system can reach a pipe of Wine's: the state is asked for at first
// and after every event.
func (w Wine) watch(ctx context.Context, a *Agent, seen func(api.WatchMessage) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := a.Command(ctx, "events", "--follow", "--json")
	cmd.WaitDelay = endWait
	lines, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write // 'Watching.' comes as a line on standard error
	if err := cmd.Start(); err != nil {
		return err
	}
	var waiting sync.WaitGroup
	waiting.Go(func() { _ = write.CloseWithError(cmd.Wait()) })
	defer func() {
		cancel()
		_ = lines.Close()
		waiting.Wait()
	}()
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		var state api.State
		if err := a.Ask(ctx, &state, "status"); err != nil {
			return err
		}
		if seen(api.WatchMessage{State: &state}) {
			return nil
		}
	}
	return errors.Join(errors.New("'iscdesk events' ended"), ctx.Err())
}
