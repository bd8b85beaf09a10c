package sdkbridge

import (
	"context"
	"time"

	"iscdesk.dev/agent/ipc"
)

// CheckEnvironment tells whether a service listens on the local socket that is
// this user's own or the machine's. It takes a second at most.
func CheckEnvironment(getenv func(string) string) error {
	path := getenv(ipc.SocketEnv)
	if path == "" {
		path = ipc.DefaultPath()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c, err := ipc.Dial(ctx, path)
	if err != nil {
		return err
	}
	return c.Close()
}
