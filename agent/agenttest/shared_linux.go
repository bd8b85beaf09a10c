package agenttest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Two users of the operating system that need no entry in its list of users.
const (
	EngineerUID  = 64101
	ColleagueUID = 64102
)

// StartShared starts one service for the whole machine and gives each person a
// user of the operating system of his own. Only root can do that; MayShare
// tells.
func (w *World) StartShared(ctx context.Context, people map[string]int) error {
	for _, dir := range []string{w.Dir, w.sockets, w.path("people"), w.path("logs"), w.path("marketplace"), filepath.Dir(w.Bin.CLI)} {
		if err := openDoor(dir); err != nil {
			return err
		}
	}
	socket := filepath.Join(w.sockets, "shared", "agent.sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil { // everyone may connect: that is what is tested
		return err
	}
	service := &Agent{Name: "machine", world: w, Home: w.path("machine"), Socket: socket, system: true, env: environ("HOME=" + w.path("machine"))}
	if err := service.start(ctx, nil); err != nil {
		return err
	}
	w.adopt(service)
	for name, uid := range people {
		if err := w.addUser(name, uid, socket); err != nil {
			return err
		}
	}
	return nil
}

// MayShare tells whether this process may start programs as other users.
func MayShare() bool { return os.Geteuid() == 0 }

// openDoor lets every user pass through a folder, without reading it.
func openDoor(dir string) error {
	err := os.Chmod(dir, 0o711) // the other users of the test have to get in
	if errors.Is(err, os.ErrNotExist) {
		return os.MkdirAll(dir, 0o711) // as above
	}
	return err
}

// addUser makes the home of a person who uses the machine's service.
func (w *World) addUser(name string, uid int, socket string) error {
	a := &Agent{Name: name, world: w, Home: w.path("people", name), Socket: socket, uid: uid}
	if err := a.furnish(); err != nil {
		return err
	}
	w.adopt(a)
	return filepath.WalkDir(a.Home, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, uid)
	})
}

// asUser makes a command run as the person's own user.
func (a *Agent) asUser(cmd *exec.Cmd) {
	if a.uid != 0 {
		id := uint32(a.uid) // one of the constants above
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: id, Gid: id, NoSetGroups: true}
	}
}
