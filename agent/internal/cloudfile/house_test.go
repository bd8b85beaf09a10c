package cloudfile

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/marketplace/agentapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is one user's engine on real files, with what it is joined to. It can
// crash and be started again on the same disk.
type house struct {
	t       testing.TB
	dir     string
	market  *market
	account *account
	events  *events
	db      *sql.DB
	engine  *Engine
	stop    context.CancelFunc
	ended   chan error
	steps   atomic.Pointer[func(string)] // set by crashAt
	solved  chan struct{}
	ops     int
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, dir: t.TempDir(), market: newMarket(t), account: newAccount("li"), events: newEvents(), solved: make(chan struct{}, 100)}
	h.open()
	t.Cleanup(func() {
		h.close()
		h.market.Client().CloseIdleConnections()
	})
	return h
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.db, err = store.Open(filepath.Join(h.dir, "agent.db")); err != nil {
		h.t.Fatal(err)
	}
	client, err := cloud.New(h.market.URL, h.market.Client(), h.account)
	if err != nil {
		h.t.Fatal(err)
	}
	h.engine, err = New(h.t.Context(), Config{
		DB: h.db, Dir: filepath.Join(h.dir, "staging"), Market: client, Notify: h.events, Account: h.account.State,
		OnPublished: func() { h.solved <- struct{}{} },
		Steps: func(s string) {
			if f := h.steps.Load(); f != nil {
				(*f)(s)
			}
		},
		Log: slog.New(slog.NewTextHandler(testLog{h.t}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	if testing.Verbose() {
		l.t.Logf("%s", p)
	}
	return len(p), nil
}

// errCrashed is how Serve ends in a crash that a test has made.
const errCrashed = moved("crashed")

// serve starts the uploads.
func (h *house) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.ended = cancel, make(chan error, 1)
	engine, ended := h.engine, h.ended
	go func() {
		var err error = errCrashed
		defer func() { ended <- err }()
		err = engine.Serve(ctx)
	}()
}

func (h *house) close() {
	if h.stop != nil {
		h.stop()
		if err := <-h.ended; !errors.Is(err, context.Canceled) && !errors.Is(err, errCrashed) {
			h.t.Errorf("serve: %v", err)
		}
		h.stop = nil
	}
	_ = h.db.Close()
}

// restart ends everything as a crash would leave it, and starts again.
func (h *house) restart() {
	h.t.Helper()
	h.close()
	h.open()
}

func (h *house) app() api.Session { return api.Session{ID: "session-1", Product: "minicad"} }

func (h *house) begin(local string) api.SaveBegin {
	h.ops++
	return api.SaveBegin{Operation: fmt.Sprintf("op-%03d", h.ops), LocalPath: local, Kind: api.Single, Name: filepath.Base(local)}
}

// try saves one file.
func (h *house) try(req api.SaveBegin, data []byte) (api.Saved, error) {
	if req.Entries == nil {
		req.Entries = []api.FileEntry{{Path: req.Name, Size: int64(len(data))}}
	}
	s, err := h.engine.BeginSave(h.t.Context(), h.app(), req)
	if err != nil {
		return api.Saved{}, err
	}
	if s.Ticket().Done {
		return s.Commit(h.t.Context(), api.SaveCommit{Operation: req.Operation})
	}
	for rest := data; len(rest) > 0; {
		n := min(len(rest), 1<<20)
		if _, err := s.Write(rest[:n]); err != nil {
			s.Abort()
			return api.Saved{}, err
		}
		rest = rest[n:]
	}
	return s.Commit(h.t.Context(), api.SaveCommit{Operation: req.Operation})
}

func (h *house) saveBytes(req api.SaveBegin, data []byte) api.Saved {
	h.t.Helper()
	saved, err := h.try(req, data)
	if err != nil {
		h.t.Fatal(err)
	}
	return saved
}

func (h *house) save(local, content string) api.Saved {
	h.t.Helper()
	return h.saveBytes(h.begin(local), []byte(content))
}

// fetch reads a document whole.
func (h *house) fetch(path string, version int) (api.FetchHeader, string, error) {
	header, r, err := h.engine.Fetch(h.t.Context(), api.FetchBegin{Path: path, Version: version})
	if err != nil {
		return header, "", err
	}
	content, err := io.ReadAll(r)
	return header, string(content), errors.Join(err, r.Close())
}

// opened opens a document as the SDK would.
func (h *house) opened(local, path, openType, workState string) {
	h.t.Helper()
	header, _, err := h.fetch(path, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.engine.Opened(h.t.Context(), api.OpenedDocument{
		LocalPath: local, Document: header.Document, Path: header.Path, Kind: header.Kind, Version: header.Version,
		OpenType: openType, WorkState: workState, Hash: hashOf(header),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) lookup(local string) api.OpenedDocument {
	h.t.Helper()
	o, err := h.engine.Lookup(h.t.Context(), api.DocumentLookup{LocalPath: local})
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

// published waits for the event of an operation.
func (h *house) published(operation string) api.Published {
	h.t.Helper()
	return await(h, api.EventDocumentPublished, func(p api.Published) bool { return p.Operation == operation })
}

// await waits for an event.
func await[T any](h *house, name string, is func(T) bool) T {
	h.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		all, more := h.events.after(0)
		for _, e := range all {
			var data T
			if e.Name == name && json.Unmarshal(e.Data, &data) == nil && is(data) {
				return data
			}
		}
		select {
		case <-more:
		case <-deadline:
			h.t.Fatalf("no event %s; transfers: %+v", name, h.engine.Transfers())
		}
	}
}

// awaitTransfers waits until the transfers are as wanted.
func (h *house) awaitTransfers(what string, is func([]api.Transfer) bool) {
	h.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		_, more := h.events.after(0)
		if is(h.engine.Transfers()) {
			return
		}
		select {
		case <-more:
		case <-deadline:
			h.t.Fatalf("never %s: %+v", what, h.engine.Transfers())
		}
	}
}

func (h *house) hello() { h.engine.Pushed(agentapi.PushMessage{Type: agentapi.Hello}) }

func (h *house) offline(off bool) {
	h.account.set(func(a *api.Account) { a.Online = !off })
	h.market.set(func() {
		h.market.Fail = nil
		if off {
			h.market.Fail = func(string) *api.Error { return api.Fail(api.MarketplaceFailed, "status", "503") }
		}
	})
}

func hashOf(h api.FetchHeader) string { return entry.HashEntries(h.Entries) }

// account is who is signed in, and his token.
type account struct {
	mu    sync.Mutex
	state api.Account
}

func newAccount(user string) *account {
	return &account{state: api.Account{State: api.AccountSignedIn, Marketplace: "m", UserID: user, UserName: user, Online: true}}
}

func (a *account) State() api.Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

func (a *account) set(change func(*api.Account)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.state)
}

func (a *account) Token(context.Context) (string, error) {
	s := a.State()
	if s.State != api.AccountSignedIn {
		return "", api.Fail(api.SignedOut)
	}
	return s.UserID, nil
}

func (*account) Rejected(string) {}

// events keeps every event and wakes who waits.
type events struct {
	mu    sync.Mutex
	all   []api.Event
	more  chan struct{}
	muted bool
}

// mute ends who publishes from now on, as a crash does.
func (e *events) mute(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.muted = on
}

func newEvents() *events { return &events{more: make(chan struct{})} }

func (e *events) Publish(_ context.Context, event api.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.muted {
		runtime.Goexit() // the process that would go on is gone
	}
	e.all = append(e.all, event)
	close(e.more)
	e.more = make(chan struct{})
}

func (e *events) Changed(string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.more)
	e.more = make(chan struct{})
}

func (e *events) after(n int) ([]api.Event, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.all[n:]), e.more
}

func (e *events) named(name string) (out []api.Event) {
	all, _ := e.after(0)
	for _, x := range all {
		if x.Name == name {
			out = append(out, x)
		}
	}
	return out
}
