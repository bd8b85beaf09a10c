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
	process *process
	env     []string
}

// StartService makes a home for name and starts a service in it. extra are
// more variables for the service alone, as in CrashAt.
func (w *World) StartService(ctx context.Context, name string, extra ...string) (*Agent, error) {
	a := &Agent{
		Name: name, world: w,
		Home:   w.path("people", name),
		Socket: filepath.Join(w.sockets, name, "agent.sock"),
	}
	for _, dir := range []string{a.Work(), filepath.Dir(a.Socket)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	browser, err := w.browser(name)
	if err != nil {
		return nil, err
	}
	a.env = environ(
		"HOME="+a.Home, "XDG_RUNTIME_DIR="+filepath.Dir(a.Socket), "LANG=C.UTF-8", "BROWSER="+browser,
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", ipc.SocketEnv+"="+a.Socket,
	)
	if err := a.start(ctx, extra); err != nil {
		return nil, err
	}
	w.adopt(a)
	return a, nil
}

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
	return []string{"run", "--marketplace", a.world.MarketURL(), "--state", filepath.Join(a.Home, "state"), "--socket", a.Socket}
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
func (a *Agent) Stop() error { return a.process.stop() }

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
