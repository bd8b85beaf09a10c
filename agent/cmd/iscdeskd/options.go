package main

import (
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/internal/daemon"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/assets/version"
)

// options are what the command line says.
type options struct {
	state, socket, marketplace, caFile, policy string
	system, service                            bool
	level                                      slog.Level
	// given are the flags that were on the command line, as they would be
	// written again.
	given []string
}

const usage = `iscdeskd [run] [flags]      serve until told to stop
iscdeskd install [flags]    make it a service of this machine; the flags are those of run
iscdeskd uninstall          stop it and take it off this machine; what it kept stays
iscdeskd start|stop|restart
iscdeskd status             0: it runs, 3: it does not, 4: it is not installed
iscdeskd state --help       what an uninstallation needs
iscdeskd version            print the version

Flags of run and install:
`

func parse(args []string) (options, error) {
	o := options{level: slog.LevelInfo}
	f := flag.NewFlagSet("iscdeskd", flag.ContinueOnError)
	f.Usage = func() {
		_, _ = fmt.Fprint(f.Output(), usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.state, "state", "", "folder of the service's state (default: $"+daemon.StateEnv+", or the system's or the user's state folder)")
	f.StringVar(&o.socket, "socket", "", "socket to answer on (default: $ISCDESK_SOCKET, or the system's or the user's runtime folder)")
	f.StringVar(&o.marketplace, "marketplace", "", "base URL of the marketplace (default: $"+daemon.MarketplaceEnv+")")
	f.StringVar(&o.caFile, "ca-file", "", "further certificate authorities for the marketplace, PEM (default: $"+daemon.CAFileEnv+")")
	f.StringVar(&o.policy, "policy", "", "policy file (default: the machine's policies)")
	f.BoolVar(&o.system, "system", false, "serve every user of the machine, not only the one that it runs as")
	f.BoolVar(&o.service, "service", false, "started by the service manager; nobody types this")
	f.TextVar(&o.level, "log-level", o.level, "least level of the log: debug, info, warn, error")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	f.Visit(func(one *flag.Flag) { o.given = append(o.given, "--"+one.Name+"="+one.Value.String()) })
	return o, nil
}

// config is how the daemon is set up, without what its surroundings add.
func (o options) config(log *logs.Log) daemon.Config {
	perUser := !o.system
	c := daemon.Config{
		State: o.state, Socket: o.socket, Marketplace: o.marketplace, CAFile: absolute(o.caFile), PolicyFile: absolute(o.policy), PerUser: perUser,
		Version: version.String(), Steps: steps(), Log: log.Logger,
	}
	c.Opened = func(state string) error {
		if err := log.Keep(state); err != nil { // a full disk is no reason not to serve
			log.Warn("the log is kept on standard error only", "err", err)
		}
		return nil
	}
	if c.State == "" {
		c.State = daemon.DefaultState(perUser)
	}
	if c.Socket == "" {
		c.Socket = daemon.DefaultSocket(perUser)
	}
	return c
}

// absolute is a path as it is from everywhere.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// serviceArgs is the command line of an installed service: what was given to
// install, and that it serves the machine. Every program can read a command
// line, so a password has no place there.
func (o options) serviceArgs() ([]string, error) {
	args := []string{"run", "--system"}
	for _, one := range o.given {
		name, value, _ := strings.Cut(one, "=")
		switch name {
		case "--system", "--service":
			continue
		case "--state", "--socket", "--ca-file", "--policy":
			value = absolute(value)
		}
		if _, rest, found := strings.Cut(value, "://"); found && strings.Contains(strings.SplitN(rest, "/", 2)[0], "@") {
			return nil, fmt.Errorf("%s: an address with a user or a password in it would be readable for everyone in the command line of the service", name)
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
			return nil, fmt.Errorf("%s: no line breaks or control characters", name)
		}
		args = append(args, name+"="+value)
	}
	return args, nil
}
