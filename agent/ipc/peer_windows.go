package ipc

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// CurrentUser is the SID of the user that this process runs as, or empty if
// Windows does not say. An elevated program and a plain one of the same person
// are the same user.
func CurrentUser() string {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return ""
	}
	return u.User.Sid.String()
}

// PeerOf tells who is at the other end of a connection that was made by
// Listen: the user is the one of the client's token, not of its process, whose
// number may be another's by now.
func PeerOf(c net.Conn) (Peer, error) {
	mine, ok := c.(*conn)
	if !ok {
		return Peer{}, api.Fail(api.PermissionDenied).Because(fmt.Errorf("not a connection of a local pipe's listener: %T", c))
	}
	if mine.unnamed == nil && mine.peer.User == "" {
		return Peer{}, api.Fail(api.PermissionDenied).Because(errors.New("the client's end of a pipe has no peer with a token"))
	}
	return mine.peer, mine.unnamed
}

// namePeer asks Windows about the client of a pipe.
func namePeer(c net.Conn) (Peer, error) {
	pipe, err := handleOf(c)
	if err != nil {
		return Peer{}, err
	}
	var pid uint32
	if err := windows.GetNamedPipeClientProcessId(pipe, &pid); err != nil {
		return Peer{}, err
	}
	token, err := clientToken(pipe)
	if err != nil {
		return Peer{}, err
	}
	claims, err := readClaims(token)
	if err := errors.Join(err, token.Close()); err != nil {
		return Peer{}, err
	}
	peer, err := claims.peer()
	peer.PID = int(pid)
	return peer, err
}

// clientToken becomes the client for a moment, to take its token. It fails for
// a client that allows no identification. That moment is on a thread of its
// own: one that cannot go back to being us ends with its goroutine, and nothing
// else ever runs on it as the client.
func clientToken(pipe windows.Handle) (token windows.Token, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = impersonate(pipe); err != nil {
			runtime.UnlockOSThread()
			return
		}
		err = windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token)
		if back := windows.RevertToSelf(); back != nil {
			err = errors.Join(err, back)
			return
		}
		runtime.UnlockOSThread()
	}()
	<-done
	return token, err
}

func impersonate(pipe windows.Handle) error {
	if ok, _, err := windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient").Call(uintptr(pipe)); ok == 0 {
		return err
	}
	return nil
}

// claims are what a token says.
type claims struct {
	user     string
	groups   []group
	elevated bool
	session  uint32
}

type group struct {
	sid        string
	attributes uint32
}

// peer decides who a client is. Nobody is let in who comes over the network or
// without a name. An administrator is one whose token has the group switched
// on, which without elevation it has not.
func (c claims) peer() (Peer, error) {
	if c.user == "" || c.user == anonymous {
		return Peer{}, api.Fail(api.PermissionDenied).Because(errors.New("an anonymous client"))
	}
	admin := c.user == localSystem
	for _, g := range c.groups {
		switch g.sid {
		case network, anonymous:
			return Peer{}, api.Fail(api.PermissionDenied).Because(errors.New("a client from the network"))
		case administrators:
			on := g.attributes&windows.SE_GROUP_ENABLED != 0 && g.attributes&windows.SE_GROUP_USE_FOR_DENY_ONLY == 0
			admin = admin || (on && c.elevated)
		}
	}
	return Peer{User: c.user, Session: c.session, Admin: admin}, nil
}

func readClaims(token windows.Token) (claims, error) {
	user, err := token.GetTokenUser()
	if err != nil {
		return claims{}, err
	}
	c := claims{user: user.User.Sid.String(), elevated: token.IsElevated()}
	groups, err := token.GetTokenGroups()
	if err != nil {
		return claims{}, err
	}
	for _, g := range groups.AllGroups() {
		c.groups = append(c.groups, group{g.Sid.String(), g.Attributes})
	}
	var size uint32
	err = windows.GetTokenInformation(token, windows.TokenSessionId, (*byte)(unsafe.Pointer(&c.session)), uint32(unsafe.Sizeof(c.session)), &size)
	return c, err
}
