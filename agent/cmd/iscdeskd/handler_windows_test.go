package main

import (
	"io"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"

	"iscdesk.dev/agent/internal/logs"
)

// managed runs a handler as the service manager does.
type managed struct {
	t        *testing.T
	handler  *handler
	requests chan svc.ChangeRequest
	changes  chan svc.Status
	code     chan uint32
}

func manageHandler(t *testing.T, flags ...string) *managed {
	t.Helper()
	o, err := parse(flags)
	if err != nil {
		t.Fatal(err)
	}
	log := logs.New(io.Discard, o.level)
	t.Cleanup(func() { _ = log.Close() })
	m := &managed{
		t: t, handler: newHandler(o.config(log)),
		requests: make(chan svc.ChangeRequest), changes: make(chan svc.Status, 100), code: make(chan uint32, 1),
	}
	go func() {
		_, code := m.handler.Execute(nil, m.requests, m.changes)
		m.code <- code
	}()
	return m
}

// reaches waits until the handler reports a state; those before it may be
// pending ones only.
func (m *managed) reaches(want svc.State) svc.Status {
	m.t.Helper()
	for {
		select {
		case s := <-m.changes:
			if s.State == want {
				return s
			}
			if s.State != svc.StartPending || s.WaitHint == 0 {
				m.t.Fatalf("state %+v on the way to %d", s, want)
			}
		case code := <-m.code:
			m.t.Fatalf("it ended with %d on the way to %d: %v", code, want, m.handler.err)
		}
	}
}

func (m *managed) ended(within time.Duration) uint32 {
	m.t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case code := <-m.code:
		return code
	case <-late.C:
		m.t.Fatalf("it did not end within %s", within)
		return 0
	}
}

func TestHandlerFollowsAManagerOnPaperBecauseWineSendsNoLogOffOrSleep(t *testing.T) {
	for _, end := range []svc.Cmd{svc.Stop, svc.Shutdown, svc.PreShutdown} {
		m := manageHandler(t, "--state", filepath.Join(t.TempDir(), "state"), "--socket", `\\.\pipe\iscdesk-handler`, "--marketplace", "http://127.0.0.1:9")
		if s := m.reaches(svc.Running); s.Accepts != accepted {
			t.Errorf("accepts %x", s.Accepts)
		}
		m.requests <- svc.ChangeRequest{Cmd: svc.Interrogate}
		m.reaches(svc.Running)
		// A log-off and a switch of users are no reason to do anything.
		m.requests <- svc.ChangeRequest{Cmd: svc.SessionChange, EventType: windows.WTS_SESSION_LOGOFF}
		m.requests <- svc.ChangeRequest{Cmd: svc.PowerEvent, EventType: resumeAutomatic}
		m.requests <- svc.ChangeRequest{Cmd: svc.Interrogate}
		m.reaches(svc.Running)
		m.requests <- svc.ChangeRequest{Cmd: end}
		if s := m.reaches(svc.StopPending); s.WaitHint == 0 || s.Accepts != 0 {
			t.Errorf("while it stops: %+v", s)
		}
		if code := m.ended(5 * time.Second); code != 0 || m.handler.err != nil {
			t.Errorf("ended with %d, %v", code, m.handler.err)
		}
	}
}

func TestHandlerReportsAFailureSoThatTheManagerStartsAnew(t *testing.T) {
	m := manageHandler(t, "--state", filepath.Join(t.TempDir(), "state"), "--socket", `C:\no pipe`, "--marketplace", "http://127.0.0.1:9")
	if code := m.ended(time.Minute); code == 0 || m.handler.err == nil {
		t.Errorf("ended with %d, %v", code, m.handler.err)
	}
}

// Wine sends no such events: what is held here is what they lead to.
func TestTableOfLogOffAndSleepBecauseWineSendsNone(t *testing.T) {
	for event, want := range map[uint32]uintptr{
		windows.CTRL_C_EVENT: 0, windows.CTRL_BREAK_EVENT: 0, windows.CTRL_CLOSE_EVENT: 0,
		windows.CTRL_LOGOFF_EVENT: 1, windows.CTRL_SHUTDOWN_EVENT: 1,
	} {
		if got := staysAfter(event); got != want {
			t.Errorf("event %d: %d", event, got)
		}
	}
	const powerStatusChange, suspend = 0xA, 0x4
	for event, want := range map[uint32]bool{
		suspend: false, powerStatusChange: false, resumeAutomatic: true, resumeSuspend: true, resumeCritical: true,
	} {
		if wokeUp(event) != want {
			t.Errorf("power event %x: %v", event, !want)
		}
	}
	if err := outliveLogOff(); err != nil {
		t.Error(err)
	}
}
