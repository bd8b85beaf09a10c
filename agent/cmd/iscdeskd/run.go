package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/kardianos/service"

	"iscdesk.dev/agent/internal/daemon"
	"iscdesk.dev/assets/version"
)

// options are what the command line says.
type options struct {
	state, socket, marketplace, caFile string
	system                             bool
	level                              slog.Level
}

// run gives the exit status.
func run(args []string) (int, error) {
	command := "run"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	switch command {
	case "version":
		fmt.Println("iscdeskd", version.String())
		return 0, nil
	case "state":
		return state(context.Background(), os.Stdout, args)
	case daemon.HelperCommand:
		return daemon.Helper(context.Background(), args), nil
	case "run":
	default:
		return 2, fmt.Errorf("unknown command %q: it is run or version", command)
	}
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0, nil
	}
	if err != nil {
		return 2, err
	}
	if err := serve(o.config()); err != nil {
		return 1, err
	}
	return 0, nil
}

func parse(args []string) (options, error) {
	o := options{level: slog.LevelInfo}
	f := flag.NewFlagSet("iscdeskd", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprint(f.Output(), "iscdeskd [run] [flags]  serve until SIGTERM\niscdeskd version        print the version\n\nFlags of run:\n")
		f.PrintDefaults()
	}
	f.StringVar(&o.state, "state", "", "folder of the service's state (default: $"+daemon.StateEnv+", or the system's or the user's state folder)")
	f.StringVar(&o.socket, "socket", "", "socket to answer on (default: $ISCDESK_SOCKET, or the system's or the user's runtime folder)")
	f.StringVar(&o.marketplace, "marketplace", os.Getenv(daemon.MarketplaceEnv), "base URL of the marketplace (default: $"+daemon.MarketplaceEnv+")")
	f.StringVar(&o.caFile, "ca-file", os.Getenv(daemon.CAFileEnv), "further certificate authorities for the marketplace, PEM (default: $"+daemon.CAFileEnv+")")
	f.BoolVar(&o.system, "system", false, "serve every user of the machine, not only the one that it runs as")
	f.TextVar(&o.level, "log-level", o.level, "least level of the log on standard error: debug, info, warn, error")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return o, nil
}

func (o options) config() daemon.Config {
	perUser := !o.system
	c := daemon.Config{
		State: o.state, Socket: o.socket, Marketplace: o.marketplace, CAFile: o.caFile, PerUser: perUser,
		Version: version.String(), Steps: steps(),
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: o.level})),
	}
	if c.State == "" {
		c.State = daemon.DefaultState(perUser)
	}
	if c.Socket == "" {
		c.Socket = daemon.DefaultSocket(perUser)
	}
	return c
}

// serve runs under the service manager, or in the foreground where there is
// none. A signal counts from the first moment on.
func serve(cfg daemon.Config) error {
	p := &program{cfg: cfg, ended: make(chan struct{})}
	p.ctx, p.cancel = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer p.cancel()
	s, err := service.New(p, &service.Config{
		Name: "iscdeskd", DisplayName: "iscdesk",
		Description: "Licences and cloud documents for engineering applications",
		Option:      service.KeyValue{"RunWait": p.wait},
	})
	if err != nil {
		return err
	}
	if err := s.Run(); err != nil {
		return err
	}
	return p.err
}
