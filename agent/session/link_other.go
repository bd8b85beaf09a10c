//go:build !linux

package session

import (
	"bufio"
	"context"
	"net"
	"time"

	"iscdesk.dev/agent/api"
)

// link is the connection to the service, read by one goroutine through Go's
// own network poller.
type link struct {
	net.Conn
	in      *bufio.Reader
	session bool
}

func newLink(c net.Conn, role api.Role) (*link, error) {
	return &link{Conn: c, in: bufio.NewReaderSize(c, 64<<10), session: role == api.RoleSession}, nil
}

// bound lets a session wait for events without end, but not for the rest of a
// frame, nor for a service that does not read.
func (l *link) bound(c *Conn) { c.Bound(frameGrace, writePatience) }

func (l *link) direct() bool { return false }

func (l *link) hush() {}

func (l *link) listen() {}

func (l *link) listenSoon() {}

func (l *link) buffered() bool { return false }

func (l *link) await(time.Time) bool { return false }

// setDeadline bounds the reads and writes of a transfer that follow. Those of
// a session are bound frame by frame.
func (l *link) setDeadline(t time.Time) {
	if !l.session {
		_ = l.SetDeadline(t) // fails only on a closed connection, as what follows then does
	}
}

// during runs f under the deadline of ctx and breaks it off with ctx.
func (l *link) during(ctx context.Context, f func() error) error {
	deadline, _ := ctx.Deadline()
	_ = l.SetDeadline(deadline) // fails only on a closed connection, as f then does
	stop := context.AfterFunc(ctx, func() { _ = l.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		stop()
		_ = l.SetDeadline(time.Time{})
	}()
	return f()
}

func (l *link) shutdown() { _ = l.Close() }

// watch reads frame by frame until reading fails.
func (l *link) watch(_ func() bool, readOne func() error, fail func(error)) {
	for {
		if err := readOne(); err != nil {
			fail(err)
			return
		}
	}
}
