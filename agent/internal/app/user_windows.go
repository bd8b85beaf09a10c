package app

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

func ownProgram() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// become gives the child the user's rights: nothing changes where the service
// runs as that user; a service of the machine takes the token of a session that
// he is logged on to, which for an administrator is the plain one. Nothing gets
// a window. done gives the token back. The helper holds its script in a job, so
// that killing the helper ends all of it.
func become(cmd *exec.Cmd, who OSUser) (done func(), err error) {
	token, err := tokenOf(who.Key)
	if err != nil {
		return nil, err
	}
	done = func() { _ = token.Close() } // a handle
	if cmd.Env, err = token.Environ(false); err != nil {
		done()
		return nil, api.Fail(api.Internal).Because(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP}
	if sidOf(windows.GetCurrentProcessToken()) != who.Key {
		cmd.SysProcAttr.Token = syscall.Token(token)
	}
	if home, err := token.GetUserProfileDirectory(); err == nil {
		cmd.Dir = home
	}
	return done, nil
}

// tokenOf opens the token of a user, by his SID. A service of the machine knows
// only those who are logged on.
func tokenOf(sid string) (windows.Token, error) {
	var token windows.Token
	if sid == sidOf(windows.GetCurrentProcessToken()) {
		const access = windows.TOKEN_QUERY | windows.TOKEN_DUPLICATE | windows.TOKEN_IMPERSONATE
		if err := windows.OpenProcessToken(windows.CurrentProcess(), access, &token); err != nil {
			return 0, api.Fail(api.Internal).Because(err)
		}
		return token, nil
	}
	sessions, err := logons()
	for _, s := range sessions {
		if e := windows.WTSQueryUserToken(s.id, &token); e != nil {
			err = errors.Join(err, e) // the service is no service of the machine, or nobody is logged on there
			continue
		}
		if sidOf(token) == sid {
			return token, nil
		}
		_ = token.Close() // a handle
	}
	return 0, api.Fail(api.Unsupported, "what", "installing for a user who is not logged on to this machine; log on and install again").Because(err)
}

// logon is a session of a user, of which several may go on at once.
type logon struct {
	id     uint32
	active bool // somebody looks at it
}

func logons() ([]logon, error) {
	var first *windows.WTS_SESSION_INFO
	var count uint32
	if err := windows.WTSEnumerateSessions(0, 0, 1, &first, &count); err != nil {
		return nil, err
	}
	defer windows.WTSFreeMemory(uintptr(unsafe.Pointer(first)))
	var list []logon
	for _, s := range unsafe.Slice(first, count) {
		list = append(list, logon{s.SessionID, s.State == windows.WTSActive})
	}
	return inOrder(list), nil
}

// inOrder puts the sessions first that somebody looks at, and leaves out the
// one of the services.
func inOrder(list []logon) []logon {
	list = slices.DeleteFunc(list, func(l logon) bool { return l.id == 0 })
	slices.SortStableFunc(list, func(a, b logon) int {
		switch {
		case a.active == b.active:
			return int(a.id) - int(b.id)
		case a.active:
			return -1
		}
		return 1
	})
	return list
}

func sidOf(token windows.Token) string {
	u, err := token.GetTokenUser()
	if err != nil {
		return ""
	}
	return u.User.Sid.String()
}

// LookupUser finds a user by the key that the local socket knows him by, his
// SID. His name and home follow from his token when something is run for him.
func LookupUser(_ context.Context, key string) (OSUser, error) {
	if _, err := windows.StringToSid(key); err != nil {
		return OSUser{}, api.Fail(api.InvalidArgument, "argument", "user", "reason", key).Because(err)
	}
	return OSUser{Key: key}, nil
}
