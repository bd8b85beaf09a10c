package solve

import (
	"errors"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// The states of a solve, as api.Solve spells them.
const (
	stateSaved     = "saved"
	stateQueued    = "queued"
	stateRunning   = "running"
	stateSucceeded = "succeeded"
	stateFailed    = "failed"
	stateCancelled = "cancelled"
)

const (
	pollEvery  = 30 * time.Second
	firstRetry = 5 * time.Second
	lastRetry  = 10 * time.Minute
)

// Input is a published version that is to be solved.
type Input struct {
	Operation string
	Document  string
	Version   int
	Path      string
	Session   string
	Tag       string
	// Account is whose version it is: base URL of the marketplace, '#', user id.
	Account string
}

// row is everything that is kept about one solve.
type row struct {
	api.Solve
	// Account is Input.Account; while another one is signed in, it waits.
	Account  string `json:"account,omitempty"`
	Document string `json:"document"`
	Version  int    `json:"version"`
	Job      string `json:"job,omitempty"`    // the marketplace's id
	Handed   bool   `json:"handed,omitempty"` // the files engine knows that we have it
	Cancel   bool   `json:"cancel,omitempty"` // the user wants it to end
	Attempts int    `json:"attempts,omitempty"`
	// LookAt is when to try or ask again; zero: at once.
	LookAt time.Time `json:"lookAt,omitzero"`
}

func newRow(in Input, now time.Time) row {
	return row{
		Solve: api.Solve{
			ID: in.Operation, Path: in.Path, State: stateSaved, Created: now.Unix(), Session: in.Session, Tag: in.Tag,
		},
		Account: in.Account, Document: in.Document, Version: in.Version,
	}
}

func (r row) ended() bool {
	return r.State == stateSucceeded || r.State == stateFailed || r.State == stateCancelled
}

// step is the one thing to do next for a solve.
type step int

const (
	stepNone     step = iota
	stepDrop          // end what the marketplace has not heard of
	stepHandOver      // tell the files engine that the solve is ours now
	stepSubmit
	stepFollow // ask how it stands
	stepCancel
)

// next derives what to do for a solve. due is when to look again if nothing
// happens before; zero: not at all.
func next(r row, now time.Time) (do step, due time.Time) {
	switch {
	case !r.Handed && (r.Job != "" || r.ended()):
		return stepHandOver, time.Time{}
	case r.ended():
		return stepNone, time.Time{}
	case r.Cancel && r.State == stateSaved && r.Attempts == 0:
		return stepDrop, time.Time{}
	case now.Before(r.LookAt):
		return stepNone, r.LookAt
	case r.State == stateSaved:
		return stepSubmit, time.Time{}
	case r.Cancel:
		return stepCancel, time.Time{}
	}
	return stepFollow, time.Time{}
}

// rank orders the states; a solve never goes back.
func rank(state string) int {
	switch state {
	case stateSaved:
		return 0
	case stateQueued:
		return 1
	case stateRunning:
		return 2
	}
	return 3
}

// apply takes over what the marketplace says of a solve. What comes late or
// out of order changes nothing.
func apply(r row, job agentapi.SolveJob, now time.Time) row {
	state := string(job.State)
	if r.ended() || !job.State.Valid() || rank(state) < rank(r.State) {
		return r
	}
	if job.Percent = min(max(job.Percent, 0), 100); r.State == state {
		job.Percent = max(job.Percent, r.Percent)
	}
	r.Job, r.State, r.Percent, r.Message = job.ID, state, job.Percent, clip(job.Message)
	r.Result, r.ResultVersion = job.Result.Path, job.Result.Current.Number
	r.Reason, r.Attempts, r.LookAt = nil, 0, now.Add(pollEvery)
	if state == stateFailed {
		r.Reason = reasonOf(job)
	}
	return r
}

// reasonOf names why a solve failed.
func reasonOf(job agentapi.SolveJob) *api.Error {
	reason := job.Message
	if job.Reason.Code != "" {
		if _, known := api.Lookup(api.Code(job.Reason.Code)); known {
			return &api.Error{Code: api.Code(job.Reason.Code), Params: job.Reason.Params}
		}
		reason = job.Reason.Code
	}
	return api.Fail(api.SolveFailed, "reason", clip(reason))
}

func clip(s string) string {
	const limit = 1000
	if len(s) > limit {
		return s[:limit]
	}
	return s
}

// needsMarket tells whether a step can be done only by a signed-in user.
func needsMarket(do step) bool { return do >= stepSubmit }

// cancelled keeps the user's wish that a solve ends. One whose submission may
// have reached the marketplace unheard is submitted again first, which gives
// the same job.
func cancelled(r row) row {
	if !r.ended() {
		r.Cancel, r.LookAt = true, time.Time{}
	}
	return r
}

// troubled is a solve after a step that failed: tried again later where that
// can help, failed where it cannot.
func troubled(r row, err error, now time.Time) row {
	reason := api.AsError(err)
	for _, code := range []api.Code{
		api.NotFound, api.PermissionDenied, api.InvalidArgument, api.Unsupported, api.SolveFailed, api.TooLarge, api.ContentDamaged,
	} {
		if errors.Is(reason, code) {
			r.State, r.Reason = stateFailed, reason
			return r
		}
	}
	r.Attempts++
	r.LookAt = now.Add(min(firstRetry<<min(r.Attempts-1, 10), lastRetry))
	r.Reason = reason
	return r
}
