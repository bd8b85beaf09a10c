package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/internal/acl"
	"iscdesk.dev/agent/ipc"
)

// machine is a program, a state and a pipe for a service, in folders whose
// names no code page has.
type machine struct {
	t                  *testing.T
	exe, state, socket string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	home := t.TempDir()
	m := &machine{
		t: t, exe: filepath.Join(home, "程序 Files", "iscdeskd.exe"), state: filepath.Join(home, "状 态"),
		socket: fmt.Sprintf(`\\.\pipe\iscdesk-test-%d`, os.Getpid()),
	}
	if err := os.Mkdir(filepath.Dir(m.exe), 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	// No link: it could not be removed while this process runs from it.
	if err := os.WriteFile(m.exe, content, 0o700); err != nil { // a program
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c, err := (windowsManager{}).condition(); err == nil && c != notInstalled {
			m.do(0, "uninstall")
		}
	})
	return m
}

// do runs a command of iscdeskd and wants its exit status.
func (m *machine) do(want int, args ...string) string {
	m.t.Helper()
	out, err := exec.Command(m.exe, args...).CombinedOutput()
	status := 0
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		status = ended.ExitCode()
	} else if err != nil {
		m.t.Fatal(err)
	}
	if status != want {
		m.t.Fatalf("iscdeskd %s: status %d, want %d\n%s", strings.Join(args, " "), status, want, out)
	}
	return string(out)
}

func (m *machine) install() {
	m.t.Helper()
	m.do(0, "install", "--state", m.state, "--socket", m.socket, "--marketplace", "http://127.0.0.1:9")
}

// info asks the service over its pipe.
func (m *machine) info() api.ServiceInfo {
	m.t.Helper()
	c := client.New(m.socket)
	defer c.Close()
	info, err := c.Service(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	return info
}

// process opens the process of the service.
func (m *machine) process() windows.Handle {
	m.t.Helper()
	status, err := query()
	if err != nil {
		m.t.Fatal(err)
	}
	const rights = windows.SYNCHRONIZE | windows.PROCESS_TERMINATE
	p, err := windows.OpenProcess(rights, false, status.ProcessId)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = windows.CloseHandle(p) })
	return p
}

// ends wants a process to end within the time.
func (m *machine) ends(p windows.Handle, within time.Duration) {
	m.t.Helper()
	began := time.Now()
	if event, err := windows.WaitForSingleObject(p, uint32(within.Milliseconds())); event != windows.WAIT_OBJECT_0 {
		m.t.Fatalf("the process did not end within %s: %d, %v", within, event, err)
	}
	m.t.Logf("ended after %s", time.Since(began))
}

func TestServiceControlCycle(t *testing.T) {
	m := newMachine(t)
	m.do(exitNotInstalled, "status")
	m.do(exitNotInstalled, "start")
	m.do(exitNotInstalled, "uninstall")
	m.do(2, "install", "--nonsense")
	m.do(2, "start", "--system")
	m.install()
	m.do(1, "install")
	m.do(exitStopped, "status")
	m.do(0, "stop")
	m.do(0, "start")
	m.do(0, "start")
	m.do(0, "status")

	cmd := exec.Command(m.exe, "cli", "--json", "status")
	cmd.Env = append(os.Environ(), ipc.SocketEnv+"="+m.socket)
	out, err := cmd.Output()
	var state api.State
	if err := errors.Join(err, json.Unmarshal(out, &state)); err != nil {
		t.Fatalf("iscdesk status: %v\n%s", err, out)
	}
	if state.Service.PerUser || state.Account.State != api.AccountSignedOut {
		t.Errorf("iscdesk status: %s", out)
	}

	first := m.process()
	m.do(0, "restart")
	m.ends(first, time.Second) // it ended before the next one began
	m.info()

	second := m.process()
	m.do(0, "stop")
	m.ends(second, time.Second)
	m.do(exitStopped, "status")
	m.do(0, "uninstall")
	m.do(exitNotInstalled, "status")
	for _, path := range []string{`SYSTEM\CurrentControlSet\Services\iscdeskd`, `SYSTEM\CurrentControlSet\Services\EventLog\Application\iscdeskd`} {
		if k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE); !errors.Is(err, registry.ErrNotExist) {
			t.Errorf("HKLM\\%s is still there: %v", path, err)
			_ = k.Close()
		}
	}
	if _, err := os.Stat(filepath.Join(m.state, "users")); err != nil {
		t.Errorf("the state is gone: %v", err)
	}
}

