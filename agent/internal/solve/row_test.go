package solve

import (
	"errors"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

var errPlain = errors.New("the disk is on fire")

func at(state string, edit ...func(*row)) row {
	r := row{Solve: api.Solve{ID: "op", State: state}}
	if state != stateSaved {
		r.Job, r.Handed = "job", true
	}
	for _, e := range edit {
		e(&r)
	}
	return r
}

func TestNext(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	later := func(r *row) { r.LookAt = now.Add(time.Minute) }
	cancel := func(r *row) { r.Cancel = true }
	cases := []struct {
		name string
		row  row
		do   step
		due  time.Time
	}{
		{"saved", at(stateSaved), stepSubmit, time.Time{}},
		{"saved, tried later", at(stateSaved, later), stepNone, now.Add(time.Minute)},
		{"saved, not wanted", at(stateSaved, cancel), stepDrop, time.Time{}},
		{"saved, not wanted, but perhaps submitted", at(stateSaved, cancel, func(r *row) { r.Attempts = 1 }), stepSubmit, time.Time{}},
		{"submitted just now", at(stateQueued, func(r *row) { r.Handed = false }), stepHandOver, time.Time{}},
		{"queued", at(stateQueued), stepFollow, time.Time{}},
		{"queued, asked just now", at(stateQueued, later), stepNone, now.Add(time.Minute)},
		{"running", at(stateRunning), stepFollow, time.Time{}},
		{"running, not wanted", at(stateRunning, cancel), stepCancel, time.Time{}},
		{"running, not wanted, tried later", at(stateRunning, cancel, later), stepNone, now.Add(time.Minute)},
		{"succeeded", at(stateSucceeded), stepNone, time.Time{}},
		{"succeeded, not wanted", at(stateSucceeded, cancel), stepNone, time.Time{}},
		{"failed before it was handed over", at(stateFailed, func(r *row) { r.Handed, r.Job = false, "" }), stepHandOver, time.Time{}},
		{"cancelled", at(stateCancelled), stepNone, time.Time{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if do, due := next(c.row, now); do != c.do || !due.Equal(c.due) {
				t.Errorf("step %d, due %v; want step %d, due %v", do, due, c.do, c.due)
			}
		})
	}
}

func TestApply(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	job := func(state agentapi.SolveJobState, percent int) agentapi.SolveJob {
		return agentapi.SolveJob{ID: "job", State: state, Percent: percent}
	}
	half := func(r *row) { r.Percent = 50 }
	cases := []struct {
		name    string
		row     row
		job     agentapi.SolveJob
		state   string
		percent int
	}{
		{"submitted", at(stateSaved), job(agentapi.Queued, 0), stateQueued, 0},
		{"begun", at(stateQueued), job(agentapi.Running, 3), stateRunning, 3},
		{"further", at(stateRunning, half), job(agentapi.Running, 60), stateRunning, 60},
		{"late progress", at(stateRunning, half), job(agentapi.Running, 10), stateRunning, 50},
		{"late state", at(stateRunning, half), job(agentapi.Queued, 0), stateRunning, 50},
		{"too much", at(stateRunning, half), job(agentapi.Running, 4000), stateRunning, 100},
		{"too little", at(stateRunning), job(agentapi.Running, -1), stateRunning, 0},
		{"at once", at(stateSaved), job(agentapi.Succeeded, 100), stateSucceeded, 100},
		{"after its end", at(stateCancelled, half), job(agentapi.Succeeded, 100), stateCancelled, 50},
		{"of another time", at(stateRunning, half), job("melted", 60), stateRunning, 50},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := apply(c.row, c.job, now)
			if got.State != c.state || got.Percent != c.percent {
				t.Errorf("%s %d, want %s %d", got.State, got.Percent, c.state, c.percent)
			}
		})
	}
	failed := job(agentapi.Failed, 10)
	failed.Message = "*ERROR in e_c3d: nonpositive jacobian"
	if got := apply(at(stateRunning), failed, now); !errors.Is(got.Reason, api.SolveFailed) || got.Reason.Params["reason"] != failed.Message {
		t.Errorf("failed: %v", got.Reason)
	}
	failed.Reason = agentapi.Error{Code: "timeout"}
	if got := apply(at(stateRunning), failed, now); !errors.Is(got.Reason, api.Timeout) {
		t.Errorf("failed with a code: %v", got.Reason)
	}
	failed.Reason = agentapi.Error{Code: "from_the_future"}
	if got := apply(at(stateRunning), failed, now); !errors.Is(got.Reason, api.SolveFailed) || got.Reason.Params["reason"] != "from_the_future" {
		t.Errorf("failed with an unknown code: %v", got.Reason)
	}
}

func TestTroubled(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	r := at(stateSaved)
	for i, want := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second} {
		r = troubled(r, api.Fail(api.Offline), now)
		if r.State != stateSaved || r.LookAt.Sub(now) != want || !errors.Is(r.Reason, api.Offline) {
			t.Errorf("attempt %d: %+v, want a retry after %v", i+1, r, want)
		}
	}
	for range 100 {
		r = troubled(r, api.Fail(api.MarketplaceFailed), now)
	}
	if r.LookAt.Sub(now) != lastRetry {
		t.Errorf("after many attempts: %v", r.LookAt.Sub(now))
	}
	if got := troubled(at(stateSaved), api.Fail(api.NotFound), now); got.State != stateFailed || !errors.Is(got.Reason, api.NotFound) {
		t.Errorf("not found: %+v", got)
	}
	if got := troubled(at(stateSaved), errPlain, now); got.State != stateSaved || !errors.Is(got.Reason, api.Internal) {
		t.Errorf("a bare error: %+v", got)
	}
}
