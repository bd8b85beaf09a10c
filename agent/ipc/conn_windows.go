package ipc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// conn is one end of a pipe that behaves as a local socket does elsewhere.
type conn struct {
	net.Conn
	peer    Peer
	unnamed error // why Windows does not name the peer

	mu   sync.Mutex
	head []byte // read already, to learn who the peer is
}

// Read gives io.EOF where the peer has closed its end.
func (c *conn) Read(p []byte) (int, error) {
	if n := c.takeHead(p); n > 0 {
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_PIPE_NOT_CONNECTED) || errors.Is(err, windows.ERROR_NO_DATA) {
		err = io.EOF
	}
	return n, asNet(err)
}

func (c *conn) takeHead(p []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := copy(p, c.head)
	c.head = c.head[n:]
	return n
}

// Write sends p. Nothing is sent for nothing: an empty message would be read
// as the end.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.Conn.Write(p)
	return n, asNet(err)
}

// Fd is the pipe's handle.
func (c *conn) Fd() uintptr {
	if pipe, err := handleOf(c.Conn); err == nil {
		return uintptr(pipe)
	}
	return uintptr(windows.InvalidHandle)
}

// asNet gives what package net says of a connection that we have closed.
func asNet(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return net.ErrClosed
	}
	return err
}

func handleOf(c net.Conn) (windows.Handle, error) {
	f, ok := c.(interface{ Fd() uintptr })
	if !ok {
		return 0, api.Fail(api.PermissionDenied).Because(fmt.Errorf("not a local pipe: %T", c))
	}
	return windows.Handle(f.Fd()), nil
}
