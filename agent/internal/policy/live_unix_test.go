//go:build unix

package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestAHangupReloads(t *testing.T) {
	f := follows(t, Places{File: filepath.Join(t.TempDir(), "policy.toml"), Own: true})
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-f.told
}

// TestFilesOfOthersAreRefused has every way in which somebody else could have
// written the policy, or could read the password. Run as root it also gives a
// file away.
func TestFilesOfOthersAreRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "policy.toml")
	read := func() Source { return readFile(file, true) }
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(file, []byte("offline_days = 3\n"), 0o644))
	if s := read(); s.Refused != nil || s.Given["offline_days"].Where != file+":1" {
		t.Fatalf("a good file: %+v", s)
	}
	refuses := func(what, way string) {
		t.Helper()
		if s := read(); s.Refused == nil || s.Refused.Code != api.PolicyRefused || !strings.Contains(s.Refused.Text(api.Chinese), way) || len(s.Given) > 0 {
			t.Errorf("%s: %+v", what, s)
		}
	}
	for _, mode := range []os.FileMode{0o664, 0o646, 0o666} {
		must(os.Chmod(file, mode))
		refuses(mode.String(), "chmod go-w")
	}
	must(os.Chmod(file, 0o644), os.Chmod(dir, 0o777))
	refuses("a folder for everybody", dir)
	must(os.Chmod(dir, 0o755), os.Rename(file, file+".real"), os.Mkdir(file, 0o755))
	refuses("a folder", "普通文件")
	must(os.Remove(file), syscall.Mkfifo(file, 0o644))
	refuses("a pipe", "普通文件")
	must(os.Remove(file), os.Symlink(file+".real", file))
	if s := read(); s.Refused != nil {
		t.Errorf("a link to a good file: %v", s.Refused)
	}
	must(os.Remove(file), os.Rename(file+".real", file), os.Truncate(file, maxFile+1))
	refuses("a huge file", "超过 1048576")
	must(os.Truncate(file, 5))
	if os.Geteuid() == 0 {
		must(os.Chown(file, 65534, 65534))
		refuses("a file of another", "chown root:root")
		must(os.Chown(file, 0, 0))
	}
	must(os.Chmod(file, 0o600))
	if _, err := ReadSecret(file, true); err != nil {
		t.Errorf("a secret: %v", err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
		must(os.Chmod(file, mode))
		if _, err := ReadSecret(file, true); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("a secret with mode %o: %v", mode, err)
		}
	}
}
