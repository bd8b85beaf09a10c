// Package client is the Go client of the iscdesk service's local API, for the
// command line and the tray: a method for each route, and a watch that
// reconnects. Every error is an *api.Error.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/session"
)

// CallTimeout bounds a call whose context has no deadline of its own.
const CallTimeout = 70 * time.Second

// awaitTimeout bounds a call that waits for a person.
const awaitTimeout = 20 * time.Minute

// maxAnswer bounds what the service may answer, in bytes.
const maxAnswer = 64 << 20

// Client calls the service on one socket. It is safe for any number of
// goroutines.
type Client struct {
	socket string
	http   *http.Client
}

// New makes a client of the service at socket; empty: ipc.DefaultPath, looked
// up anew for each connection. It does not connect yet.
func New(socket string) *Client {
	c := &Client{socket: socket}
	c.http = &http.Client{Transport: &http.Transport{
		DialContext:     func(ctx context.Context, _, _ string) (net.Conn, error) { return ipc.Dial(ctx, c.path()) },
		IdleConnTimeout: time.Minute,
		MaxIdleConns:    4,
	}}
	return c
}

// Close lets go of the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) path() string {
	if c.socket != "" {
		return c.socket
	}
	return ipc.DefaultPath()
}

// Transfer opens a connection for content. The caller closes it.
func (c *Client) Transfer(ctx context.Context) (*session.Client, error) {
	var t *session.Client
	err := patiently(ctx, api.RouteSession, func(ctx context.Context) (bool, error) {
		var err error
		t, _, err = session.Dial(ctx, c.path(), api.Hello{
			Protocol: api.ProtocolVersion, Role: api.RoleTransfer, Session: uuid.NewString(),
		})
		return false, err
	})
	if err != nil {
		return nil, api.AsError(err)
	}
	return t, nil
}

// call makes the request of a route; {name} in the route stands for the next
// of names.
func (c *Client) call(ctx context.Context, route string, names []string, query url.Values, in, out any) error {
	return patiently(ctx, route, func(ctx context.Context) (bool, error) {
		var r reach
		err := c.once(r.trace(ctx), route, names, query, in, out)
		// A service that says that it stops has done nothing.
		return r.begun.Load() && !errors.Is(err, api.ShuttingDown), err
	})
}

func (c *Client) once(ctx context.Context, route string, names []string, query url.Values, in, out any) error {
	if _, ok := ctx.Deadline(); !ok {
		limit := CallTimeout
		if route == api.RouteDeviceAwait {
			limit = awaitTimeout
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	request, err := newRequest(ctx, route, names, query, in)
	if err != nil {
		return api.AsError(err)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return transportError(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return transportError(ctx, err)
	}
	if len(body) > maxAnswer {
		return api.Fail(api.TooLarge, "what", route, "limit", "64 MiB")
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return refusal(answer.StatusCode, body)
	}
	return decode(body, out)
}

func newRequest(ctx context.Context, route string, names []string, query url.Values, in any) (*http.Request, error) {
	method, path, _ := strings.Cut(route, " ")
	for _, name := range names {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + url.PathEscape(name) + after
	}
	var body io.Reader
	if in != nil {
		content, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(content)
	}
	if query != nil {
		path += "?" + query.Encode()
	}
	return http.NewRequestWithContext(ctx, method, "http://"+api.Host+path, body)
}

func decode(body []byte, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return api.Fail(api.Protocol).Because(err)
	}
	return nil
}

func refusal(status int, body []byte) error {
	var e api.Error
	if err := json.Unmarshal(body, &e); err != nil || e.Code == "" {
		return api.Fail(api.Protocol).Because(errors.New(http.StatusText(status)))
	}
	return &e
}

// transportError is why the service could not be asked.
func transportError(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Fail(api.Timeout).Because(err)
	case ctx.Err() != nil:
		return api.Fail(api.Cancelled).Because(err)
	}
	return api.Fail(api.ServiceUnavailable).Because(err)
}
