package session

import (
	"context"
	"io"
	"time"

	"iscdesk.dev/agent/api"
)

// patience is how long content may make no progress. The service may be
// flushing a slow disk; one that is hung is given up.
const patience = 30 * time.Second

// callTransfer is Call on a transfer connection: its one owner reads the
// answer.
func (c *Client) callTransfer(ctx context.Context, name string, args, out any) error {
	if err := c.Err(); err != nil {
		return unavailable(err)
	}
	err := c.link.during(ctx, func() error { return c.exchange(name, args, out) })
	if err == nil {
		return nil
	}
	if e, ok := err.(*api.Error); ok && e.Code != api.Protocol { //nolint:errorlint // the service's own answer is never wrapped
		return e
	}
	c.fail(err)
	return transportError(ctx, err)
}

// WriteContent sends content of the call that is open on a transfer
// connection. When the service has refused it meanwhile, its error is
// returned.
func (c *Client) WriteContent(p []byte) error {
	return c.content(func() error { return c.conn.WriteContent(p) })
}

// EndContent tells that the content is complete.
func (c *Client) EndContent() error {
	return c.content(c.conn.EndContent)
}

func (c *Client) content(write func() error) error {
	if err := c.Err(); err != nil {
		return unavailable(err)
	}
	c.link.setDeadline(time.Now().Add(patience))
	err := write()
	if err == nil {
		return nil
	}
	err = c.refusedBecause(err)
	c.fail(err)
	return err
}

// refusedBecause looks for the error that the service sent before it stopped
// to take content.
func (c *Client) refusedBecause(err error) error {
	c.link.setDeadline(time.Now().Add(frameGrace))
	if f, readErr := c.conn.ReadFrame(); readErr == nil && f.Kind == KindMessage && f.Message.Error != nil {
		return f.Message.Error
	}
	return transportError(context.Background(), err)
}

// Content gives the content that the service sends after the answer to a call
// that announced it. It ends with io.EOF, or with the service's error.
func (c *Client) Content() io.Reader { return &contentReader{client: c} }

type contentReader struct {
	client *Client
	rest   []byte
	err    error
}

func (r *contentReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err == nil {
			r.err = r.next()
		}
		if r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// next reads the next frame of content into rest.
func (r *contentReader) next() error {
	c := r.client
	if err := c.Err(); err != nil {
		return unavailable(err)
	}
	c.link.setDeadline(time.Now().Add(patience))
	f, err := c.conn.ReadFrame()
	switch {
	case err != nil:
		c.fail(err)
		return transportError(context.Background(), err)
	case f.Kind == KindMessage && f.Message.Error != nil:
		return f.Message.Error
	case f.Kind == KindMessage:
		c.fail(api.Fail(api.Protocol))
		return api.Fail(api.Protocol)
	case len(f.Content) == 0:
		return io.EOF
	}
	r.rest = f.Content
	return nil
}
