package ipc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// CurrentUser is the SID of the user that this process runs as, or empty if
// Windows does not say.
func CurrentUser() string {
	sid, err := userOf(windows.GetCurrentProcessToken())
	if err != nil {
		return ""
	}
	return sid.String()
}

// The access lists of the pipe: SYSTEM and administrators have all rights, and
// those who may connect may read and write but not make further instances of
// the pipe (FILE_CREATE_PIPE_INSTANCE, 0x4). Callers from the network are
// refused.
const (
	pipeDescriptor = "D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)"
	pipeReadWrite  = "(A;;0x12019b;;;%s)"
	everyLocalUser = "AU"
)

// Listen makes the pipe at path. It fails if the pipe exists already, because
// whoever made it would see our clients.
func Listen(path string, shared bool) (net.Listener, error) {
	who := everyLocalUser
	if !shared {
		who = CurrentUser()
	}
	// go-winio makes the first instance with FILE_CREATE, which fails where one is.
	return winio.ListenPipe(path, &winio.PipeConfig{
		SecurityDescriptor: pipeDescriptor + fmt.Sprintf(pipeReadWrite, who),
		InputBufferSize:    64 << 10,
		OutputBufferSize:   64 << 10,
	})
}

// Dial connects to the service at path and makes sure that the pipe's server
// is SYSTEM or the user himself. The server may find out who we are, and
// nothing more.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	c, err := winio.DialPipeAccessImpLevel(ctx, path, windows.GENERIC_READ|windows.GENERIC_WRITE, winio.PipeImpLevelIdentification)
	if err != nil {
		if ctx.Err() != nil {
			return nil, api.Fail(api.Timeout).Because(err)
		}
		return nil, api.Fail(api.ServiceUnavailable).Because(err)
	}
	if err := checkServer(c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func checkServer(c net.Conn) error {
	pipe, err := handleOf(c)
	if err != nil {
		return err
	}
	var pid uint32
	if err := windows.GetNamedPipeServerProcessId(pipe, &pid); err != nil {
		return err
	}
	sid, err := userOfProcess(pid)
	if err != nil {
		return api.Fail(api.ServiceImpostor, "reason", "unknown").Because(err)
	}
	if sid.IsWellKnown(windows.WinLocalSystemSid) || sid.String() == CurrentUser() {
		return nil
	}
	return api.Fail(api.ServiceImpostor, "reason", sid.String())
}

// PeerOf asks Windows who is at the other end of a connection that was made
// by Listen: the user is the one of the client's token, not of its process,
// whose number may be another's by now.
func PeerOf(c net.Conn) (Peer, error) {
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
	defer func() { _ = token.Close() }()
	sid, err := userOf(token)
	if err != nil {
		return Peer{}, err
	}
	admin := sid.IsWellKnown(windows.WinLocalSystemSid) || token.IsElevated()
	return Peer{User: sid.String(), PID: int(pid), Admin: admin}, nil
}

func handleOf(c net.Conn) (windows.Handle, error) {
	f, ok := c.(interface{ Fd() uintptr })
	if !ok {
		return 0, api.Fail(api.PermissionDenied).Because(fmt.Errorf("not a local pipe: %T", c))
	}
	return windows.Handle(f.Fd()), nil
}

// clientToken becomes the client for a moment, on a thread of its own, to
// take its token.
func clientToken(pipe windows.Handle) (windows.Token, error) {
	impersonate := windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient")
	runtime.LockOSThread()
	if ok, _, err := impersonate.Call(uintptr(pipe)); ok == 0 {
		runtime.UnlockOSThread()
		return 0, err
	}
	var token windows.Token
	err := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token)
	if back := windows.RevertToSelf(); back != nil {
		// The thread stays locked and ends with its goroutine: nothing else may
		// ever run on it as the client.
		return 0, errors.Join(err, back)
	}
	runtime.UnlockOSThread()
	return token, err
}

func userOfProcess(pid uint32) (*windows.SID, error) {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return nil, err
	}
	defer func() { _ = windows.CloseHandle(process) }()
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return nil, err
	}
	defer func() { _ = token.Close() }()
	return userOf(token)
}

func userOf(token windows.Token) (*windows.SID, error) {
	u, err := token.GetTokenUser()
	if err != nil {
		return nil, err
	}
	return u.User.Sid, nil
}
