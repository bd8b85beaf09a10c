package agenttest

import (
	"context"
	"os/exec"
	"path/filepath"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
)

// Platform is the system that the people's programs run on. The marketplace
// and the vendor run on the system of this process in any case.
type Platform interface {
	// Command prepares a program of the platform. The process that it starts is
	// the program itself: to kill it is to kill the program.
	Command(ctx context.Context, program string, args ...string) *exec.Cmd
	// Path is how programs of the platform spell a path of this process.
	Path(path string) string
	// socket is where the service of the agent answers. It makes the folder that
	// this needs.
	socket(a *Agent) (string, error)
	// work is the folder in which a person works, for his home.
	work(home string) string
	// browser makes a program that signs the person in, and gives what BROWSER
	// says to have it started.
	browser(a *Agent) (string, error)
	// environ is what the programs of the agent find in their environment beside
	// what is the same everywhere.
	environ(a *Agent) []string
	// watch calls seen with the messages of the service's watch, the whole state
	// first, until it says true.
	watch(ctx context.Context, a *Agent, seen func(api.WatchMessage) bool) error
}

// native is the system of this process.
type native struct{}

// Command implements Platform.
func (native) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, program, args...)
}

// Path implements Platform.
func (native) Path(path string) string { return path }

func (native) work(home string) string { return filepath.Join(home, "work") }

func (native) watch(ctx context.Context, a *Agent, seen func(api.WatchMessage) bool) error {
	c := client.New(a.Socket)
	defer c.Close()
	watch, err := c.Watch(ctx)
	if err != nil {
		return err
	}
	defer watch.Close()
	for {
		m, err := watch.Next(ctx)
		if err != nil || seen(m) {
			return err
		}
	}
}
