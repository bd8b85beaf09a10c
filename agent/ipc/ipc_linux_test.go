package ipc

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func listen(t *testing.T, path string, shared bool) net.Listener {
	t.Helper()
	l, err := Listen(path, shared)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestListenGivesTheSocketItsMode(t *testing.T) {
	for _, row := range []struct {
		name         string
		shared       bool
		folder, sock os.FileMode
	}{
		{"per user", false, 0o700, 0o600},
		{"machine", true, 0o755, 0o666},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "made", "agent.sock")
			l := listen(t, path, row.shared)
			folder, err := os.Stat(filepath.Dir(path))
			if err != nil || folder.Mode().Perm() != row.folder {
				t.Errorf("folder: %v, %v", folder.Mode(), err)
			}
			sock, err := os.Lstat(path)
			if err != nil || sock.Mode() != os.ModeSocket|row.sock {
				t.Errorf("socket: %v, %v", sock.Mode(), err)
			}
			if got := l.Addr().String(); got != path {
				t.Errorf("address %s", got)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			left, err := os.ReadDir(filepath.Dir(path))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestBothSidesKnowEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.sock")
	l := listen(t, path, false)
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, side := range []net.Conn{c, s} {
		p, err := PeerOf(side)
		if err != nil || p.User != CurrentUser() || p.PID != os.Getpid() || p.Admin != (os.Geteuid() == 0) {
			t.Errorf("got %+v, %v", p, err)
		}
	}
	if _, err := s.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(io.LimitReader(c, 1)); err != nil || string(b) != "x" {
		t.Errorf("read %q, %v", b, err)
	}
}

func TestListenReplacesOnlyDeadSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	first := listen(t, path, false)
	if _, err := Listen(path, false); err == nil || !strings.Contains(err.Error(), "already listens") {
		t.Fatalf("a second service: %v", err)
	}
	if c, err := net.Dial("unix", path); err != nil {
		t.Fatalf("the first one is gone: %v", err)
	} else {
		_ = c.Close()
	}
	_ = first.Close()
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path, false); err == nil {
		t.Fatal("a file was replaced")
	}
	if b, _ := os.ReadFile(path); string(b) != "mine" {
		t.Fatalf("the file holds %q", b)
	}
}

func TestCloseLeavesTheSocketOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.sock")
	first := listen(t, path, false)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	listen(t, path, false)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatalf("the second socket is gone: %v", err)
	}
	_ = c.Close()
}

func TestListenRefusesFoldersOfOthers(t *testing.T) {
	for _, row := range []struct {
		name   string
		set    func(t *testing.T, above, dir string)
		refuse bool
	}{
		{"own folder", func(*testing.T, string, string) {}, false},
		{"others write in it", func(t *testing.T, _, dir string) { chmod(t, dir, 0o777) }, true},
		{"sticky, but the socket's own", func(t *testing.T, _, dir string) { chmod(t, dir, 0o777|os.ModeSticky) }, true},
		{"others write above it", func(t *testing.T, above, _ string) { chmod(t, above, 0o777) }, true},
		{"sticky above it", func(t *testing.T, above, _ string) { chmod(t, above, 0o777|os.ModeSticky) }, false},
		{"a link to a folder of others", func(t *testing.T, above, dir string) {
			open := filepath.Join(above, "open")
			if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o777), os.Remove(dir), os.Symlink(open, dir)); err != nil {
				t.Fatal(err)
			}
		}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			above := filepath.Join(t.TempDir(), "above")
			dir := filepath.Join(above, "dir")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			row.set(t, above, dir)
			l, err := Listen(filepath.Join(dir, "agent.sock"), false)
			if err == nil {
				_ = l.Close()
			}
			if (err != nil) != row.refuse {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestListenRefusesLongPaths(t *testing.T) {
	dir := t.TempDir()
	_, err := Listen(filepath.Join(dir, strings.Repeat("x", maxPath)), false)
	if err == nil || !strings.Contains(err.Error(), "too long") {
		t.Fatalf("got %v", err)
	}
}

func TestTrusted(t *testing.T) {
	for _, row := range []struct {
		name   string
		server Peer
		want   bool
	}{
		{"the user himself", Peer{User: "uid:1000"}, true},
		{"root", Peer{User: "uid:0", Admin: true}, true},
		{"another user", Peer{User: "uid:1001"}, false},
		{"nobody", Peer{}, false},
	} {
		if got := trusted(row.server, "uid:1000"); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestDefaultPath(t *testing.T) {
	run := t.TempDir()
	t.Setenv(SocketEnv, "")
	t.Setenv("XDG_RUNTIME_DIR", run)
	if got := DefaultPath(); got != SystemPath() {
		t.Errorf("without a socket of the user's: %s", got)
	}
	listen(t, UserPath(), false)
	if got := DefaultPath(); got != filepath.Join(run, "iscdesk", "agent.sock") {
		t.Errorf("with one: %s", got)
	}
	t.Setenv(SocketEnv, "/elsewhere/agent.sock")
	if got := DefaultPath(); got != "/elsewhere/agent.sock" {
		t.Errorf("with the variable: %s", got)
	}
	t.Setenv(SocketEnv, "")
	t.Setenv("XDG_RUNTIME_DIR", "relative")
	t.Setenv("HOME", "/home/x")
	if got := UserPath(); got != "/home/x/.local/state/iscdesk/run/agent.sock" {
		t.Errorf("a relative folder: %s", got)
	}
	t.Setenv("HOME", "")
	if got := UserPath(); got != "" {
		t.Errorf("neither: %s", got)
	}
}
