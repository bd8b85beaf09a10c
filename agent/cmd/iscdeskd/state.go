package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"iscdesk.dev/agent/internal/daemon"
)

const stateUsage = `iscdeskd state list [flags]        the saves that are on this machine and not in the cloud
iscdeskd state set-aside [flags]   gather them in STATE/unpublished, which is all that a purge leaves
iscdeskd state clear [flags]       delete the state, but for them; with --all them too

For installers, while the service is stopped. Flags:
`

// state looks after the state folder of a service that does not run: what an
// uninstallation asks for. It gives the exit status.
func state(ctx context.Context, out io.Writer, args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("say list, set-aside or clear: iscdeskd state --help")
	}
	verb, args := args[0], args[1:]
	if verb == "--help" || verb == "-h" {
		verb, args = "list", []string{"--help"}
	}
	f := flag.NewFlagSet("iscdeskd state", flag.ContinueOnError)
	f.SetOutput(out)
	f.Usage = func() {
		_, _ = fmt.Fprint(out, stateUsage)
		f.PrintDefaults()
	}
	dir := f.String("state", "", "folder of the service's state (default: as for run)")
	system := f.Bool("system", false, "the state of the machine's service, not the user's own")
	all := f.Bool("all", false, "with clear: delete unpublished work too")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0, nil
	} else if err != nil {
		return 2, err
	}
	if f.NArg() > 0 {
		return 2, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if *dir == "" {
		*dir = daemon.DefaultState(!*system)
	}
	return stateVerb(ctx, out, verb, *dir, *all)
}

func stateVerb(ctx context.Context, out io.Writer, verb, dir string, all bool) (status int, err error) {
	var left []daemon.Unpublished
	switch verb {
	case "list":
		left, err = daemon.ListUnpublished(ctx, dir)
	case "set-aside":
		left, err = daemon.SetAside(ctx, dir)
	case "clear":
		left, err = daemon.Clear(ctx, dir, all)
		if err == nil && len(left) > 0 {
			err = noticeKept(dir, len(left))
		}
	default:
		return 2, fmt.Errorf("unknown command %q: it is list, set-aside or clear", verb)
	}
	if err != nil {
		return 1, err
	}
	if len(left) > 0 {
		_, _ = fmt.Fprintf(out, "iscdesk: %d saves in %s are not in the cloud:\n", len(left), dir)
	}
	for _, u := range left {
		_, _ = fmt.Fprint(out, u)
	}
	return 0, nil
}
