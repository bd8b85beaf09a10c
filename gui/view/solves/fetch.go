package solves

import (
	"context"
	"errors"
	"io"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/plot"
)

// fetch streams the results of a job, with the user's own rights, into a
// reader; nothing of them is written to a disk. tell hears how much has come,
// 0 to 1. What cannot be plotted is passed over; what is too large ends the
// reading, and what was read until then is shown.
func fetch(ctx context.Context, s desk.Service, j api.Solve, limits plot.Limits, tell func(float64)) (*plot.Result, error) {
	conn, err := s.Transfer(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // nothing was sent
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var header api.FetchHeader
	if err := conn.Call(ctx, api.CallFetchBegin, api.FetchBegin{Path: j.Result, Version: j.ResultVersion}, &header); err != nil {
		return nil, err
	}
	in := &counted{in: conn.Content(), tell: tell}
	for _, e := range header.Entries {
		in.total += e.Size
	}
	reader, plots := plot.NewReader(limits), false
	for _, e := range header.Entries {
		if e.Size > limits.Bytes {
			return done(reader, plots, plot.ErrTooMuch)
		}
		part := io.LimitReader(in, e.Size)
		if plot.Wants(e.Path) {
			plots = true
			if err := reader.Read(ctx, e.Path, part); errors.Is(err, plot.ErrTooMuch) || ctx.Err() != nil {
				return done(reader, plots, errors.Join(err, ctx.Err()))
			} else if err != nil && in.err != nil {
				return nil, api.AsError(in.err)
			}
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return nil, api.AsError(err)
		}
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // the service's verdict on what it sent
		return nil, api.AsError(err)
	}
	return done(reader, plots, nil)
}

func done(reader *plot.Reader, plots bool, err error) (*plot.Result, error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, api.Fail(api.Timeout).Because(err)
	case errors.Is(err, context.Canceled):
		return nil, api.Fail(api.Cancelled).Because(err)
	}
	result := reader.Result()
	result.Cut = result.Cut || errors.Is(err, plot.ErrTooMuch)
	if !plots {
		return &plot.Result{Cut: result.Cut}, nil
	}
	return result, nil
}

// counted tells how much has come, in steps of a twentieth.
type counted struct {
	in          io.Reader
	done, total int64
	told        int64
	tell        func(float64)
	err         error
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.done += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	const steps = 20
	if at := c.done * steps / max(1, c.total); at > c.told {
		c.told = at
		c.tell(min(1, float64(c.done)/float64(c.total)))
	}
	return n, err
}
