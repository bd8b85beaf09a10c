package daemon

import (
	"fmt"
	"log/slog"

	"iscdesk.dev/agent/internal/policy"
	"iscdesk.dev/agent/internal/server"
)

// Config is how one service is set up.
type Config struct {
	// State is the folder of everything that the service keeps.
	State string
	// Socket is where it answers.
	Socket string
	// Marketplace and CAFile are what the command line says of these settings.
	// They count as the policy package orders its sources.
	Marketplace, CAFile string
	// PolicyFile is the policy file; empty: the machine's policies. Tests name
	// one, so that they do not follow the machine's.
	PolicyFile string
	// PerUser tells that the service runs for the user that it runs as, and
	// for nobody else; otherwise it serves every user of the machine.
	PerUser bool
	Version string
	Log     *slog.Logger
	// Opened, where not nil, hears the path of the state folder once it is held
	// and known to be nobody else's, before anything is read from it.
	Opened func(state string) error
	// Ready, where not nil, is called once, when the service answers on its socket.
	Ready func()
	// Resumed, where not nil, gets a message each time that the system says that
	// the machine slept. Sleep that nobody tells of is noticed all the same,
	// only later on some systems.
	Resumed <-chan struct{}
	// Steps, where not nil, hears the steps of every save. Crash tests use it.
	Steps func(step string)
	// Limits hold peers in check; the zero value: the server's own.
	Limits server.Limits
}

// check says what is missing, and the way out. A marketplace may be missing:
// the service starts, says so, and goes to work when a policy names one.
func (c Config) check() error {
	switch {
	case c.State == "":
		return fmt.Errorf("no state folder: start iscdeskd with --state FOLDER, or set %s", StateEnv)
	case c.Socket == "":
		return fmt.Errorf("no socket: start iscdeskd with --socket PATH, or set ISCDESK_SOCKET, XDG_RUNTIME_DIR or HOME")
	}
	return nil
}

// places are where this service takes its settings from.
func (c Config) places() policy.Places {
	return policy.Places{
		File: c.PolicyFile, Own: c.PerUser,
		Flags: map[string]string{"marketplace": c.Marketplace, "ca_file": c.CAFile},
	}
}
