package proxy

import (
	"context"
	"net"

	"golang.org/x/time/rate"
)

// leastPiece is the least that is moved at once.
const leastPiece = 4 << 10

// Limits bound how much moves per second, over all connections that share
// them. The zero value bounds nothing.
type Limits struct{ up, down *rate.Limiter }

// NewLimits makes Limits of bytes per second; 0: no bound.
func NewLimits(up, down int64) *Limits { return &Limits{up: limiter(up), down: limiter(down)} }

// limiter lets pieces of up to a quarter of a second through at once.
func limiter(perSecond int64) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), int(min(max(perSecond/4, leastPiece), 1<<20)))
}

// Bound gives conn under the limits.
func (l *Limits) Bound(conn net.Conn) net.Conn {
	if l == nil || l.up == nil && l.down == nil {
		return conn
	}
	ctx, cancel := context.WithCancel(context.Background()) // the connection's own life
	return &limited{Conn: conn, limits: l, open: ctx, close: cancel}
}

// limited is a connection under limits. Closing it ends what waits.
type limited struct {
	net.Conn
	limits *Limits
	open   context.Context // ends with Close
	close  context.CancelFunc
}

func (c *limited) Read(p []byte) (int, error) {
	if c.limits.down == nil {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p[:min(len(p), c.limits.down.Burst())])
	if waited := c.limits.down.WaitN(c.open, n); err == nil && waited != nil {
		err = net.ErrClosed
	}
	return n, err
}

func (c *limited) Write(p []byte) (n int, err error) {
	if c.limits.up == nil {
		return c.Conn.Write(p)
	}
	for len(p) > 0 {
		piece := p[:min(len(p), c.limits.up.Burst())]
		if c.limits.up.WaitN(c.open, len(piece)) != nil {
			return n, net.ErrClosed
		}
		written, err := c.Conn.Write(piece)
		n += written
		if err != nil {
			return n, err
		}
		p = p[written:]
	}
	return n, nil
}

func (c *limited) Close() error {
	c.close()
	return c.Conn.Close()
}
