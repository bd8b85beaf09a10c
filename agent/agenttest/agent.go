package agenttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

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
	a := &Agent{Name: name, world: w, Home: w.path("people", name)}
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
	if err := os.WriteFile(a.accounts(), content, 0o600); err != nil {
		return err
	}
	if a.Socket == "" {
		if a.Socket, err = a.platform().socket(a); err != nil {
			return err
		}
	}
	browser, err := a.platform().browser(a)
	if err != nil {
		return err
	}
	a.env = append(environ(a.platform().environ(a)...), "BROWSER="+browser, ipc.SocketEnv+"="+a.Socket,
		"ISCDESK_POLICY_FILE="+a.platform().Path(a.PolicyFile()))
	return nil
}

func (a *Agent) platform() Platform { return a.world.platform }

func (a *Agent) accounts() string { return filepath.Join(a.Home, "accounts.json") }

// signsIn is the command line of a program that signs the person in on the
// page at address.
func (a *Agent) signsIn(address string) []string {
	return []string{a.world.Bin.Market, "demo-browser", address, "--accounts", a.accounts(), "--user", a.Name}
}

// Browse signs the person in on the page at address, as another device of his
// would.
func (a *Agent) Browse(ctx context.Context, address string) error {
	argv := a.signsIn(address)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = environ()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("browser: %w\n%s", err, out)
	}
	return nil
}

// Work is the folder in which the person works.
func (a *Agent) Work() string { return a.platform().work(a.Home) }

// Path is how the person's programs spell a path of this process.
func (a *Agent) Path(path string) string { return a.platform().Path(path) }

// Env is the environment of the person's programs.
func (a *Agent) Env() []string { return a.env }

// LogFile is what the service wrote.
func (a *Agent) LogFile() string { return a.world.logPath("iscdeskd-" + a.Name) }

func (a *Agent) start(ctx context.Context, extra []string) error {
	said, err := os.ReadFile(a.LogFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	cmd := a.platform().Command(context.WithoutCancel(ctx), a.world.Bin.Service, a.serviceArgs()...) // ended by stop and kill
	cmd.Env = append(slices.Clone(a.env), extra...)
	p, err := start("iscdeskd of "+a.Name, a.LogFile(), cmd)
	if err != nil {
		return err
	}
	if err := awaitChange(ctx, filepath.Dir(a.LogFile()), p, func() bool { return a.answers(len(said)) }); err != nil {
		return errors.Join(err, p.kill())
	}
	a.process = p
	return nil
}

// answers tells whether the service has said so since its log was so long.
func (a *Agent) answers(before int) bool {
	said, err := os.ReadFile(a.LogFile())
	return err == nil && bytes.Contains(said[min(before, len(said)):], []byte("iscdeskd answers"))
}

// PolicyFile is the policy file of the person's service, which a test may
// write. The machine's own policies do not reach into a test.
func (a *Agent) PolicyFile() string { return filepath.Join(a.Home, "policy.toml") }

func (a *Agent) serviceArgs() []string {
	state := a.platform().Path(filepath.Join(a.Home, "state"))
	args := []string{
		"run", "--marketplace", a.world.MarketURL(), "--state", state, "--socket", a.Socket,
		"--policy", a.platform().Path(a.PolicyFile()),
	}
	if a.system {
		args = append(args, "--system")
	}
	return args
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
