package cloud

import (
	"context"
	"net/http"
	"net/url"

	"iscdesk.dev/marketplace/agentapi"
)

// Solves lists the user's solves.
func (c *Client) Solves(ctx context.Context) ([]agentapi.SolveJob, error) {
	var list agentapi.SolveList
	err := c.Call(ctx, http.MethodGet, "/solves", nil, &list)
	return list.Solves, err
}

// SubmitSolve queues a solve; the same operation gets the same job again.
func (c *Client) SubmitSolve(ctx context.Context, submit agentapi.SolveSubmit) (agentapi.SolveJob, error) {
	var job agentapi.SolveJob
	err := c.Call(ctx, http.MethodPost, "/solves", submit, &job)
	return job, err
}

// Solve asks how a solve stands.
func (c *Client) Solve(ctx context.Context, id string) (agentapi.SolveJob, error) {
	var job agentapi.SolveJob
	err := c.Call(ctx, http.MethodGet, "/solves/"+url.PathEscape(id), nil, &job)
	return job, err
}

// CancelSolve ends a solve; one that has ended stays as it is.
func (c *Client) CancelSolve(ctx context.Context, id string) (agentapi.SolveJob, error) {
	var job agentapi.SolveJob
	err := c.Call(ctx, http.MethodDelete, "/solves/"+url.PathEscape(id), nil, &job)
	return job, err
}
