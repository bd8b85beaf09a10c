package solving_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/solving"
	"iscdesk.dev/marketplace/internal/web"
)

func ann() web.User { return web.User{ID: "u1", UserName: "ann", Tenant: "t", TenantName: "Sample"} }

type directory struct{}

func (directory) UserByID(context.Context, string) (web.User, error) { return ann(), nil }

type pushes chan agentapi.PushMessage

func (p pushes) Send(_ []string, m agentapi.PushMessage) { p <- m }

func (p pushes) SendTenant(_ string, m agentapi.PushMessage) { p <- m }

// site is a marketplace that solves.
type site struct {
	*solving.Service
	t      *testing.T
	docs   *documents.Engine
	pushes pushes
	url    string
	stop   func()
}

func start(t *testing.T, dir string, solver string, limits solving.Limits) *site {
	t.Helper()
	db, err := database.OpenSQLite(filepath.Join(dir, "db"))
	must(t, err)
	store, err := objects.OpenFolder(filepath.Join(dir, "objects"))
	must(t, err)
	s := &site{t: t, pushes: make(pushes, 4096)}
	s.docs, err = documents.New(t.Context(), db, store, s.pushes)
	must(t, err)
	scratch := filepath.Join(dir, "scratch")
	must(t, os.MkdirAll(scratch, 0o700))
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s.Service, err = solving.New(t.Context(), solving.Config{
		DB: db, Documents: s.docs, Users: directory{}, Push: s.pushes, Scratch: scratch, Solver: solver, Limits: limits, Log: log,
	})
	must(t, err)
	mux := web.NewMux(log, map[web.Access]web.Guard{web.Bearer: func(r *http.Request) (context.Context, error) {
		return web.WithUser(r.Context(), ann()), nil
	}})
	s.Routes(mux)
	handler, err := mux.Handler()
	must(t, err)
	server := httptest.NewServer(handler)
	s.url = server.URL + "/api/agent/v1/solves"
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve: %v", err)
		}
		server.Close()
		must(t, errors.Join(db.Close(), store.Close()))
		left, err := os.ReadDir(scratch)
		if must(t, err); len(left) != 0 {
			t.Errorf("%v is left in the scratch folder", left)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// script is a solver that the test wrote.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "solver")
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// save publishes a model of one file.
func (s *site) save(name, content string) agentapi.Document {
	s.t.Helper()
	r, err := s.docs.PublishFiles(s.t.Context(), ann(), agentapi.Publish{
		OperationID: "save " + name, Path: "/ann/" + name, Kind: agentapi.PublishKindSingle,
	}, fstest.MapFS{name: {Data: []byte(content)}})
	must(s.t, err)
	return r.Document
}

func (s *site) do(method, path string, body any) (int, agentapi.SolveJob, agentapi.Error) {
	s.t.Helper()
	text, err := json.Marshal(body)
	must(s.t, err)
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(text))
	must(s.t, err)
	resp, err := http.DefaultClient.Do(req)
	must(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	var both struct {
		agentapi.SolveJob
		agentapi.Error
	}
	must(s.t, json.NewDecoder(resp.Body).Decode(&both))
	return resp.StatusCode, both.SolveJob, both.Error
}

func (s *site) submit(operation string, d agentapi.Document) agentapi.SolveJob {
	s.t.Helper()
	status, job, e := s.do("POST", "", agentapi.SolveSubmit{OperationID: operation, DocumentID: d.ID, Version: 1})
	if status != http.StatusCreated {
		s.t.Fatalf("submit: %d %v", status, e)
	}
	return job
}

// await follows the pushes until a job is as wanted.
func (s *site) await(id string, ok func(agentapi.SolveJob) bool) agentapi.SolveJob {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		_, job, _ := s.do("GET", "/"+id, nil)
		if ok(job) {
			return job
		}
		select {
		case <-s.pushes:
		case <-deadline:
			s.t.Fatalf("job stays %+v", job)
		}
	}
}

func state(want agentapi.SolveJobState) func(agentapi.SolveJob) bool {
	return func(j agentapi.SolveJob) bool { return j.State == want }
}

func (s *site) files(d agentapi.Document) map[string]string {
	s.t.Helper()
	c, err := s.docs.Open(s.t.Context(), ann(), d.ID, d.Current.Number)
	must(s.t, err)
	found := map[string]string{}
	for _, e := range c.Manifest.Entries {
		var b bytes.Buffer
		must(s.t, c.CopyFile(s.t.Context(), &b, e))
		found[e.Path] = b.String()
	}
	return found
}

