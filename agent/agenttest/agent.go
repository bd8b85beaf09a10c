package agenttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/ipc"
)

// The people of the sample tenant.
const (
	Engineer  = "engineer"
	Colleague = "colleague"
)

// Agent is one person's machine: a home of his own and the service in it.
type Agent struct {
	Name   string
	Home   string
	Socket string

	world   *World
	process *process // nil for a user of the machine's service
	env     []string
	uid     int  // user of the operating system; 0: the one of this process
	system  bool // the service serves the whole machine
}

// StartService makes a home for name and starts a service in it. extra are
// more variables for the service alone, as in CrashAt.
func (w *World) StartService(ctx context.Context, name string, extra ...string) (*Agent, error) {
	a := &Agent{
		Name: name, world: w,
		Home:   w.path("people", name),
		Socket: filepath.Join(w.sockets, name, "agent.sock"),
	}
	if err := os.MkdirAll(filepath.Dir(a.Socket), 0o700); err != nil {
		return nil, err
	}
	if err := a.furnish(); err != nil {
		return nil, err
	}
	if err := a.start(ctx, extra); err != nil {
		return nil, err
	}
	w.adopt(a)
	return a, nil
}

// furnish makes the person's home, with a browser that signs him in.
func (a *Agent) furnish() error {
	if err := os.MkdirAll(a.Work(), 0o700); err != nil {
		return err
	}
	content, err := os.ReadFile(a.world.AccountsFile())
	if err != nil {
		return err
	}
	accounts := filepath.Join(a.Home, "accounts.json")
	if err := os.WriteFile(accounts, content, 0o600); err != nil {
		return err
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %s demo-browser \"$1\" --accounts %s --user %s >>%s 2>&1\n",
		shellQuote(a.world.Bin.Market), shellQuote(accounts), shellQuote(a.Name), shellQuote(a.browserLog()))
	if err := os.WriteFile(a.Browser(), []byte(script), 0o700); err != nil { // a script has to be executable
		return err
	}
	a.env = environ(
		"HOME="+a.Home, "XDG_RUNTIME_DIR="+filepath.Dir(a.Socket), "LANG=C.UTF-8", "BROWSER="+a.Browser(),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", ipc.SocketEnv+"="+a.Socket,
	)
	return nil
}

// Browser is a program that opens an address and signs the person in there.
func (a *Agent) Browser() string { return filepath.Join(a.Home, "browser") }

func (a *Agent) browserLog() string { return filepath.Join(a.Home, "browser.log") }

// Work is the folder in which the person works.
func (a *Agent) Work() string { return filepath.Join(a.Home, "work") }

// Env is the environment of the person's programs.
func (a *Agent) Env() []string { return a.env }

// LogFile is what the service wrote.
func (a *Agent) LogFile() string { return a.world.logPath("iscdeskd-" + a.Name) }

func (a *Agent) start(ctx context.Context, extra []string) error {
	env := append(append([]string{}, a.env...), extra...)
	p, err := start("iscdeskd of "+a.Name, a.LogFile(), env, a.world.Bin.Service, a.serviceArgs()...)
	if err != nil {
		return err
	}
	if err := awaitChange(ctx, filepath.Dir(a.Socket), p, func() bool { return answers(ctx, a.Socket) }); err != nil {
		return errors.Join(err, p.kill())
	}
	a.process = p
	return nil
}

func (a *Agent) serviceArgs() []string {
	args := []string{"run", "--marketplace", a.world.MarketURL(), "--state", filepath.Join(a.Home, "state"), "--socket", a.Socket}
	if a.system {
		args = append(args, "--system")
	}
	return args
}

// answers tells whether somebody listens on a socket.
func answers(ctx context.Context, socket string) bool {
	c, err := ipc.Dial(ctx, socket)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// Kill ends the service at once, as a power cut would.
func (a *Agent) Kill() error { return a.process.kill() }

// Stop asks the service to end.
func (a *Agent) Stop() error {
	if a.process == nil {
		return nil
	}
	return a.process.stop()
}

// AwaitDeath waits until the service ends by itself.
func (a *Agent) AwaitDeath(ctx context.Context) error {
	if err := a.process.awaitEnd(ctx); err != nil {
		return err
	}
	return a.process.close()
}

// Restart starts the service again in the same home; it must have ended.
func (a *Agent) Restart(ctx context.Context, extra ...string) error {
	if !a.process.ended() {
		return fmt.Errorf("the service of %s still runs", a.Name)
	}
	return a.start(ctx, extra)
}

// PID is the process id of the service.
func (a *Agent) PID() int { return a.process.cmd.Process.Pid }
