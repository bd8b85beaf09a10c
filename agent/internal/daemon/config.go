package daemon

import (
	"fmt"
	"log/slog"
	"net/url"

	"iscdesk.dev/agent/internal/server"
)

// Config is how one service is set up.
type Config struct {
	// State is the folder of everything that the service keeps.
	State string
	// Socket is where it answers.
	Socket string
	// Marketplace is the base URL of the marketplace.
	Marketplace string
	// CAFile holds further certificate authorities in PEM; empty: the system's
	// only.
	CAFile string
	// PerUser tells that the service runs for the user that it runs as, and
	// for nobody else; otherwise it serves every user of the machine.
	PerUser bool
	Version string
	Log     *slog.Logger
	// Opened, where not nil, hears the path of the state folder once it is held
	// and known to be nobody else's, before anything is read from it.
	Opened func(state string) error
	// Ready, where not nil, is called when the service answers on its socket.
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

// check says what is missing, and the way out.
func (c Config) check() error {
	switch {
	case c.Marketplace == "":
		return fmt.Errorf("no marketplace is configured: start iscdeskd with --marketplace https://…, or set %s (packages read it from /etc/iscdesk/iscdeskd.env)", MarketplaceEnv)
	case c.State == "":
		return fmt.Errorf("no state folder: start iscdeskd with --state FOLDER, or set %s", StateEnv)
	case c.Socket == "":
		return fmt.Errorf("no socket: start iscdeskd with --socket PATH, or set ISCDESK_SOCKET, XDG_RUNTIME_DIR or HOME")
	}
	u, err := url.Parse(c.Marketplace)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("%q is not the address of a marketplace: it looks like https://market.example.com", c.Marketplace)
	}
	return nil
}
