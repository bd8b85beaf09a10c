package guitest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// endWait is how long a process may take to end after it was asked to.
const endWait = 10 * time.Second

// Desktop is a display with a window manager and a session bus, and nobody
// else on it.
type Desktop struct {
	Dir string
	// Width and Height are those of the screen, in pixels.
	Width, Height int

	display string
	bus     string
	running []*exec.Cmd
}

// StartDesktop starts a display. What its programs keep goes below dir; with
// panel there is a panel that shows tray icons.
func StartDesktop(ctx context.Context, dir string, width, height int, panel bool) (*Desktop, error) {
	d := &Desktop{Dir: dir, Width: width, Height: height}
	err := d.start(ctx, panel)
	if err != nil {
		err = errors.Join(err, d.Close())
	}
	return d, err
}

func (d *Desktop) start(ctx context.Context, panel bool) error {
	for _, folder := range []string{d.runtime(), d.config()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if err := d.startScreen(ctx); err != nil {
		return err
	}
	if err := d.startBus(ctx); err != nil {
		return err
	}
	if _, err := d.Start(ctx, "openbox"); err != nil {
		return err
	}
	if panel {
		return d.startPanel(ctx)
	}
	return nil
}

// startScreen lets the X server choose a free number and tell it when it is
// ready.
func (d *Desktop) startScreen(ctx context.Context) error {
	told, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = told.Close() }()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0",
		fmt.Sprintf("%dx%dx24", d.Width, d.Height), "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{tell}
	err = d.run(cmd, "xvfb.log")
	if closeErr := tell.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	number, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		return fmt.Errorf("display: %w\n%s", err, d.Log("xvfb.log"))
	}
	d.display = ":" + strings.TrimSpace(number)
	return nil
}

func (d *Desktop) startBus(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "dbus-daemon", "--session", "--nofork", "--print-address=1")
	cmd.Env = d.Env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := d.run(cmd, "dbus.log"); err != nil {
		return err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("dbus-daemon: %w\n%s", err, d.Log("dbus.log"))
	}
	d.bus = strings.TrimSpace(address)
	return nil
}

func (d *Desktop) config() string  { return filepath.Join(d.Dir, "config") }
func (d *Desktop) runtime() string { return filepath.Join(d.Dir, "run") }

// Env is what programs on this desktop find in their environment.
func (d *Desktop) Env() []string {
	return append(d.Session(), "HOME="+d.Dir, "PATH="+os.Getenv("PATH"), "XDG_CONFIG_HOME="+d.config(), "XDG_RUNTIME_DIR="+d.runtime())
}

// Session is the part of it that makes this the desktop of a program.
func (d *Desktop) Session() []string {
	env := []string{"DISPLAY=" + d.display, "XDG_CURRENT_DESKTOP=XFCE", "LANG=en_US.UTF-8", "NO_AT_BRIDGE=1", "TZ=UTC"}
	if d.bus != "" {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+d.bus)
	}
	return env
}

// Start starts a program on the desktop; what it prints goes to a log beside
// the others.
func (d *Desktop) Start(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = d.Env()
	return cmd, d.run(cmd, filepath.Base(name)+".log")
}

func (d *Desktop) run(cmd *exec.Cmd, log string) error {
	out, err := os.OpenFile(filepath.Join(d.Dir, log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // the program has its own
	if cmd.Stdout == nil {
		cmd.Stdout = out
	}
	cmd.Stderr = out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = endWait
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w (installed by .ci/install-deps test)", cmd.Path, err)
	}
	d.running = append(d.running, cmd)
	return nil
}

// Log is the end of what a program of the desktop wrote.
func (d *Desktop) Log(name string) string {
	content, err := os.ReadFile(filepath.Join(d.Dir, name))
	if err != nil {
		return err.Error()
	}
	const most = 4000
	return string(content[max(0, len(content)-most):])
}

// Screenshot writes the whole screen as a PNG.
func (d *Desktop) Screenshot(ctx context.Context, file string) error {
	return d.tool(ctx, nil, "import", "-window", "root", file)
}

// tool runs a program to its end; out gets what it prints.
func (d *Desktop) tool(ctx context.Context, out *string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = d.Env()
	content, err := cmd.CombinedOutput()
	if out != nil {
		*out = strings.TrimSpace(string(content))
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, content)
	}
	return nil
}

// window finds a window of the window system by its title, and brings it to
// the front.
func (d *Desktop) window(ctx context.Context, title string) (string, error) {
	var found string
	if err := d.tool(ctx, &found, "xdotool", "search", "--sync", "--onlyvisible", "--name", title); err != nil {
		return "", err
	}
	ids := strings.Fields(found)
	id := ids[len(ids)-1]
	if _, err := strconv.Atoi(id); err != nil {
		return "", fmt.Errorf("xdotool search: %s", found)
	}
	return id, d.tool(ctx, nil, "xdotool", "windowactivate", "--sync", id)
}

// Close ends everything on the desktop, newest first.
func (d *Desktop) Close() error {
	var all error
	for len(d.running) > 0 {
		cmd := d.running[len(d.running)-1]
		d.running = d.running[:len(d.running)-1]
		all = errors.Join(all, end(cmd))
	}
	return all
}

// end asks a process to end and waits for it; how it ends does not matter.
func end(cmd *exec.Cmd) error {
	if cmd.ProcessState != nil {
		return nil
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	kill := time.AfterFunc(endWait, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if err := cmd.Wait(); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) && !errors.Is(err, exec.ErrWaitDelay) && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return nil
}

// AwaitActive waits until the window of that title has the keyboard.
func (d *Desktop) AwaitActive(ctx context.Context, title string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xprop", "-root", "-spy", "_NET_ACTIVE_WINDOW")
	cmd.Env = d.Env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // it was killed
	}()
	var name string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		_, id, _ := strings.Cut(lines.Text(), "# ")
		if err := d.tool(ctx, &name, "xdotool", "getwindowname", id); err == nil && name == title {
			return nil
		}
	}
	return fmt.Errorf("%q has the keyboard, not %q", name, title)
}

// Maximize gives a window the whole screen.
func (d *Desktop) Maximize(ctx context.Context, title string) error {
	id, err := d.window(ctx, titled(title))
	if err != nil {
		return err
	}
	return d.tool(ctx, nil, "xdotool", "windowmove", "--sync", id, "0", "0", "windowsize", "--sync", id, strconv.Itoa(d.Width), strconv.Itoa(d.Height))
}
