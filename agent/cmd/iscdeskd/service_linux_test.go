package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/installer/systemd"
)

// started is the service as a process, with the test in systemd's place.
type started struct {
	t             *testing.T
	cmd           *exec.Cmd
	log           bytes.Buffer // after ended
	notices       *net.UnixConn
	state, socket string
	ended         chan error
}

func startUnder(t *testing.T, watchdog time.Duration) *started {
	t.Helper()
	home := t.TempDir()
	s := &started{t: t, state: filepath.Join(home, "state"), socket: filepath.Join(home, "agent.sock"), ended: make(chan error, 1)}
	address := filepath.Join(home, "notify")
	var err error
	if s.notices, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.notices.Close() })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(self, "run", "--state", s.state, "--socket", s.socket, "--marketplace", "http://127.0.0.1:9")
	s.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address, "WATCHDOG_USEC="+strconv.FormatInt(watchdog.Microseconds(), 10))
	s.cmd.Stderr = &s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s
}

// hears waits for a notice; others may come before it.
func (s *started) hears(want string) {
	s.t.Helper()
	buffer := make([]byte, 4096)
	for {
		if err := s.notices.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			s.t.Fatal(err)
		}
		n, err := s.notices.Read(buffer)
		if err != nil {
			s.t.Fatalf("no %s: %v", want, err)
		}
		if string(buffer[:n]) == want {
			return
		}
	}
}

// silent wants no notice for a while.
func (s *started) silent(within time.Duration) {
	s.t.Helper()
	if err := s.notices.SetReadDeadline(time.Now().Add(within)); err != nil {
		s.t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	if n, err := s.notices.Read(buffer); err == nil {
		s.t.Errorf("heard %s", buffer[:n])
	}
}

func (s *started) ends(within time.Duration) error {
	s.t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case err := <-s.ended:
		return err
	case <-late.C:
		s.t.Fatalf("it did not end within %s", within)
		return nil
	}
}

func (s *started) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func TestSystemdIsToldAndTheServiceStopsWithinFiveSeconds(t *testing.T) {
	s := startUnder(t, time.Second)
	s.hears("READY=1")
	c := client.New(s.socket)
	defer c.Close()
	if _, err := c.State(t.Context()); err != nil { // ready means: it answers
		t.Fatal(err)
	}
	silent, err := ipc.Dial(t.Context(), s.socket) // says nothing, and does not hang up
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	s.hears("WATCHDOG=1")
	s.hears("WATCHDOG=1")
	s.signal(syscall.SIGTERM)
	s.hears("STOPPING=1")
	if err := s.ends(5 * time.Second); err != nil {
		t.Errorf("%v\n%s", err, &s.log)
	}
	content, err := os.ReadFile(filepath.Join(s.state, "log", "iscdeskd.log"))
	if err != nil || !bytes.Equal(content, s.log.Bytes()) {
		t.Errorf("the file has\n%s\nand standard error\n%s\n%v", content, &s.log, err)
	}
}

// A process that is stopped looks like one whose threads all hang. systemd
// would kill it: nobody speaks for it.
func TestNobodySpeaksForAServiceThatHangs(t *testing.T) {
	s := startUnder(t, 200*time.Millisecond)
	s.hears("READY=1")
	s.hears("WATCHDOG=1")
	s.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	for !status.Stopped() { // until every thread has stopped
		if _, err := syscall.Wait4(s.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil {
			t.Fatal(err)
		}
	}
	for s.notices.SetReadDeadline(time.Now().Add(time.Millisecond)) == nil {
		if _, err := s.notices.Read(make([]byte, 100)); err != nil {
			break // what was sent before is read
		}
	}
	s.silent(time.Second)
	s.signal(syscall.SIGCONT)
	s.hears("WATCHDOG=1")
}

// The watchdog asks as every client does: a socket behind which nobody answers
// is none that it speaks for.
func TestTheWatchdogAsksOverTheSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mute.sock")
	l, err := ipc.Listen(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // it accepts nobody
	if err := ask(t.Context(), path, 100*time.Millisecond); err == nil {
		t.Error("nobody answered")
	}
}

func TestUnitWithAnotherCommand(t *testing.T) {
	text, err := unit(systemd.Unit(), []string{"/opt/cad tools/iscdeskd", "run", "--state=/srv/状 态", `--ca-file=/a"b\c%d`})
	if err != nil {
		t.Fatal(err)
	}
	want := `ExecStart="/opt/cad tools/iscdeskd" "run" "--state=/srv/状 态" "--ca-file=/a\"b\\c%%d"` + "\n"
	if !strings.Contains(text, "\n"+want) || strings.Count(text, "ExecStart=") != 1 {
		t.Errorf("%s", text)
	}
	was, now := strings.Split(systemd.Unit(), "\n"), strings.Split(text, "\n")
	changed := 0
	for i := range was {
		if was[i] != now[i] {
			changed++
		}
	}
	if changed != 1 || len(was) != len(now) {
		t.Errorf("%d lines are others", changed)
	}
	for _, path := range []string{"/opt/$HOME/iscdeskd", "/opt/{{Path}}"} {
		if _, err := unit(systemd.Unit(), []string{path}); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
	if _, err := unit("[Service]\n", []string{"/x"}); err == nil {
		t.Error("a unit without a command is taken")
	}
}

func TestAServiceThatDoesNotEndIsCutOff(t *testing.T) {
	o, err := parse([]string{"--state", t.TempDir(), "--socket", filepath.Join(t.TempDir(), "s"), "--marketplace", "http://127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	cfg := o.config(quiet(o))
	release := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	cfg.Opened = func(string) error { stop(); <-release; return context.Canceled }
	began := time.Now()
	if err := live(ctx, cfg); !errors.Is(err, errStuck) || time.Since(began) >= 5*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	close(release)
}
