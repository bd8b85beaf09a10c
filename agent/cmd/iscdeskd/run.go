package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"iscdesk.dev/agent/internal/daemon"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/assets/version"
)

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
	case "install", "uninstall", "start", "stop", "restart", "status":
		return manage(os.Stdout, command, args)
	case daemon.HelperCommand:
		return daemon.Helper(context.Background(), args), nil
	case "run":
		return serve(args)
	default:
		return 2, fmt.Errorf("unknown command %q: see iscdeskd --help", command)
	}
}

// serve runs the daemon until it is told to stop.
func serve(args []string) (int, error) {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0, nil
	}
	if err != nil {
		return 2, err
	}
	log := logs.New(os.Stderr, o.level, o.alsoLogsTo()...)
	err = errors.Join(o.live(o.config(log)), log.Close())
	if err != nil {
		return 1, err
	}
	return 0, nil
}
