package helper

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"iscdesk.dev/agent/api"
)

// Main is the whole helper: args are the action and the order. It writes one
// Answer to stdout and returns the exit status: 0 if the action succeeded, 1
// if it did not, 2 if it was called wrongly.
func Main(ctx context.Context, stdin io.Reader, stdout io.Writer, args []string) int {
	log, err := run(ctx, stdin, args)
	answer := Answer{Error: api.AsError(err), Log: log}
	if werr := json.NewEncoder(stdout).Encode(answer); werr != nil {
		fmt.Fprintln(os.Stderr, "install-helper:", werr)
		return 1
	}
	switch {
	case err == nil:
		return 0
	case answer.Error.Code == api.InvalidArgument:
		return 2
	}
	fmt.Fprintln(os.Stderr, "install-helper:", err)
	return 1
}

func run(ctx context.Context, stdin io.Reader, args []string) (log string, err error) {
	if len(args) != 2 {
		return "", api.Fail(api.InvalidArgument, "argument", "arguments", "reason", "action and order are needed")
	}
	order, err := parseOrder(args[1])
	if err != nil {
		return "", err
	}
	action := Action(args[0])
	if action != Install && action != Uninstall {
		return "", api.Fail(api.InvalidArgument, "argument", "action", "reason", args[0])
	}
	prepare()
	p, err := openPlace(order.Product)
	if err != nil {
		return "", err
	}
	defer p.close()
	if action == Uninstall {
		return p.log, p.uninstall(ctx, order)
	}
	return p.log, p.install(ctx, order, stdin)
}
