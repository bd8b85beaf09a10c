package cloud

import (
	"context"
	"net/http"

	"iscdesk.dev/marketplace/agentapi"
)

// Info asks for the marketplace's version, time and heartbeat interval. It
// needs nobody to be signed in.
func (c *Client) Info(ctx context.Context) (agentapi.Info, error) {
	var info agentapi.Info
	answer, err := c.send(ctx, http.MethodGet, "/info", nil, "", nil, "") //nolint:bodyclose // drain closes it
	if err != nil {
		return info, err
	}
	if answer, err = accept(answer); err != nil { //nolint:bodyclose // drain closes it
		return info, err
	}
	defer drain(answer.Body)
	err = c.decode(ctx, answer, &info)
	return info, err
}

// Me tells who the token belongs to.
func (c *Client) Me(ctx context.Context) (agentapi.Me, error) {
	var me agentapi.Me
	err := c.Call(ctx, http.MethodGet, "/me", nil, &me)
	return me, err
}
