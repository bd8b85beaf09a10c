//go:build !linux && !windows

package app

import (
	"context"
	"os"
	"os/exec"
	"os/user"

	"iscdesk.dev/agent/api"
)

func ownProgram() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// become has nothing to change where the service runs as the user himself.
func become(*exec.Cmd, OSUser) (done func(), err error) { return func() {}, nil }

// LookupUser knows the user himself only: running as another user needs his
// token, which a service of the machine does not have here.
func LookupUser(_ context.Context, key string) (OSUser, error) {
	u, err := user.Current()
	if err != nil {
		return OSUser{}, api.Fail(api.Internal).Because(err)
	}
	if key != u.Uid {
		return OSUser{}, api.Fail(api.Unsupported, "what", "installing for another user")
	}
	return OSUser{Name: u.Username, Home: u.HomeDir}, nil
}
