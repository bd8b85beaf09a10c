package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/agenttest"
)

// machine is a fresh Windows in a folder.
type machine struct {
	agenttest.Wine
	dir, log string // its folder; the log of the last run of msiexec
	env      []string
	out      io.Writer
}

func newMachine(ctx context.Context, o options, dir string, screen *display, out io.Writer) (*machine, error) {
	m := &machine{
		Wine: agenttest.Wine{Runner: o.wine, Prefix: filepath.Join(dir, "prefix")},
		dir:  dir, log: filepath.Join(dir, "msiexec.log"), out: out,
	}
	m.env = append(os.Environ(), screen.env, "WINEPREFIX="+m.Prefix, "LANG=C.UTF-8")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := m.runner(ctx, "--new-prefix", m.Prefix); err != nil {
		return nil, err
	}
	return m, m.boot(ctx)
}

func (m *machine) runner(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, m.Runner, args...)
	cmd.Env = m.env
	if said, err := m.finish(cmd); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", m.Runner, strings.Join(args, " "), err, said)
	}
	return nil
}

// finish runs a program and gives what it printed; what it complained of is in
// the error, where it failed. Both go through files: a pipe would stay open in the
// servers that the program leaves behind. Wine complains of its own at times.
func (m *machine) finish(cmd *exec.Cmd) (string, error) {
	out, err := os.Create(filepath.Join(m.dir, "out"))
	if err != nil {
		return "", err
	}
	defer func() { _ = out.Close() }()
	complaints, err := os.Create(filepath.Join(m.dir, "complaints"))
	if err != nil {
		return "", err
	}
	defer func() { _ = complaints.Close() }()
	cmd.Stdout, cmd.Stderr = out, complaints
	ran := cmd.Run()
	said, err := os.ReadFile(out.Name())
	if ran != nil {
		complained, err2 := os.ReadFile(complaints.Name())
		err = errors.Join(fmt.Errorf("%w: %s", ran, complained), err, err2)
	}
	return string(said), err
}

// boot keeps Windows running between two programs.
func (m *machine) boot(ctx context.Context) error { return m.runner(ctx, "--server", "-p") }

// halt ends Windows, and writes its registry to the disk.
func (m *machine) halt() error {
	ctx := context.Background()
	_ = m.runner(ctx, "--server", "-k") // fails where Windows does not run
	return m.runner(ctx, "--server", "-w")
}

// path is where a file of C:\ is.
func (m *machine) path(parts ...string) string {
	return filepath.Join(append([]string{m.Drive()}, parts...)...)
}

// run runs a program, or a command of Windows, with more variables and gives
// what it printed.
func (m *machine) run(ctx context.Context, extra []string, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, m.Runner, append([]string{program}, args...)...)
	if filepath.IsAbs(program) {
		cmd = m.Command(ctx, program, args...)
	}
	cmd.Env = append(append([]string{}, m.env...), extra...)
	return m.finish(cmd)
}

// installDir is the folder that the administrator chooses: a blank, and
// letters outside the code page.
const installDir = `C:\软件 目录`

// msiexec runs Windows Installer silently, from a batch file as administrators
// do. What is not ASCII is a variable in it: Wine reads batch files in one code page.
func (m *machine) msiexec(ctx context.Context, line string) error {
	batch := filepath.Join(m.dir, "install.cmd")
	line = "@msiexec " + line + " /qn /norestart /l*v " + m.Path(m.log) + "\r\n"
	if err := os.WriteFile(batch, []byte(line), 0o600); err != nil {
		return err
	}
	_, _ = fmt.Fprint(m.out, "   ", line)
	cmd := exec.CommandContext(ctx, m.Runner, "cmd", "/c", m.Path(batch))
	cmd.Env = append(append([]string{}, m.env...), "FOLDER="+installDir, "ODD="+odd)
	if said, err := m.finish(cmd); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}

// logs is the end of what Windows Installer and the service wrote.
func (m *machine) logs() string {
	var b strings.Builder
	for _, path := range []string{m.log, m.path("ProgramData", "iscdesk", "log", "iscdeskd.log")} {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		lines := strings.Split(strings.ReplaceAll(string(content), "\x00", ""), "\n")
		_, _ = fmt.Fprintf(&b, "--- %s\n%s\n", path, strings.Join(lines[max(0, len(lines)-25):], "\n"))
	}
	return b.String()
}
