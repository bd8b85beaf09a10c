package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/session"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// The test binary is also the service and, for tests with a second user, a
// client: it is started again with one of these set.
const (
	serviceEnv = "ISCDESK_TEST_SERVICE" // the knobs
	clientEnv  = "ISCDESK_TEST_CLIENT"  // the socket
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(serviceEnv) != "":
		os.Exit(serviceMain(os.Getenv(serviceEnv)))
	case os.Getenv(clearEnv) != "":
		clearMain(os.Getenv(clearEnv))
	case os.Getenv(clientEnv) != "":
		os.Exit(clientMain(os.Getenv(clientEnv)))
	}
	goleak.VerifyTestMain(m)
}

// knobs are what of a Config crosses to another process.
type knobs struct {
	State, Socket, Marketplace, PolicyFile, Version string
	PerUser                                         bool
}

// serviceMain is a whole service in a process of its own.
func serviceMain(text string) int {
	var s knobs
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return 3
	}
	cfg := Config{
		State: s.State, Socket: s.Socket, Marketplace: s.Marketplace, PolicyFile: s.PolicyFile, Version: s.Version, PerUser: s.PerUser,
		Log: slog.New(slog.DiscardHandler),
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { // the parent's end of the pipe is the signal to stop
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := Run(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// config is a service in folders of its own. Everybody can reach its socket.
func config(t *testing.T, perUser bool) Config {
	t.Helper()
	dir, err := os.MkdirTemp("", "isc") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return Config{
		State: filepath.Join(dir, "state"), Socket: filepath.Join(dir, "run", "agent.sock"),
		PolicyFile: filepath.Join(dir, "policy.toml"), Marketplace: newMarket(t), PerUser: perUser, Version: "1.2.3", Log: slog.New(slog.DiscardHandler),
	}
}

// start runs a service in this process. who is who connects; nil: the kernel
// says it.
func start(t *testing.T, cfg Config, who actor.Identify) *daemon {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d, err := prepare(ctx, cfg, who)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(d.serve(ctx), d.close()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return d
}

// service is a service in a process of its own.
type service struct {
	*exec.Cmd
	t     *testing.T
	ended bool
	quit  io.Closer
}

func process(t *testing.T, cfg Config) *service {
	t.Helper()
	text, err := json.Marshal(knobs{
		State: cfg.State, Socket: cfg.Socket, Marketplace: cfg.Marketplace, PolicyFile: cfg.PolicyFile, Version: cfg.Version, PerUser: cfg.PerUser,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{Cmd: exec.Command("/proc/self/exe"), t: t}
	s.Env = append(os.Environ(), serviceEnv+"="+string(text))
	s.Stderr = os.Stderr
	if s.quit, err = s.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	awaitSocket(t, cfg.Socket)
	return s
}

// stop ends the service and gives how long that took.
func (s *service) stop() time.Duration {
	if s.ended {
		return 0
	}
	s.ended = true
	began := time.Now()
	_ = s.quit.Close()
	if err := s.Wait(); err != nil {
		s.t.Errorf("the service: %v", err)
	}
	return time.Since(began)
}

// kill ends the service as a power cut would.
func (s *service) kill() {
	s.ended = true
	if err := s.Process.Signal(syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	_ = s.Wait() // it was killed
}

func awaitSocket(t *testing.T, path string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatal("the socket does not answer")
}

// signIn signs a client's user in.
func signIn(t *testing.T, c *client.Client) {
	t.Helper()
	begun, err := c.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: "http://127.0.0.1:4000/done"})
	if err != nil {
		t.Fatal(err)
	}
	account, err := c.LoginComplete(t.Context(), api.LoginComplete{State: begun.State, Code: "code"})
	if err != nil || account.State != api.AccountSignedIn {
		t.Fatalf("%+v, %v", account, err)
	}
}

const (
	secretName = "alices-secret.step"
	secretPath = "/home/alice/" + secretName
	sessionID  = "session-of-alice"
)

// saveSecret saves a document that only its owner may see.
func saveSecret(ctx context.Context, c *client.Client) error {
	t, err := c.Transfer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	content := []byte("ISO-10303-21; secret of alice")
	err = t.Call(ctx, api.CallSaveBegin, api.SaveBegin{
		Operation: "op-of-alice", LocalPath: secretPath, Path: "/engineer/" + secretName, Kind: api.Single, Name: secretName,
		Entries: []api.FileEntry{{Path: secretName, Size: int64(len(content))}},
	}, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(t.WriteContent(content), t.EndContent()); err != nil {
		return err
	}
	return t.Call(ctx, api.CallSaveCommit, api.SaveCommit{Operation: "op-of-alice"}, nil)
}

// seen is everything that a user can find out through the socket.
type seen struct {
	User string
	Text string // all answers
	// Errors are the codes of what was refused, by what was asked.
	Errors map[string]api.Code
	Events []string
}

// lookAround asks for everything, also for what is alice's, by name.
func lookAround(ctx context.Context, socket string) (seen, error) {
	s := seen{User: ipc.CurrentUser(), Errors: map[string]api.Code{}}
	c := client.New(socket)
	defer c.Close()
	note := func(what string, v any, err error) {
		if err != nil {
			s.Errors[what] = api.AsError(err).Code
		}
		text, _ := json.Marshal(v)
		s.Text += what + ": " + string(text) + "\n"
	}
	st, err := c.State(ctx)
	note("state", st, err)
	if err != nil {
		return s, err
	}
	licenses, err := c.Licenses(ctx)
	note("licenses", licenses, err)
	transfers, err := c.Transfers(ctx)
	note("transfers", transfers, err)
	listing, err := c.List(ctx, "/engineer")
	note("list", listing, err)
	note("retry", nil, c.Retry(ctx, "op-of-alice"))
	checks, err := c.Doctor(ctx)
	note("doctor", checks, err)
	t, err := c.Transfer(ctx)
	if err != nil {
		return s, err
	}
	defer func() { _ = t.Close() }()
	note("fetch", nil, t.Call(ctx, api.CallFetchBegin, api.FetchBegin{Path: "/engineer/" + secretName}, nil))
	return s, s.session(ctx, socket, note)
}

// session opens a session that bears the name of alice's and listens in.
func (s *seen) session(ctx context.Context, socket string, note func(string, any, error)) error {
	app, _, err := session.Dial(ctx, socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: sessionID, Product: "cad", Version: "1",
	})
	if err != nil {
		return err
	}
	defer func() { _ = app.Close() }()
	var opened api.OpenedDocument
	err = app.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: secretPath}, &opened)
	note("lookup", opened, err)
	note("release", nil, app.Call(ctx, api.CallLeaseRelease, api.LeaseRelease{ID: "lease-of-alice"}, nil))
	quiet := time.NewTimer(300 * time.Millisecond)
	defer quiet.Stop()
	for {
		select {
		case e := <-app.Events():
			s.Events = append(s.Events, e.Name)
		case <-quiet.C:
			return nil
		}
	}
}

// clientMain prints what this user sees.
func clientMain(socket string) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := lookAround(ctx, socket)
	if err != nil {
		s.Errors["all"] = api.AsError(err).Code
	}
	if json.NewEncoder(os.Stdout).Encode(s) != nil {
		return 1
	}
	return 0
}

// otherUID is a user that is not us. No account needs to exist for it.
const otherUID = 54321

// lookAsOther looks around as another user, which takes root. Without it the
// child is one of ours, and other is false.
func lookAsOther(t *testing.T, socket string) (s seen, other bool) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), clientEnv+"="+socket)
	cmd.Stderr = os.Stderr
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUID, Gid: otherUID}}
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(strings.NewReader(string(out))).Decode(&s); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return s, os.Geteuid() == 0
}
