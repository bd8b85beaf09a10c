package server

import (
	"context"
	"net"
	"sync"

	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/logs"
)

// spareConnections may be over the limit: they are told so before they are
// closed. More than that are closed without a word.
const spareConnections = 16

// peerConn is a connection with what the kernel says of its peer.
type peerConn struct {
	net.Conn
	who    actor.Actor
	tenant *tenant
	over   bool // the user has too many connections
	once   sync.Once
}

// Close closes the connection and counts it off, once.
func (c *peerConn) Close() error {
	c.once.Do(c.tenant.disconnect)
	return c.Conn.Close()
}

// CloseWrite lets the last answer to a bad request arrive before the
// connection is torn down.
func (c *peerConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// countedListener finds out who connects before a byte is read from them.
type countedListener struct {
	net.Listener
	server *Server
}

// Accept waits for the next connection whose peer the kernel names.
func (l *countedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if p := l.server.admit(c); p != nil {
			return p, nil
		}
		_ = c.Close()
	}
}

func (s *Server) admit(c net.Conn) net.Conn {
	who, err := s.cfg.Identify(c)
	if err != nil || who.User() == "" {
		s.cfg.Log.Warn("connection without an identity", "err", err)
		return nil
	}
	t := s.tenants.of(who.User(), s.cfg.Limits)
	n := t.connect()
	if n > s.cfg.Limits.Connections+spareConnections {
		if t.refuse() {
			s.cfg.Log.Warn("too many connections", logs.UserKey, who.User(), "pid", who.PID())
		}
		return nil
	}
	return &peerConn{Conn: c, who: who, tenant: t, over: n > s.cfg.Limits.Connections}
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func connOf(ctx context.Context) *peerConn {
	c, _ := ctx.Value(connKey{}).(*peerConn)
	return c
}
