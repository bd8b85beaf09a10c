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
	answer, err := run(ctx, stdin, args)
	answer.Error = api.AsError(err)
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

func run(ctx context.Context, stdin io.Reader, args []string) (answer Answer, err error) {
	if len(args) != 2 {
		return answer, api.Fail(api.InvalidArgument, "argument", "arguments", "reason", "action and order are needed")
	}
	order, err := parseOrder(args[1])
	if err != nil {
		return answer, err
	}
	action := Action(args[0])
	if action != Install && action != Uninstall {
		return answer, api.Fail(api.InvalidArgument, "argument", "action", "reason", args[0])
	}
	prepare()
	p, err := openPlace(order.Product)
	if err != nil {
		return answer, err
	}
	defer p.close()
	if action == Uninstall {
		err = p.uninstall(ctx, order)
	} else {
		err = p.install(ctx, order, stdin)
	}
	p.describe(&answer)
	return answer, err
}
