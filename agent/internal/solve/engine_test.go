package solve_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/solve"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

const patience = 20 * time.Second

// market keeps solve jobs, with knobs.
type market struct {
	server *httptest.Server

	mu      sync.Mutex
	jobs    map[string]agentapi.SolveJob // by operation
	submits int
	down    bool
	deaf    bool // does what is asked, and breaks the answer off
	refuse  api.Code
}

func newMarket(t *testing.T) *market {
	m := &market{jobs: make(map[string]agentapi.SolveJob)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/agent/v1/solves", func(w http.ResponseWriter, r *http.Request) {
		var in agentapi.SolveSubmit
		_ = json.NewDecoder(r.Body).Decode(&in)
		m.submits++
		if m.refuse != "" {
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(agentapi.Error{Code: string(m.refuse)})
			return
		}
		job, known := m.jobs[in.OperationID]
		if !known {
			job = agentapi.SolveJob{
				ID: fmt.Sprint("job-", in.OperationID), OperationID: in.OperationID, DocumentID: in.DocumentID, Version: in.Version, State: agentapi.Queued,
			}
			m.jobs[in.OperationID] = job
		}
		_ = json.NewEncoder(w).Encode(job)
	})
	mux.HandleFunc("GET /api/agent/v1/solves", func(w http.ResponseWriter, _ *http.Request) {
		list := agentapi.SolveList{Solves: []agentapi.SolveJob{}}
		for _, job := range m.jobs {
			list.Solves = append(list.Solves, job)
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	one := func(w http.ResponseWriter, r *http.Request) {
		for op, job := range m.jobs {
			if job.ID != r.PathValue("id") {
				continue
			}
			if r.Method == http.MethodDelete && (job.State == agentapi.Queued || job.State == agentapi.Running) {
				job.State = agentapi.Cancelled
				m.jobs[op] = job
			}
			_ = json.NewEncoder(w).Encode(job)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}
	mux.HandleFunc("GET /api/agent/v1/solves/{id}", one)
	mux.HandleFunc("DELETE /api/agent/v1/solves/{id}", one)
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.down {
			panic(http.ErrAbortHandler)
		}
		if m.deaf {
			mux.ServeHTTP(httptest.NewRecorder(), r)
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

// files are the saves that asked for a solve.
type files struct {
	mu      sync.Mutex
	waiting []solve.Input
	handed  []string
	taken   chan string
}

func (f *files) PublishedSolves(context.Context) ([]solve.Input, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.waiting), nil
}

func (f *files) SolveSubmitted(_ context.Context, operation string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = slices.DeleteFunc(f.waiting, func(in solve.Input) bool { return in.Operation == operation })
	f.handed = append(f.handed, operation)
	f.taken <- operation
	return nil
}

type tokens struct{}

func (tokens) Token(context.Context) (string, error) { return "token", nil }
func (tokens) Rejected(string)                       {}

// world is one user's engine with everything around it.
type world struct {
	*solve.Engine
	t      *testing.T
	db     *sql.DB
	market *market
	files  *files
	stop   func()

	mu      sync.Mutex
	now     time.Time
	flows   time.Time // when the clock began to run
	account api.Account
	events  []api.Solve
	to      []string // the session of each event
	more    chan struct{}
}

func newWorld(t *testing.T, turns ...func(*world)) *world {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "agent.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &world{
		t: t, db: db, market: newMarket(t), files: &files{taken: make(chan string, 100)}, more: make(chan struct{}), now: time.Unix(1_700_000_000, 0),
		account: api.Account{State: api.AccountSignedIn, Marketplace: "https://m", UserID: "u1", Online: true},
	}
	for _, turn := range turns {
		turn(w)
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	web := cloud.HTTPClient(cloud.NewNetwork(cloud.Way{}))
	client, err := cloud.New(w.market.server.URL, web, tokens{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Engine, err = solve.New(context.Background(), solve.Config{
		DB: w.db, Market: client, Files: w.files, Notify: w, Now: w.clock,
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

// clock stands still until flow.
func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.flows.IsZero() {
		return w.now
	}
	return w.now.Add(time.Since(w.flows))
}

func (w *world) flow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flows = time.Now()
}

// Publish keeps what the engine tells.
func (w *world) Publish(_ context.Context, e api.Event) {
	var s api.Solve
	if err := json.Unmarshal(e.Data, &s); err != nil || e.Name != api.EventSolve {
		w.t.Errorf("event %s: %v", e.Name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events, w.to = append(w.events, s), append(w.to, e.Session)
	close(w.more)
	w.more = make(chan struct{})
}

// Changed is of no interest here: each change comes with an event.
func (w *world) Changed(string) {}

// await waits until the last event of a solve says so.
func (w *world) await(id, what string, is func(api.Solve) bool) api.Solve {
	w.t.Helper()
	limit := time.After(patience)
	for {
		w.mu.Lock()
		events, more := slices.Clone(w.events), w.more
		w.mu.Unlock()
		for i := len(events) - 1; i >= 0; i-- {
			if events[i].ID == id {
				if is(events[i]) {
					return events[i]
				}
				break
			}
		}
		select {
		case <-more:
		case <-limit:
			w.t.Fatalf("never came: %s %s; events: %+v", id, what, events)
		}
	}
}

func (w *world) awaitState(id, state string) api.Solve {
	w.t.Helper()
	return w.await(id, state, func(s api.Solve) bool { return s.State == state })
}

// publish is a save with Solve that has just been published.
func (w *world) publish(operation string) {
	w.files.mu.Lock()
	w.files.waiting = append(w.files.waiting, solve.Input{
		Operation: operation, Document: "doc", Version: 3, Path: "/me/beam.inp", Session: "s1", Tag: "tag", Account: "https://m#u1",
	})
	w.files.mu.Unlock()
	w.Published()
}

// job turns a job at the marketplace and pushes that it changed.
func (w *world) job(operation string, turn func(*agentapi.SolveJob)) {
	w.market.set(func(m *market) {
		job := m.jobs[operation]
		turn(&job)
		m.jobs[operation] = job
	})
	w.Pushed(agentapi.PushMessage{Type: agentapi.SolveChanged, ID: "job-" + operation})
}

func TestSolve(t *testing.T) {
	w := newWorld(t)
	w.publish("op")
	if got := w.awaitState("op", "queued"); got.Path != "/me/beam.inp" || got.Session != "s1" || got.Tag != "tag" || got.Created == 0 {
		t.Errorf("%+v", got)
	}
	w.job("op", func(j *agentapi.SolveJob) { j.State, j.Percent = agentapi.Running, 40 })
	if got := w.awaitState("op", "running"); got.Percent != 40 {
		t.Errorf("%+v", got)
	}
	w.job("op", func(j *agentapi.SolveJob) {
		j.State, j.Percent = agentapi.Succeeded, 100
		j.Result = agentapi.Document{ID: "r", Path: "/me/beam-results", Current: agentapi.Version{Number: 2}}
	})
	if got := w.awaitState("op", "succeeded"); got.Result != "/me/beam-results" || got.ResultVersion != 2 || got.Percent != 100 || got.Reason != nil {
		t.Errorf("%+v", got)
	}
	list, err := w.List(t.Context())
	if err != nil || len(list) != 1 || list[0].State != "succeeded" {
		t.Errorf("%+v %v", list, err)
	}
	w.stop()
	if !slices.Equal(w.files.handed, []string{"op"}) || w.market.submits != 1 {
		t.Errorf("handed over: %q, %d submits", w.files.handed, w.market.submits)
	}
	for i, session := range w.to {
		if session != "s1" {
			t.Errorf("event %d went to %q", i, session)
		}
	}
}

// TestOffline publishes while the marketplace cannot be reached, and when it
// does what is asked but its answer is lost: one job comes of it.
func TestOffline(t *testing.T) {
	for name, turn := range map[string]func(*market, bool){
		"away":        func(m *market, on bool) { m.down = on },
		"answer lost": func(m *market, on bool) { m.deaf = on },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.market.set(func(m *market) { turn(m, true) })
			w.publish("op")
			got := w.await("op", "offline", func(s api.Solve) bool { return s.Reason != nil })
			if got.State != "saved" || !errors.Is(got.Reason, api.Offline) {
				t.Errorf("%+v", got)
			}
			w.market.set(func(m *market) { turn(m, false) })
			w.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
			if got := w.awaitState("op", "queued"); got.Reason != nil {
				t.Errorf("%+v", got)
			}
			w.market.set(func(m *market) {
				if len(m.jobs) != 1 {
					t.Errorf("%d jobs", len(m.jobs))
				}
			})
		})
	}
}

func TestRestart(t *testing.T) {
	w := newWorld(t)
	w.publish("op")
	w.awaitState("op", "queued")
	w.stop()
	w.market.set(func(m *market) {
		job := m.jobs["op"]
		job.State, job.Percent, job.Result = agentapi.Succeeded, 100, agentapi.Document{Path: "/me/r", Current: agentapi.Version{Number: 1}}
		m.jobs["op"] = job
	})
	w.start()
	w.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
	if got := w.awaitState("op", "succeeded"); got.Result != "/me/r" {
		t.Errorf("%+v", got)
	}
	w.stop()
	w.start()
	if list, err := w.List(t.Context()); err != nil || len(list) != 1 || list[0].State != "succeeded" {
		t.Errorf("after another restart: %+v %v", list, err)
	}
}

func TestCancel(t *testing.T) {
	t.Run("running", func(t *testing.T) {
		w := newWorld(t)
		w.publish("op")
		w.awaitState("op", "queued")
		w.job("op", func(j *agentapi.SolveJob) { j.State = agentapi.Running })
		w.awaitState("op", "running")
		if err := w.Cancel(t.Context(), "op"); err != nil {
			t.Fatal(err)
		}
		w.awaitState("op", "cancelled")
	})
	t.Run("signed out", func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.account.State = api.AccountSignedOut })
		w.publish("op")
		w.awaitState("op", "saved")
		if err := w.Cancel(t.Context(), "op"); err != nil {
			t.Fatal(err)
		}
		w.awaitState("op", "cancelled")
		w.market.set(func(m *market) {
			if m.submits != 0 {
				t.Errorf("%d submits", m.submits)
			}
		})
	})
	t.Run("submitted unheard", func(t *testing.T) {
		w := newWorld(t)
		w.market.set(func(m *market) { m.deaf = true })
		w.publish("op")
		w.await("op", "offline", func(s api.Solve) bool { return s.Reason != nil })
		if err := w.Cancel(t.Context(), "op"); err != nil {
			t.Fatal(err)
		}
		w.market.set(func(m *market) { m.deaf = false })
		w.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
		w.awaitState("op", "cancelled")
		w.market.set(func(m *market) {
			if got := m.jobs["op"].State; got != agentapi.Cancelled {
				t.Errorf("the job goes on: %s", got)
			}
		})
	})
	t.Run("unknown", func(t *testing.T) {
		if err := newWorld(t).Cancel(t.Context(), "nothing"); !errors.Is(err, api.NotFound) {
			t.Errorf("%v, want not_found", err)
		}
	})
}

func TestRefused(t *testing.T) {
	w := newWorld(t)
	w.market.set(func(m *market) { m.refuse = api.NotFound })
	w.publish("op")
	if got := w.awaitState("op", "failed"); !errors.Is(got.Reason, api.NotFound) {
		t.Errorf("%+v", got)
	}
	if operation := <-w.files.taken; operation != "op" {
		t.Errorf("%q was taken off the list", operation)
	}
}

func TestAnotherAccount(t *testing.T) {
	w := newWorld(t, func(w *world) { w.account.UserID = "u2" })
	w.publish("op")
	w.awaitState("op", "saved")
	w.stop() // Serve ends after a whole round
	w.mu.Lock()
	w.account.UserID = "u1"
	w.mu.Unlock()
	if w.market.submits != 0 {
		t.Errorf("%d submits for another account", w.market.submits)
	}
	w.start()
	w.awaitState("op", "queued")
}

// TestProgressIsBounded pushes progress without end while no time passes.
func TestProgressIsBounded(t *testing.T) {
	w := newWorld(t)
	w.publish("op")
	w.awaitState("op", "queued")
	w.job("op", func(j *agentapi.SolveJob) { j.State, j.Percent = agentapi.Running, 1 })
	w.awaitState("op", "running")
	for percent := range 90 {
		w.job("op", func(j *agentapi.SolveJob) { j.Percent = percent + 2 })
	}
	w.job("op", func(j *agentapi.SolveJob) { j.Percent = 95 })
	w.flow() // what was held back is told by itself
	w.await("op", "95 %", func(s api.Solve) bool { return s.Percent == 95 })
	w.job("op", func(j *agentapi.SolveJob) { j.State, j.Percent = agentapi.Succeeded, 100 })
	w.awaitState("op", "succeeded")
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) > 7 {
		t.Errorf("%d events: %+v", len(w.events), w.events)
	}
}
