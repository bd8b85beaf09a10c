package daemon

import (
	"context"
	"os"

	"iscdesk.dev/agent/internal/app"
	"iscdesk.dev/agent/internal/statepath"
	"iscdesk.dev/agent/ipc"
)

// The environment variables that set the service up; its flags go before
// them.
const (
	StateEnv       = statepath.Env
	MarketplaceEnv = "ISCDESK_MARKETPLACE"
	CAFileEnv      = "ISCDESK_CA_FILE"
)

// DefaultState is the state folder of the machine's service, or of the user's
// own.
func DefaultState(perUser bool) string { return statepath.Default(perUser) }

// DefaultSocket is where the machine's service answers, or the user's own.
func DefaultSocket(perUser bool) string {
	if path := os.Getenv(ipc.SocketEnv); path != "" {
		return path
	}
	if perUser {
		return ipc.UserPath()
	}
	return ipc.SystemPath()
}

// HelperCommand is the command of iscdeskd that runs install scripts with the
// rights of a user, and Helper what it does.
const HelperCommand = app.HelperCommand

// Helper runs what follows HelperCommand and gives the exit status.
func Helper(ctx context.Context, args []string) int {
	return app.HelperMain(ctx, os.Stdin, os.Stdout, args)
}
