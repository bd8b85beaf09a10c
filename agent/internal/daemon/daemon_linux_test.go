package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/session"
)

func connect(t *testing.T, socket string, last uint64) (*session.Client, api.HelloReply) {
	t.Helper()
	c, reply, err := session.Dial(t.Context(), socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: sessionID, Product: "cad", Version: "1", LastEvent: last,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, reply
}

func nextEvent(t *testing.T, c *session.Client) api.Event {
	t.Helper()
	select {
	case e, ok := <-c.Events():
		if !ok {
			t.Fatalf("the session ended: %v", c.Err())
		}
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
	}
	return api.Event{}
}

// listening gives the TCP and UDP sockets that a process holds and that others
// could send to, from the kernel's tables by inode.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	mine := map[string]bool{}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(fds) == 0 {
		t.Fatalf("no descriptors: %v", err)
	}
	inode := regexp.MustCompile(`^socket:\[(\d+)\]$`)
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err != nil {
			continue // closed meanwhile
		}
		if m := inode.FindStringSubmatch(target); m != nil {
			mine[m[1]] = true
		}
	}
	if len(mine) == 0 {
		t.Fatal("not even the local socket was found")
	}
	var found []string
	for _, table := range []struct{ name, open string }{{"tcp", "0A"}, {"tcp6", "0A"}, {"udp", "07"}, {"udp6", "07"}} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table.name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == table.open && mine[f[9]] {
				found = append(found, table.name+" "+f[1])
			}
		}
	}
	return found
}

func TestTheServiceAsAProcess(t *testing.T) {
	cfg := config(t, true)
	if got := listening(t, os.Getpid()); len(got) == 0 {
		t.Fatal("the search does not find the marketplace of this very test")
	}
	s := process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	signIn(t, c)
	a, reply := connect(t, cfg.Socket, 0)
	if reply.Service != "1.2.3" {
		t.Errorf("hello: %+v", reply)
	}
	if got := listening(t, s.Process.Pid); len(got) > 0 {
		t.Errorf("the service listens on %v", got)
	}
	if info, err := os.Stat(cfg.State); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("state folder: %v, %v", info.Mode(), err)
	}
	took := s.stop()
	if took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if e := nextEvent(t, a); e.Name != api.EventServiceClosing {
		t.Errorf("the session heard %s", e.Name)
	}
	if _, err := os.Lstat(cfg.Socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
}

