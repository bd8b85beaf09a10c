package sdkbridge

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc/ipctest"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/session/sessiontest"
)

func TestMain(m *testing.M) { ipctest.VerifyTestMain(m) }

// app is an application in a test: a session and what it heard.
type app struct {
	*Session
	t      *testing.T
	events chan Event
}

func serve(t *testing.T, change func(*sessiontest.Server)) *sessiontest.Server {
	t.Helper()
	s := sessiontest.New(t.TempDir())
	if change != nil {
		change(s)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func begin(t *testing.T, s *sessiontest.Server, change func(*Options)) *app {
	t.Helper()
	a := &app{t: t, events: make(chan Event, 1000)}
	o := Options{
		Socket: s.Socket, Product: "minicad", Version: "1.0.0", Language: "en", Timeout: 2 * time.Second, Workspace: t.TempDir(),
		Callback: func(kind EventType, message string) { a.events <- Event{kind, message} },
	}
	if change != nil {
		change(&o)
	}
	var err error
	if a.Session, err = Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(false) })
	return a
}

// await gives the next event of that kind.
func (a *app) await(kind EventType) string {
	a.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case e := <-a.events:
			if !json.Valid([]byte(e.Message)) {
				a.t.Fatalf("no JSON: %s", e.Message)
			}
			if e.Type == kind {
				return e.Message
			}
		case <-limit:
			a.t.Fatalf("event %d never came", kind)
		}
	}
}

