package app_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

// TestMain makes the test binary the helper when the runner starts it so.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == app.HelperCommand {
		// os.Exit would have the race detector wait a second for each helper.
		syscall.Exit(app.HelperMain(context.Background(), os.Stdin, os.Stdout, os.Args[2:]))
	}
	os.Exit(m.Run())
}

const patience = 30 * time.Second

// otherUID is whom the helper runs as when the tests run as root.
const otherUID = 54321

func testUser() app.OSUser {
	if os.Geteuid() == 0 {
		return app.OSUser{UID: otherUID, GID: otherUID, Groups: []uint32{otherUID}, Name: "engineer"}
	}
	return app.OSUser{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Name: "engineer"}
}

// newHome is a home folder that belongs to the test user and that he can reach.
func newHome(t *testing.T) string {
	t.Helper()
	top, err := os.MkdirTemp("", "iscdesk-app-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	home := filepath.Join(top, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(top, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(home, otherUID, otherUID); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func newRunner(home string) app.HelperRunner {
	return app.HelperRunner{User: func(context.Context) (app.OSUser, error) {
		u := testUser()
		u.Home = home
		return u, nil
	}, Limit: patience}
}

// pkg is a package in the catalogue.
type pkg struct {
	agentapi.AppVersion
	content []byte
}

// scripted makes a package whose install script is given.
func scripted(t *testing.T, version, script string, more ...string) pkg {
	t.Helper()
	files := map[string]string{"bin/minicad": "#!/bin/sh\necho minicad " + version + "\n"}
	if script != "" {
		files["scripts/install.sh"] = script
	}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, body := range files {
		h := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(body)), Typeflag: tar.TypeReg}
		if target, ok := strings.CutPrefix(body, "symlink:"); ok {
			h.Typeflag, h.Linkname, h.Size, body = tar.TypeSymlink, target, 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed(version, "minicad-"+version+".tar.gz", b.Bytes())
}

func packed(version, file string, content []byte) pkg {
	sum := sha256.Sum256(content)
	return pkg{agentapi.AppVersion{Version: version, Package: agentapi.Package{
		File: file, Size: int64(len(content)), Sha256: hex.EncodeToString(sum[:]),
	}}, content}
}

// market is a marketplace with a catalogue of one product, minicad, and knobs.
type market struct {
	server *httptest.Server

	mu     sync.Mutex
	latest pkg
	// knobs
	down    bool   // every request fails
	cut     int    // the next package ends after this many bytes; 0: whole
	noRange bool   // packages always come from the beginning
	content []byte // sent instead of the package
	// hold, where not nil, is waited for in the middle of a package.
	hold   chan struct{}
	ranges []string
}

func newMarket(t *testing.T, latest pkg) *market {
	m := &market{latest: latest}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/agent/v1/apps", m.apps)
	mux.HandleFunc("GET /api/agent/v1/apps/{product}/upgrade", m.upgrade)
	mux.HandleFunc("GET /api/agent/v1/packages/{sha256}", m.pack)
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		down := m.down
		m.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(m.server.Close)
	return m
}

func (m *market) set(turn func(*market)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	turn(m)
}

// asked gives the Range headers of the package requests so far.
func (m *market) asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{}, m.ranges...)
}

func (m *market) apps(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = json.NewEncoder(w).Encode(agentapi.AppList{Apps: []agentapi.App{
		{Product: "minicad", Name: "Mini CAD", Latest: m.latest.AppVersion},
		{Product: "../evil", Name: "Evil", Latest: m.latest.AppVersion},
	}})
}

func (m *market) upgrade(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var u agentapi.Upgrade
	if r.PathValue("product") == "minicad" && r.FormValue("version") != m.latest.Version && r.FormValue("os") != "" && r.FormValue("arch") != "" {
		u = agentapi.Upgrade{Available: true, Forced: m.latest.Forced, Version: m.latest.AppVersion}
	}
	_ = json.NewEncoder(w).Encode(u)
}

func (m *market) pack(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	content, cut := m.latest.content, m.cut
	m.cut = 0
	m.ranges = append(m.ranges, r.Header.Get("Range"))
	if m.content != nil {
		content = m.content
	}
	noRange, hold := m.noRange, m.hold
	m.mu.Unlock()
	start := 0
	if !noRange {
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &start)
	}
	if start > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, len(content)-1, len(content)))
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(content)-start))
	if start > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	if cut > 0 {
		_, _ = w.Write(content[start:cut])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	if hold != nil {
		half := start + (len(content)-start)/2
		_, _ = w.Write(content[start:half])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-hold:
		case <-r.Context().Done():
		}
		start = half
	}
	_, _ = w.Write(content[start:])
}

