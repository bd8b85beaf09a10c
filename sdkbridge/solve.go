package sdkbridge

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// GetSolution saves a model and has it solved in the cloud.
func (s *Session) GetSolution(path, tag string) error {
	return s.Save(SaveOrder{Path: path, Solve: true, Tag: tag})
}

// solved turns the state of a solve into its event. The results of one that
// succeeded are fetched first.
func (s *Session) solved(v api.Solve) {
	switch v.State {
	case "succeeded":
		s.jobs.fetch(func(ctx context.Context) {
			opened, err := workspace.Opened{}, error(api.Fail(api.Internal)) // what a panic leaves
			s.recovered("solution", func() {
				opened, err = s.fetch(ctx, api.Picked{
					Path: v.Result, Version: v.ResultVersion, OpenType: api.OpenOnly, WorkState: api.CheckedIn,
				})
			})
			s.queue.push(solutionEvent(v, opened.LocalPath, err, s.lang))
		})
	case "failed", "cancelled":
		s.queue.push(solutionEvent(v, "", nil, s.lang))
	default:
		s.queue.push(newEnvelope(EventSolutionProgress, v.Tag).text("state", v.State).
			number("percent", int64(v.Percent)).text("solve", v.ID).text("path", v.Path).event())
	}
}

// solutionEvent tells the end of a solve. One that succeeded and whose results
// could not be fetched is a success with a reason and without a file.
func solutionEvent(v api.Solve, file string, err error, lang api.Language) Event {
	status := v.State
	if status == "succeeded" {
		status = "success"
	}
	e := newEnvelope(EventSolutionResult, v.Tag).text("status", status).text("solve", v.ID).text("path", v.Path).
		some("resultPath", v.Result)
	if v.Result != "" {
		e.number("resultVersion", int64(v.ResultVersion))
	}
	e.some("resultFile", file).some("message", v.Message)
	switch {
	case err != nil:
		e.because(err, lang)
	case v.Reason != nil:
		e.because(v.Reason, lang)
	case status == "failed":
		e.because(api.Fail(api.SolveFailed, "reason", orElse(v.Message, "?")), lang)
	case status == "cancelled":
		e.because(api.Fail(api.Cancelled), lang)
	}
	return e.event()
}
