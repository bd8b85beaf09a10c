package ipc

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/acl"
)

// Wine has one user and enforces no access list, so these tests hold the
// descriptors and the decisions that Windows would act on.

const (
	alice = "S-1-5-21-1-2-3-1001"
	bob   = "S-1-5-21-1-2-3-1002"
)

func TestDescriptorOfThePipeBecauseWineEnforcesNone(t *testing.T) {
	var got strings.Builder
	for _, row := range []struct {
		what   string
		shared bool
		self   string
	}{
		{"the machine's service, run by SYSTEM", true, localSystem},
		{"the machine's service, run by an administrator in a console", true, alice},
		{"a per-user service of " + alice, false, alice},
	} {
		sddl := descriptor(row.shared, row.self)
		text, err := acl.Text(sddl)
		if err != nil {
			t.Fatalf("%s: %v", sddl, err)
		}
		got.WriteString("# " + row.what + "\n" + sddl + "\n" + text + "\n")
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "pipe.acl.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(string(golden), "\r\n", "\n"); got.String() != want {
		t.Fatalf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestTableOfRightsOfAClientBecauseWineEnforcesNone(t *testing.T) {
	if more := clientWanted &^ clientGranted; more != 0 {
		t.Errorf("rights %#x are asked for and not granted", more)
	}
	if (clientGranted|clientWanted)&createPipeInstance != 0 {
		t.Error("a client may serve the pipe")
	}
}

func TestDecisionAboutAServerBecauseWineHasOneUser(t *testing.T) {
	perUser := `\\.\pipe\iscdesk-agent-` + alice
	for _, row := range []struct {
		name, path, owner string
		named, want       bool
	}{
		{"the machine's by SYSTEM", SystemPath(), localSystem, false, true},
		{"the machine's by an administrator", SystemPath(), administrators, false, true},
		{"the machine's by myself", SystemPath(), alice, false, false},
		{"the machine's by myself, in capitals", strings.ToUpper(SystemPath()), alice, false, false},
		{"the machine's by myself, named", SystemPath(), alice, true, true},
		{"the machine's by another", SystemPath(), bob, false, false},
		{"the machine's by another, named", SystemPath(), bob, true, false},
		{"mine by myself", perUser, alice, false, true},
		{"mine by SYSTEM", perUser, localSystem, false, true},
		{"mine by another", perUser, bob, false, false},
		{"a test's by myself", `\\.\pipe\x`, alice, false, true},
		{"a test's by another", `\\.\pipe\x`, bob, true, false},
		{"by nobody", perUser, "", true, false},
	} {
		if got := trusted(row.path, row.owner, alice, row.named); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
	if trusted(SystemPath(), "", "", true) {
		t.Error("nobody trusts nobody")
	}
}

func TestDecisionAboutAPeerBecauseWineHasOneUser(t *testing.T) {
	const on = windows.SE_GROUP_ENABLED | windows.SE_GROUP_MANDATORY
	for _, row := range []struct {
		name   string
		claims claims
		want   Peer
		refuse bool
	}{
		{"a user", claims{user: alice, session: 2}, Peer{User: alice, Session: 2}, false},
		{"an administrator, plain", claims{user: alice, groups: []group{{administrators, windows.SE_GROUP_USE_FOR_DENY_ONLY}}}, Peer{User: alice}, false},
		{"the same, elevated", claims{user: alice, elevated: true, groups: []group{{administrators, on}}}, Peer{User: alice, Admin: true}, false},
		{"elevated, and no administrator", claims{user: alice, elevated: true}, Peer{User: alice}, false},
		{"the group switched off", claims{user: alice, elevated: true, groups: []group{{administrators, windows.SE_GROUP_MANDATORY}}}, Peer{User: alice}, false},
		{"SYSTEM", claims{user: localSystem}, Peer{User: localSystem, Admin: true}, false},
		{"from the network", claims{user: alice, groups: []group{{network, on}}}, Peer{}, true},
		{"an administrator from the network", claims{user: alice, elevated: true, groups: []group{{administrators, on}, {network, on}}}, Peer{}, true},
		{"SYSTEM from the network", claims{user: localSystem, groups: []group{{network, on}}}, Peer{}, true},
		{"anonymous", claims{user: anonymous}, Peer{}, true},
		{"a member of anonymous", claims{user: alice, groups: []group{{anonymous, on}}}, Peer{}, true},
		{"nobody", claims{}, Peer{}, true},
	} {
		got, err := row.claims.peer()
		if got != row.want || (err != nil) != row.refuse {
			t.Errorf("%s: %+v, %v", row.name, got, err)
		}
		if row.refuse && !errors.Is(err, api.PermissionDenied) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestDecisionAboutPathsBecauseWineHasNoRemotePipes(t *testing.T) {
	for path, ok := range map[string]bool{
		SystemPath():                    true,
		UserPath():                      true,
		`\\.\PIPE\x`:                    true,
		`\\server\pipe\iscdesk-agent`:   false,
		`\\127.0.0.1\pipe\x`:            false,
		`\\.\pipe\`:                     false,
		`\\.\pipe\..\C:\x`:              false,
		`\\.\pipe\a\..\..\C:\x`:         false,
		`\\.\pipe\./x`:                  false,
		`\\.\pipe\a\\b`:                 false,
		`\\.\C:\x`:                      false,
		`\\?\pipe\x`:                    false,
		`C:\Users\alice\agent.sock`:     false,
		`/run/iscdesk/agent.sock`:       false,
		"":                              false,
		`\\.\pipe\x` + "\x00" + `\..\y`: false,
	} {
		if err := checkPath(path); (err == nil) != ok {
			t.Errorf("%q: %v", path, err)
		}
		if ok {
			continue
		}
		if c, err := Dial(t.Context(), path); !errors.Is(err, api.ServiceUnavailable) {
			t.Errorf("dial %q: %v, %v", path, c, err)
		}
		if l, err := Listen(path, false); err == nil {
			t.Errorf("listen on %q: %v", path, l)
		}
	}
}

func TestPathsCarryAConversationThoughWineProtectsNoPrefix(t *testing.T) {
	t.Setenv(SocketEnv, "")
	if got := DefaultPath(); got != SystemPath() {
		t.Errorf("without a pipe of the user's: %s", got)
	}
	for _, path := range []string{SystemPath(), UserPath()} {
		l, err := Listen(path, path == SystemPath())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				s, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer s.Close()
					_, _ = io.Copy(s, s)
				}()
			}
		}()
		c, err := Dial(t.Context(), path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		one := []byte("x")
		if _, err := c.Write(one); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(c, one); err != nil {
			t.Error(err)
		}
		if got := DefaultPath(); got != path {
			t.Errorf("a client would go to %s, not to %s", got, path)
		}
		if err := errors.Join(c.Close(), l.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Setenv(SocketEnv, `\\.\pipe\elsewhere`)
	if got := DefaultPath(); got != `\\.\pipe\elsewhere` {
		t.Errorf("with the variable: %s", got)
	}
}

func TestReadClaimsOfThisProcess(t *testing.T) {
	c, err := readClaims(windows.GetCurrentProcessToken())
	if err != nil || c.user != CurrentUser() || len(c.groups) == 0 {
		t.Fatalf("%+v, %v", c, err)
	}
}

// TestAClientThatIsNamedOnlyAfterItSpoke plays a client with dynamic tracking,
// which Wine does not know.
func TestAClientThatIsNamedOnlyAfterItSpoke(t *testing.T) {
	front := &queue{conns: make(chan net.Conn, 8), closed: make(chan struct{})}
	spoke := make(map[net.Conn]*watched)
	name := func(c net.Conn) (Peer, error) {
		if w := spoke[c]; w != nil && !w.read() {
			return Peer{}, windows.ERROR_CANNOT_IMPERSONATE
		}
		return Peer{User: alice}, nil
	}
	connect := func() net.Conn {
		a, b := net.Pipe()
		w := &watched{Conn: b, wasRead: make(chan struct{})}
		spoke[w] = w
		front.conns <- w
		return a
	}
	silent, talker := connect(), connect()
	l := newListener(front, name)
	if _, err := talker.Write([]byte("GET")); err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept() // the silent one does not hold up the other
	if err != nil {
		t.Fatal(err)
	}
	if p, err := PeerOf(s); err != nil || p.User != alice {
		t.Fatalf("%+v, %v", p, err)
	}
	go func() { _, _ = talker.Write([]byte(" /")) }()
	got := make([]byte, 5)
	if _, err := io.ReadFull(s, got); err != nil || string(got) != "GET /" {
		t.Fatalf("read %q, %v", got, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_ = silent.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := silent.Read(got); !errors.Is(err, io.EOF) {
		t.Fatalf("the silent one after the listener's end: %v", err)
	}
}

// queue is a listener over connections that are there already.
type queue struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error   { close(q.closed); return nil }
func (q *queue) Addr() net.Addr { return nil }

// watched tells whether it was read.
type watched struct {
	net.Conn
	wasRead chan struct{}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 && !w.read() {
		close(w.wasRead)
	}
	return n, err
}

func (w *watched) read() bool {
	select {
	case <-w.wasRead:
		return true
	default:
		return false
	}
}