type tokens struct{}

func (tokens) Token(context.Context) (string, error) { return "token", nil }
func (tokens) Rejected(string)                       {}

// recorder keeps the events and lets a test wait for one.
type recorder struct {
	mu     sync.Mutex
	events []api.Event
	more   chan struct{}
}

func (r *recorder) Publish(_ context.Context, e api.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	r.wakeLocked()
}

func (r *recorder) Changed(string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wakeLocked()
}

func (r *recorder) wakeLocked() {
	close(r.more)
	r.more = make(chan struct{})
}

// await calls done at each event or change until it is true.
func (r *recorder) await(t *testing.T, what string, done func([]api.Event) bool) {
	t.Helper()
	limit := time.After(patience)
	for {
		r.mu.Lock()
		events, more := append([]api.Event{}, r.events...), r.more
		r.mu.Unlock()
		if done(events) {
			return
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("never came: %s; events: %v", what, names(events))
		}
	}
}

func names(events []api.Event) (list []string) {
	for _, e := range events {
		list = append(list, e.Name+" "+e.Session+" "+string(e.Data))
	}
	return list
}

// world is one user's engine with everything around it.
type world struct {
	*app.Engine
	t      *testing.T
	home   string
	dir    string
	db     *sql.DB
	market *market
	heard  *recorder
	runner app.HelperRunner

	mu      sync.Mutex
	account api.Account
	forbids [2]bool // installing, forcing
	stop    func()
}

func newWorld(t *testing.T, latest pkg, turns ...func(*market)) *world {
	t.Helper()
	w := &world{
		t: t, home: newHome(t), dir: filepath.Join(t.TempDir(), "apps"), market: newMarket(t, latest),
		heard: &recorder{more: make(chan struct{})}, account: api.Account{State: api.AccountSignedIn, Online: true},
	}
	w.runner = newRunner(w.home)
	for _, turn := range turns {
		w.market.set(turn)
	}
	db, err := store.Open(filepath.Join(t.TempDir(), "agent.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.db = db
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// allow says what the administrator allows.
func (w *world) allow(installing, forcing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forbids = [2]bool{!installing, !forcing}
}

func (w *world) allows() (installing, forcing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.forbids[0], !w.forbids[1]
}

func (w *world) start() {
	w.t.Helper()
	web := cloud.HTTPClient(cloud.NewNetwork(cloud.Way{}))
	client, err := cloud.New(w.market.server.URL, web, tokens{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Engine, err = app.New(context.Background(), app.Config{
		DB: w.db, Dir: w.dir, Market: client, Notify: w.heard, Runner: w.runner, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Allows: w.allows,
		Account: func() api.Account {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.account
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			w.t.Errorf("Serve ended with %v", err)
		}
		web.CloseIdleConnections()
	})
}

// restart ends the engine and opens another one on the same state.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

func (w *world) app() api.App {
	w.t.Helper()
	list, err := w.List(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range list {
		if a.Product == "minicad" {
			return a
		}
	}
	return api.App{}
}

func (w *world) awaitState(state string) api.App {
	w.t.Helper()
	w.heard.await(w.t, "state "+state, func([]api.Event) bool { return w.app().State == state })
	return w.app()
}

// awaitEvent waits for an event of this name and gives the last one's data.
func awaitEvent[T any](w *world, name, session string) T {
	w.t.Helper()
	var data T
	w.heard.await(w.t, name, func(events []api.Event) bool {
		for i := len(events) - 1; i >= 0; i-- {
			if events[i].Name == name && events[i].Session == session {
				if err := json.Unmarshal(events[i].Data, &data); err != nil {
					w.t.Fatal(err)
				}
				return true
			}
		}
		return false
	})
	return data
}

// count tells how many events of this name a session had.
func (w *world) count(name, session string) (n int) {
	w.heard.mu.Lock()
	defer w.heard.mu.Unlock()
	for _, e := range w.heard.events {
		if e.Name == name && e.Session == session {
			n++
		}
	}
	return n
}

func (w *world) path(parts ...string) string {
	return filepath.Join(append([]string{w.home, ".local", "share", "iscdesk", "apps", "minicad"}, parts...)...)
}

func (w *world) read(parts ...string) string {
	w.t.Helper()
	body, err := os.ReadFile(w.path(parts...))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(body)
}

// left is what lies in the product's folder beside the lock.
func (w *world) left() []string {
	w.t.Helper()
	found, err := filepath.Glob(w.path("[^.]*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// inUse is the version that 'current' names.
func (w *world) inUse() string {
	version, err := os.Readlink(w.path("current"))
	if err != nil {
		return ""
	}
	return version
}
