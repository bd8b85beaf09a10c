package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// ownProgram names the running program itself: the same file even after an
// upgrade has put another one in its place.
func ownProgram() string { return "/proc/self/exe" }

// become gives the child the user's rights. Only a privileged service can
// take another user's; it must never keep its own.
// done gives back what it took.
func become(cmd *exec.Cmd, who OSUser) (done func(), err error) {
	// What the service itself was started with must not reach the user.
	if err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil && !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL) {
		return nil, api.Fail(api.Internal).Because(err)
	}
	cmd.Env = []string{"HOME=" + who.Home, "USER=" + who.Name, "LOGNAME=" + who.Name, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	uid := uint32(os.Geteuid())
	switch {
	case uid == 0:
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: who.UID, Gid: who.GID, Groups: who.Groups}
	case uid != who.UID:
		return nil, api.Fail(api.PermissionDenied).Because(fmt.Errorf("uid %d cannot become uid %d", uid, who.UID))
	}
	return func() {}, nil
}

// LookupUser finds a user by the key that the local socket knows him by,
// "uid:1000".
func LookupUser(ctx context.Context, key string) (OSUser, error) {
	number, ok := strings.CutPrefix(key, "uid:")
	uid, err := strconv.ParseUint(number, 10, 32)
	if !ok || err != nil {
		return OSUser{}, api.Fail(api.InvalidArgument, "argument", "user", "reason", key)
	}
	if home := os.Getenv("HOME"); filepath.IsAbs(home) && uid == uint64(os.Geteuid()) {
		return ownUser(home)
	}
	u, err := user.LookupId(number)
	if err != nil {
		u, err = fromNameService(ctx, number)
	}
	if err != nil {
		return OSUser{}, api.Fail(api.NotFound, "what", "user "+key).Because(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return OSUser{}, api.Fail(api.Internal).Because(err)
	}
	who := OSUser{UID: uint32(uid), GID: uint32(gid), Name: u.Username, Home: u.HomeDir}
	who.Groups, err = groupsOf(ctx, u)
	return who, err
}

// ownUser is the user that the service itself runs as, in the home that it
// was started with; the system's list of users need not know him.
func ownUser(home string) (OSUser, error) {
	ids, err := os.Getgroups()
	if err != nil {
		return OSUser{}, api.Fail(api.Internal).Because(err)
	}
	who := OSUser{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Name: os.Getenv("USER"), Home: home}
	for _, id := range ids {
		who.Groups = append(who.Groups, uint32(id))
	}
	return who, nil
}

// fromNameService asks the system's own tool, which also knows the users of
// directories such as LDAP; the Go library without cgo reads /etc/passwd only.
func fromNameService(ctx context.Context, uid string) (*user.User, error) {
	out, err := ask(ctx, "getent", "passwd", uid)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(strings.TrimSpace(out), ":")
	if len(fields) != 7 || fields[2] != uid {
		return nil, errors.New("unexpected answer of getent")
	}
	return &user.User{Uid: uid, Gid: fields[3], Username: fields[0], HomeDir: fields[5]}, nil
}

func groupsOf(ctx context.Context, u *user.User) ([]uint32, error) {
	ids, err := u.GroupIds()
	if out, nameErr := ask(ctx, "id", "-G", u.Uid); nameErr == nil {
		ids, err = strings.Fields(out), nil
	}
	if err != nil {
		return nil, api.Fail(api.Internal).Because(err)
	}
	groups := make([]uint32, 0, len(ids))
	for _, id := range ids {
		g, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, api.Fail(api.Internal).Because(err)
		}
		groups = append(groups, uint32(g))
	}
	return groups, nil
}

func ask(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	return string(out), err
}