// The contract is five seconds; programs that are connected do not change it.
func TestServiceStopsWithinFiveSecondsWithClientsConnected(t *testing.T) {
	m := newMachine(t)
	m.install()
	m.do(0, "start")
	c := client.New(m.socket)
	defer c.Close()
	w, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	silent, err := ipc.Dial(t.Context(), m.socket) // says nothing, and does not hang up
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	p := m.process()
	if err := (windowsManager{}).stop(); err != nil {
		t.Fatal(err)
	}
	m.ends(p, 5*time.Second)
	status, err := query()
	if err != nil || svc.State(status.CurrentState) != svc.Stopped || status.Win32ExitCode != 0 {
		t.Errorf("after the end: %+v, %v", status, err)
	}
}

func TestKilledServiceStartsOnTheSameStateByHandBecauseWineRestartsNone(t *testing.T) {
	m := newMachine(t)
	m.install()
	m.do(0, "start")
	c := client.New(m.socket)
	if _, err := c.State(t.Context()); err != nil { // makes this user's database
		t.Fatal(err)
	}
	c.Close()
	p := m.process()
	if err := windows.TerminateProcess(p, 1); err != nil {
		t.Fatal(err)
	}
	m.ends(p, 5*time.Second)
	m.do(0, "restart") // Wine's manager does not notice the end, and starts nothing by itself
	c = client.New(m.socket)
	defer c.Close()
	if _, err := c.State(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Wine keeps no failure actions and runs none: what is held here is what the
// manager is told.
func TestTableOfFailureActionsBecauseWineKeepsNone(t *testing.T) {
	want := []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
	got := recovery()
	if len(got) != len(want) || forgiven != 86400 {
		t.Fatalf("%d actions, forgiven after %d s", len(got), forgiven)
	}
	for i, a := range got {
		if a.Type != mgr.ServiceRestart || a.Delay != want[i] {
			t.Errorf("action %d: %+v", i+1, a)
		}
	}
}

func TestInstalledServiceAsTheManagerHasIt(t *testing.T) {
	m := newMachine(t)
	m.install()
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\iscdeskd`, registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	line, _, err := k.GetStringValue("ImagePath")
	want := `"` + m.exe + `" run --system --marketplace=http://127.0.0.1:9 --socket=` + m.socket + ` "--state=` + m.state + `" --service`
	if err != nil || line != want {
		t.Errorf("command line %s, %v; want %s", line, err, want)
	}
	if account, _, err := k.GetStringValue("ObjectName"); account != "LocalSystem" {
		t.Errorf("runs as %q, %v", account, err)
	}
	for name, want := range map[string]uint64{"Start": mgr.StartAutomatic, "DelayedAutoStart": 1, "PreshutdownTimeout": 10_000} {
		if got, _, err := k.GetIntegerValue(name); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", name, got, err, want)
		}
	}
}

// Every process is an administrator under Wine: what is held here is what an
// answer of Windows leads to.
func TestTableOfRefusalsBecauseWineHasOneUser(t *testing.T) {
	for _, row := range []struct {
		err    error
		want   error
		status int
	}{
		{windows.ERROR_ACCESS_DENIED, errNotAllowed, exitNotAllowed},
		{windows.ERROR_SERVICE_EXISTS, errInstalled, 1},
		{windows.ERROR_SERVICE_DOES_NOT_EXIST, errNotInstalled, exitNotInstalled},
		{windows.ERROR_SERVICE_REQUEST_TIMEOUT, errNotStarted, 1},
		{windows.ERROR_INVALID_PARAMETER, windows.ERROR_INVALID_PARAMETER, 1},
	} {
		err := told(fmt.Errorf("open: %w", row.err))
		if !errors.Is(err, row.want) {
			t.Errorf("%v became %v", row.err, err)
		}
		if status, said := explain(texts(t), "start", err); status != row.status || said == nil {
			t.Errorf("%v: status %d, %v", row.err, status, said)
		}
	}
}

// openToOthers is a program that everyone may write.
func openToOthers(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "iscdeskd.exe")
	if err := os.WriteFile(path, nil, 0o700); err != nil { // a program
		t.Fatal(err)
	}
	sd, err := windows.SecurityDescriptorFromString(acl.Private("") + "(A;;FA;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := sd.DACL()
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION, nil, nil, list, nil); err != nil {
		t.Fatal(err)
	}
	return path
}