func TestResultsLieBesideTheModel(t *testing.T) {
	s := start(t, t.TempDir(), script(t, `test "$(cat $1.inp)" = MODEL && echo solved && echo frd >$1.frd && echo dat >$1.dat && env >$1.sta && echo junk >$1.12d`), solving.Limits{})
	d := s.save("beam.inp", "MODEL")
	job := s.submit("op", d)
	if again := s.submit("op", d); again.ID != job.ID {
		t.Errorf("the same operation is two jobs")
	}
	job = s.await(job.ID, state(agentapi.Succeeded))
	if job.Percent != 100 || job.Path != "/ann/beam.inp" || job.Result.Path != "/ann/beam.results" || job.Result.Kind != agentapi.DocumentKindAssembly {
		t.Errorf("job %+v", job)
	}
	files := s.files(job.Result)
	if len(files) != 4 || files["beam.results.frd"] != "frd\n" || files["beam.results.dat"] != "dat\n" || files["beam.results.log"] != "solved\n" {
		t.Errorf("results %v", files)
	}
	for _, name := range []string{"SHELL", "USER", "GOPATH", "SSH_AUTH_SOCK"} {
		if strings.Contains(files["beam.results.sta"], name+"=") {
			t.Errorf("the solver sees %s", name)
		}
	}
	second := s.await(s.submit("op2", d).ID, state(agentapi.Succeeded))
	if second.Result.ID != job.Result.ID || second.Result.Current.Number != 2 {
		t.Errorf("the second solve made %+v", second.Result)
	}
}

func TestAFailedSolveKeepsItsLog(t *testing.T) {
	s := start(t, t.TempDir(), script(t, `printf ' *ERROR in input: no\n        such card\n\n more\n'; exit 201`), solving.Limits{})
	job := s.await(s.submit("op", s.save("bad.inp", "x")).ID, state(agentapi.Failed))
	if job.Reason.Code != "solve_failed" || job.Reason.Params["reason"] != "ERROR in input: no such card" {
		t.Errorf("reason %+v", job.Reason)
	}
	if files := s.files(job.Result); !strings.Contains(files["bad.results.log"], "no\n") {
		t.Errorf("log %v", files)
	}
}

func TestWhatCannotBeSolvedSaysWhy(t *testing.T) {
	s := start(t, t.TempDir(), "no-such-solver", solving.Limits{})
	cases := map[string]struct{ name, content, reason string }{
		"missing solver": {"a.inp", "*STEP\n", "not installed"},
		"no input":       {"a.step", "ISO", "no input of the solver"},
		"escape":         {"b.inp", "*INCLUDE, INPUT=/etc/passwd\n", "outside the model"},
	}
	for name, c := range cases {
		job := s.await(s.submit(name, s.save(c.name, c.content)).ID, state(agentapi.Failed))
		if job.Reason.Code != "solve_failed" || !strings.Contains(job.Reason.Params["reason"], c.reason) {
			t.Errorf("%s: %+v", name, job.Reason)
		}
	}
	status, _, e := s.do("POST", "", agentapi.SolveSubmit{OperationID: "x", DocumentID: "none", Version: 1})
	if status != 404 || e.Code != "not_found" {
		t.Errorf("unknown document: %d %v", status, e)
	}
}

func TestLimits(t *testing.T) {
	flood := start(t, t.TempDir(), script(t, `head -c 3000000 /dev/zero >$1.frd; head -c 3000000 /dev/zero >$1.dat`), solving.Limits{Output: 4_000_000})
	job := flood.await(flood.submit("op", flood.save("a.inp", "x")).ID, state(agentapi.Failed))
	if !strings.Contains(job.Reason.Params["reason"], "larger than") {
		t.Errorf("flood: %+v", job.Reason)
	}
	slow := start(t, t.TempDir(), script(t, `sleep 100 & sleep 100`), solving.Limits{Time: 200 * time.Millisecond})
	job = slow.await(slow.submit("op", slow.save("a.inp", "x")).ID, state(agentapi.Failed))
	if !strings.Contains(job.Reason.Params["reason"], "took longer") {
		t.Errorf("slow: %+v", job.Reason)
	}
}

func TestProgressAndCancel(t *testing.T) {
	s := start(t, t.TempDir(), script(t, `printf ' STEP INC ATT ITRS TOT STEPTIME INC\n 1 1 1 1 0.1E1 0.1E1 0.1E1\n' >$1.sta; sleep 100 & wait`), solving.Limits{})
	d := s.save("a.inp", "*STEP\n*END STEP\n*STEP, NLGEOM\n*END STEP\n")
	running := s.submit("op", d)
	waiting := s.submit("op2", d)
	s.await(running.ID, func(j agentapi.SolveJob) bool { return j.State == agentapi.Running && j.Percent == 50 })
	for _, id := range []string{waiting.ID, running.ID, running.ID} {
		status, job, _ := s.do("DELETE", "/"+id, nil)
		if status != 200 || job.State != agentapi.Cancelled || job.Reason.Code != "cancelled" {
			t.Errorf("cancelled: %d %+v", status, job)
		}
	}
	// The worker is free again.
	third := s.submit("op3", d)
	s.await(third.ID, state(agentapi.Running))
}

func TestARestartSolvesAgainAndPublishesOnce(t *testing.T) {
	dir := t.TempDir()
	gate := filepath.Join(dir, "gate")
	solver := script(t, `test -e `+gate+` || { sleep 100 & wait; }; echo frd >$1.frd`)
	s := start(t, dir, solver, solving.Limits{})
	job := s.submit("op", s.save("a.inp", "x"))
	s.await(job.ID, state(agentapi.Running))
	s.stop()
	must(t, os.WriteFile(gate, nil, 0o600))
	s = start(t, dir, solver, solving.Limits{})
	done := s.await(job.ID, state(agentapi.Succeeded))
	if done.Result.Current.Number != 1 {
		t.Errorf("results have version %d", done.Result.Current.Number)
	}
}