func wants(t *testing.T, err error, code api.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestSessionSurvivesARestartOfTheService(t *testing.T) {
	opened := make(chan api.Hello, 10)
	s := serve(t, func(s *sessiontest.Server) { s.Opened = func(p *sessiontest.Peer) { opened <- p.Hello } })
	a := begin(t, s, nil)
	first := <-opened
	s.Send(sessiontest.Event(7, api.EventUpgrade, api.UpgradeOrder{Version: "2", Forced: true}))
	if got := a.await(EventUpdate); !strings.HasPrefix(got, `{"operate":"Update","params":{"fromForceWin":"true"`) {
		t.Error(got)
	}
	s.Stop()
	a.await(EventClosed)
	_, err := a.Heartbeat()
	wants(t, err, api.ServiceUnavailable)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	a.await(EventConnected)
	again := <-opened
	if again.Session != first.Session || again.LastEvent != 7 {
		t.Errorf("it came back as %+v", again)
	}
	if _, err := a.Heartbeat(); err != nil {
		t.Error(err)
	}
}

func TestStartWithoutAServiceGoesOnTrying(t *testing.T) {
	s := sessiontest.New(t.TempDir())
	events := make(chan Event, 10)
	a, err := Start(Options{Socket: s.Socket, Product: "p", Timeout: 100 * time.Millisecond, Callback: func(k EventType, m string) { events <- Event{k, m} }})
	wants(t, err, api.ServiceUnavailable)
	if a == nil {
		t.Fatal("no session")
	}
	defer func() { _ = a.Close(false) }()
	wants(t, a.OpenCloudFile(""), api.ServiceUnavailable)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if e := <-events; e.Type != EventConnected {
		t.Errorf("got %+v", e)
	}
}

func TestStartRefusals(t *testing.T) {
	s := serve(t, func(s *sessiontest.Server) { s.Reply.Protocol = api.ProtocolVersion + 1 })
	a, err := Start(Options{Socket: s.Socket, Product: "p", Timeout: time.Second})
	wants(t, err, api.ServiceTooNew)
	if a != nil {
		t.Error("there is a session with a service that it cannot talk to")
	}
}

// staging is the service's side of saves.
type staging struct {
	mu      sync.Mutex
	begun   api.SaveBegin
	content []byte
	again   int // connections to cut off first
}

func (g *staging) kept() (api.SaveBegin, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.begun, string(g.content)
}

func (g *staging) serve(s *sessiontest.Server) {
	s.Handlers[api.CallSaveBegin] = func(p *sessiontest.Peer, args json.RawMessage) (any, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.again > 0 {
			g.again--
			return nil, errors.Join(p.Close(), sessiontest.Silence)
		}
		if err := json.Unmarshal(args, &g.begun); err != nil {
			return nil, err
		}
		if strings.Contains(g.begun.Name, "readonly") {
			return nil, api.Fail(api.DocumentReadOnly, "path", g.begun.LocalPath)
		}
		// The client's first calls are hello (1) and save.begin (2).
		if err := p.WriteMessage(session.Message{ID: 2, OK: json.RawMessage(`{"operation":"` + g.begun.Operation + `"}`)}); err != nil {
			return nil, err
		}
		var err error
		g.content, err = p.ReadContent()
		return nil, errors.Join(err, sessiontest.Silence)
	}
	s.Handlers[api.CallSaveCommit] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
		begun, _ := g.kept()
		return api.Saved{Operation: begun.Operation, Path: "/me/part.step"}, nil
	}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// quoted is a path as a string of JSON.
func quoted(path string) string { return `"` + strings.ReplaceAll(path, `\`, `\\`) + `"` }

func TestSaveTellsStartResultEnd(t *testing.T) {
	g := &staging{again: 2}
	a := begin(t, serve(t, g.serve), nil)
	path := write(t, "part.step", "a drawing")
	if err := a.Save(SaveOrder{Path: path, Tag: "my tag"}); err != nil {
		t.Fatal(err)
	}
	wantTag := `},"comeBackParams":{"tag":"my tag"}}`
	if got := a.await(EventUploadStart); got != `{"operate":"UploadStart","params":{"filePath":`+quoted(path)+wantTag {
		t.Error(got)
	}
	result := a.await(EventSaveResult)
	begun, content := g.kept()
	want := `{"operate":"SaveResult","params":{"status":"success","filePath":` + quoted(path) + `,"operation":"` + begun.Operation +
		`","path":"/me/part.step"` + wantTag
	if result != want {
		t.Errorf("got %s, want %s", result, want)
	}
	if got := a.await(EventUploadEnd); got != `{"operate":"UploadEnd","params":{"status":"success","filePath":`+quoted(path)+wantTag {
		t.Error(got)
	}
	if content != "a drawing" || begun.LocalPath != path || begun.Tag != "my tag" {
		t.Errorf("the service got %q of %+v", content, begun)
	}
}

func TestSaveThatIsRefused(t *testing.T) {
	g := &staging{}
	a := begin(t, serve(t, g.serve), nil)
	path := write(t, "readonly.step", "x")
	wants(t, a.Save(SaveOrder{Path: path}), api.DocumentReadOnly)
	got := a.await(EventSaveResult)
	if !strings.HasPrefix(got, `{"operate":"SaveResult","params":{"status":"failed"`) || !strings.Contains(got, `"reason":"document_read_only","text":"'`) {
		t.Error(got)
	}
	if got := a.await(EventUploadEnd); !strings.Contains(got, `"status":"failed"`) {
		t.Error(got)
	}
}

// When Save returns without an error the service has the content.
func TestSaveReturnsOnceSafe(t *testing.T) {
	g := &staging{}
	a := begin(t, serve(t, g.serve), nil)
	if err := a.Save(SaveOrder{Path: write(t, "a.step", "a drawing")}); err != nil {
		t.Fatal(err)
	}
	if _, content := g.kept(); content != "a drawing" {
		t.Errorf("Save returned before the content was safe: %q", content)
	}
}

func TestCloseWaitsForSaves(t *testing.T) {
	g := &staging{}
	a := begin(t, serve(t, g.serve), nil)
	a.options.Timeout = time.Nanosecond // Save goes on behind the call
	path := write(t, "last.step", "the last drawing")
	if err := a.Save(SaveOrder{Path: path}); err != nil && !errors.Is(err, api.Timeout) {
		t.Fatal(err)
	}
	if err := a.Close(false); err != nil {
		t.Fatal(err)
	}
	if _, content := g.kept(); content != "the last drawing" {
		t.Errorf("lost: %q", content)
	}
	a.await(EventSaveResult)
	wants(t, a.Save(SaveOrder{Path: path}), api.ShuttingDown)
}

func TestCloseGivesUpOnASaveThatHangs(t *testing.T) {
	s := serve(t, func(s *sessiontest.Server) {
		s.Handlers[api.CallSaveBegin] = func(*sessiontest.Peer, json.RawMessage) (any, error) { return nil, sessiontest.Silence }
	})
	a := begin(t, s, func(o *Options) { o.ShutdownTimeout = 100 * time.Millisecond })
	a.options.Timeout = 50 * time.Millisecond
	wants(t, a.Save(SaveOrder{Path: write(t, "x.step", "x")}), api.Timeout)
	a.await(EventUploadStart)
	wants(t, a.Close(false), api.Timeout)
}

func TestCloseDoesNotWaitForACallbackForEver(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	s := serve(t, nil)
	a, err := Start(Options{Socket: s.Socket, Product: "p", Callback: func(EventType, string) { close(inside); <-release }})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.HeartbeatEvent(); err != nil {
		t.Fatal(err)
	}
	<-inside
	wants(t, a.Close(false), api.Busy)
	close(release)
}

func TestAPanicStaysInside(t *testing.T) {
	a := begin(t, serve(t, nil), nil)
	if !a.recovered("test", func() { panic("oh") }) {
		t.Error("no panic was noticed")
	}
	if got := a.await(EventFailure); !strings.Contains(got, `"during":"test","reason":"internal"`) {
		t.Error(got)
	}
}