// What was saved and what was said survive a kill; the uploads go on without
// anybody having to come back.
func TestAKillLosesNothing(t *testing.T) {
	cfg := config(t, true)
	s := process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	signIn(t, c)
	a, _ := connect(t, cfg.Socket, 0)
	if err := a.Call(t.Context(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil); err != nil {
		t.Fatal(err)
	}
	if err := saveSecret(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.kill()
	<-a.Done()
	d := start(t, cfg, nil)
	if len(d.users.all) != 1 {
		t.Errorf("%d users were started", len(d.users.all))
	}
	st, err := c.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if st.Account.State != api.AccountSignedIn || len(st.Transfers) != 1 || st.Transfers[0].Operation != "op-of-alice" {
		t.Errorf("after the restart: %+v", st)
	}
}

func TestEventsSurviveAKillOfTheService(t *testing.T) {
	cfg := config(t, true)
	first, err := prepare(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	user, err := first.users.start(t.Context(), ipc.CurrentUser())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(first.serve(ctx), first.close()) }()
	a, _ := connect(t, cfg.Socket, 0)
	user.Events.Publish(t.Context(), api.Event{Name: "delivered", Session: sessionID})
	delivered := nextEvent(t, a)
	_ = a.Close()
	for _, name := range []string{"one", "two", "three"} {
		user.Events.Publish(t.Context(), api.Event{Name: name, Session: sessionID})
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	start(t, cfg, nil)
	a, _ = connect(t, cfg.Socket, delivered.Seq)
	var got []string
	for range 3 {
		got = append(got, nextEvent(t, a).Name)
	}
	if !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("got %v", got)
	}
}

func TestTheHeartbeatIsTheMarketplaces(t *testing.T) {
	d := start(t, config(t, true), nil)
	a, _ := connect(t, d.cfg.Socket, 0)
	deadline := time.Now().Add(patience)
	for {
		var beat api.Heartbeat
		if err := a.Call(t.Context(), api.CallHeartbeat, nil, &beat); err != nil {
			t.Fatal(err)
		}
		if beat.IntervalSeconds == 17 && beat.State == api.StateSignedOut {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %+v", beat)
		}
	}
}

func TestOneServicePerStateFolder(t *testing.T) {
	cfg := config(t, true)
	start(t, cfg, nil)
	second := cfg
	second.Socket += "2"
	if _, err := prepare(t.Context(), second, nil); err == nil || !strings.Contains(err.Error(), "another service") {
		t.Errorf("on its state: %v", err)
	}
	third := config(t, true)
	third.Socket = cfg.Socket
	if _, err := prepare(t.Context(), third, nil); err == nil || !strings.Contains(err.Error(), "already listens") {
		t.Errorf("on its socket: %v", err)
	}
}

func TestStateFoldersOfOthersAreRefused(t *testing.T) {
	for _, row := range []struct {
		name   string
		set    func(t *testing.T, state string) error
		refuse bool
	}{
		{"none yet", func(*testing.T, string) error { return nil }, false},
		{"own", func(_ *testing.T, s string) error { return os.Mkdir(s, 0o700) }, false},
		{"readable by others", func(_ *testing.T, s string) error { return os.Mkdir(s, 0o755) }, false},
		{"others can write", func(_ *testing.T, s string) error { return errors.Join(os.Mkdir(s, 0o700), os.Chmod(s, 0o777)) }, true},
		{"the group can write", func(_ *testing.T, s string) error { return errors.Join(os.Mkdir(s, 0o700), os.Chmod(s, 0o770)) }, true},
		{"others can write where the users are", func(_ *testing.T, s string) error {
			return errors.Join(os.MkdirAll(s+"/users", 0o700), os.Chmod(s+"/users", 0o777))
		}, true},
		{"a link", func(t *testing.T, s string) error { return os.Symlink(t.TempDir(), s) }, true},
		{"a file", func(_ *testing.T, s string) error { return os.WriteFile(s, nil, 0o600) }, true},
		{"the lock is a link", func(_ *testing.T, s string) error {
			return errors.Join(os.Mkdir(s, 0o700), os.Symlink("/etc/passwd", s+"/lock"))
		}, true},
		{"another's", func(_ *testing.T, s string) error {
			if os.Geteuid() != 0 { // then root's is another's
				return os.Symlink("/usr", s)
			}
			return errors.Join(os.Mkdir(s, 0o700), os.Chown(s, otherUID, otherUID))
		}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state")
			if err := row.set(t, state); err != nil {
				t.Fatal(err)
			}
			s, err := openState(state)
			if (err != nil) != row.refuse {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				return
			}
			info, err := os.Stat(state)
			if err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFoldersOfUsers(t *testing.T) {
	for _, row := range []struct{ key, folder string }{
		{"uid:0", "0"},
		{"uid:4294967294", "4294967294"},
		{"S-1-5-21-1004336348-1177238915-682003330-512", "S-1-5-21-1004336348-1177238915-682003330-512"},
		{"", ""},
		{"uid:", ""},
		{"uid:../0", ""},
		{"../../etc", ""},
		{"uid:1/2", ""},
		{"uid:1\x00", ""},
		{".", ""},
	} {
		got, err := folderOf(row.key)
		if got != row.folder && row.folder != "" || (err == nil) != (row.folder != "") {
			t.Errorf("%q: %q, %v", row.key, got, err)
		}
		if err == nil && keyOf(got) != row.key {
			t.Errorf("%q comes back as %q", row.key, keyOf(got))
		}
	}
}

func TestAMissingSettingNamesTheWayOut(t *testing.T) {
	good := config(t, true)
	for _, row := range []struct {
		name string
		set  func(*Config)
		want []string
	}{
		{"state", func(c *Config) { c.State = "" }, []string{"--state", StateEnv}},
		{"socket", func(c *Config) { c.Socket = "" }, []string{"--socket", "ISCDESK_SOCKET"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := good
			row.set(&cfg)
			err := Run(t.Context(), cfg)
			if err == nil {
				t.Fatal("it ran")
			}
			for _, w := range row.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
		})
	}
	if _, err := os.Stat(good.State); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made all the same: %v", err)
	}
}

func TestDefaults(t *testing.T) {
	t.Setenv(StateEnv, "")
	t.Setenv("XDG_STATE_HOME", "/xdg")
	t.Setenv("HOME", "/home/x")
	t.Setenv(ipc.SocketEnv, "")
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/7")
	for _, row := range []struct{ got, want string }{
		{DefaultState(false), "/var/lib/iscdesk"},
		{DefaultState(true), "/xdg/iscdesk"},
		{DefaultSocket(false), "/run/iscdesk/agent.sock"},
		{DefaultSocket(true), "/run/user/7/iscdesk/agent.sock"},
	} {
		if row.got != row.want {
			t.Errorf("got %s, want %s", row.got, row.want)
		}
	}
	t.Setenv("XDG_STATE_HOME", "relative")
	if got := DefaultState(true); got != "/home/x/.local/state/iscdesk" {
		t.Errorf("got %s", got)
	}
	t.Setenv(StateEnv, "/elsewhere")
	if got := DefaultState(false); got != "/elsewhere" {
		t.Errorf("got %s", got)
	}
}

// The supervisor prints what it runs. What it prints must be a name, not the
// tokens inside.
func TestTheSupervisorKnowsNames(t *testing.T) {
	d := start(t, config(t, true), nil)
	if _, err := d.users.start(t.Context(), ipc.CurrentUser()); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range d.users.all[ipc.CurrentUser()].services() {
		name, ok := s.(fmt.Stringer)
		if !ok || strings.ContainsAny(name.String(), "{}&*") || names[name.String()] {
			t.Errorf("%T has no name of its own", s)
			continue
		}
		names[name.String()] = true
	}
}

func TestManyConnectAtTheFirstMoment(t *testing.T) {
	d := start(t, config(t, true), nil)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			c := client.New(d.cfg.Socket)
			defer c.Close()
			if _, err := c.State(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(d.users.all) != 1 {
		t.Errorf("%d sets of engines", len(d.users.all))
	}
}

// TestReadyIsHeardOnce changes the marketplace: whoever started the service has
// heard already that it answers.
func TestReadyIsHeardOnce(t *testing.T) {
	w := newWitness(t, "token", false)
	cfg := config(t, true)
	cfg.Marketplace = ""
	heard := make(chan struct{}, 10)
	cfg.Ready = func() { heard <- struct{}{} }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg) }()
	<-heard
	c := client.New(cfg.Socket)
	defer c.Close()
	writePolicy(t, cfg, `marketplace = "`+w.URL+`"`)
	await(t, "the marketplace", func() bool {
		state, err := c.State(t.Context())
		return err == nil && state.Account.Marketplace == w.URL
	})
	stop()
	if err := <-ended; err != nil || len(heard) != 0 {
		t.Errorf("heard %d times more; ended with %v", len(heard), err)
	}
}
