package ipc

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// Dial connects to the service at path and makes sure that it is ours before
// anything is said. The service may find out who we are, and nothing more.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	if err := checkPath(path); err != nil {
		return nil, api.Fail(api.ServiceUnavailable).Because(err)
	}
	c, err := winio.DialPipeAccessImpLevel(ctx, path, clientWanted, winio.PipeImpLevelIdentification)
	if err != nil {
		if ctx.Err() != nil {
			return nil, api.Fail(api.Timeout).Because(err)
		}
		return nil, api.Fail(api.ServiceUnavailable).Because(err)
	}
	if err := checkServer(c, path); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &conn{Conn: c}, nil
}

// checkServer looks at who owns the pipe. That is the one thing that an
// ordinary user can learn of a service: Windows lets him open neither the
// process nor the token of SYSTEM. Nobody can put another's name there.
func checkServer(c net.Conn, path string) error {
	pipe, err := handleOf(c)
	if err != nil {
		return err
	}
	owner, err := ownerOf(pipe)
	if err != nil {
		return api.Fail(api.ServiceImpostor, "reason", "unknown").Because(err)
	}
	if !trusted(path, owner, CurrentUser(), strings.EqualFold(os.Getenv(SocketEnv), path)) {
		return api.Fail(api.ServiceImpostor, "reason", owner)
	}
	return nil
}

// ownerOf is the SID of whoever made a pipe.
func ownerOf(pipe windows.Handle) (string, error) {
	about, err := windows.GetSecurityInfo(pipe, windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return "", err
	}
	owner, _, err := about.Owner()
	if err != nil {
		return "", err
	}
	return owner.String(), nil
}

// trusted tells whether the owner of the pipe at path may be taken for our
// service by the user self. SYSTEM and administrators may be anywhere: they
// could put what they like in the service's place. The user himself may be on
// any path but the machine's, where he would be a program that poses as the
// machine's service, unless somebody named that path (ISCDESK_SOCKET).
func trusted(path, owner, self string, named bool) bool {
	switch owner {
	case localSystem, administrators:
		return true
	case "":
		return false
	}
	return owner == self && (named || !strings.EqualFold(path, SystemPath()))
}
