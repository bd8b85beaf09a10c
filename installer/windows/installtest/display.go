package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// display is a screen in memory, for the windows of the tray app.
type display struct {
	server *exec.Cmd
	env    string
}

// startDisplay lets the X server choose a free number and tell it when it is
// ready.
func startDisplay(ctx context.Context) (*display, error) {
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = told.Close() }()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.ExtraFiles = []*os.File{tell}
	err = cmd.Start()
	if err := errors.Join(err, tell.Close()); err != nil {
		return nil, fmt.Errorf("starting Xvfb: %w", err)
	}
	number, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting Xvfb: %w", err), cmd.Wait())
	}
	return &display{cmd, "DISPLAY=:" + strings.TrimSpace(number)}, nil
}

// await waits until a window with the name is seen.
func (d *display) await(ctx context.Context, name string) error {
	cmd := exec.CommandContext(ctx, "xdotool", "search", "--sync", "--onlyvisible", "--name", name)
	cmd.Env = append(os.Environ(), d.env)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("no window %q: %w: %s", name, err, out)
	}
	return nil
}

func (d *display) close() {
	_ = d.server.Cancel()
	_ = d.server.Wait() // its end is that of the signal
}
