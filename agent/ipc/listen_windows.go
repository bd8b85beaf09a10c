package ipc

import (
	"errors"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/windows"
)

// unnamedMost and unnamedPatience bound the connections whose client Windows
// does not name before it has sent something.
const (
	unnamedMost     = 64
	unnamedPatience = 10 * time.Second
)

// Listen makes the pipe at path. It fails where another serves that name
// already, because whoever does would see our clients. Everyone of this
// machine may connect where shared is true, only the user himself where it is
// false.
func Listen(path string, shared bool) (net.Listener, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	p, err := makePipe(path, descriptor(shared, CurrentUser()))
	if err != nil {
		return nil, err
	}
	return newListener(p, namePeer), nil
}

// listener names the peer of every connection before it hands it over.
type listener struct {
	net.Listener
	name     func(net.Conn) (Peer, error)
	accepted chan accepted
	unnamed  chan struct{} // holds a token for each connection that waits for its name
	closed   chan struct{}
	once     sync.Once
	running  sync.WaitGroup
}

type accepted struct {
	conn net.Conn
	err  error
}

func newListener(pipe net.Listener, name func(net.Conn) (Peer, error)) *listener {
	l := &listener{
		Listener: pipe, name: name,
		accepted: make(chan accepted), unnamed: make(chan struct{}, unnamedMost), closed: make(chan struct{}),
	}
	l.running.Go(l.run)
	return l
}

// Accept gives the next connection. An error that is not net.ErrClosed is of
// one connection, or passes: the listener goes on.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case a := <-l.accepted:
		return a.conn, a.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops listening. Connections that were accepted live on.
func (l *listener) Close() error {
	err := net.ErrClosed
	l.once.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
		l.running.Wait()
	})
	return err
}

func (l *listener) run() {
	for {
		c, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			l.hand(nil, passing{err})
		default:
			l.identify(c)
		}
	}
}

// identify hands over a connection with what Windows says of its client. That
// is known at once where the client was opened with static tracking, which is
// what Dial and most programs do. A client with dynamic tracking, the default
// of CreateFile, is whoever wrote the last message that was read: its first
// bytes are read, off to the side, and kept for whoever reads next. The number
// of its process would be known earlier, and prove nothing: it may be
// another's by now.
func (l *listener) identify(c net.Conn) {
	peer, err := l.name(c)
	if !errors.Is(err, windows.ERROR_CANNOT_IMPERSONATE) {
		l.hand(&conn{Conn: c, peer: peer, unnamed: err}, nil)
		return
	}
	select {
	case l.unnamed <- struct{}{}:
		l.running.Go(func() { l.identifyLater(c) })
	default:
		_ = c.Close() // nobody knows whose it is, so nobody is told
	}
}

func (l *listener) identifyLater(c net.Conn) {
	defer func() { <-l.unnamed }()
	read := make(chan struct{})
	defer close(read)
	l.running.Go(func() {
		select {
		case <-l.closed:
			_ = c.Close()
		case <-read:
		}
	})
	head := make([]byte, 512)
	err := c.SetReadDeadline(time.Now().Add(unnamedPatience))
	n := 0
	if err == nil {
		n, err = c.Read(head)
	}
	if err == nil {
		err = c.SetReadDeadline(time.Time{})
	}
	if err != nil {
		_ = c.Close() // it said nothing, or is gone
		return
	}
	peer, err := l.name(c)
	l.hand(&conn{Conn: c, head: head[:n], peer: peer, unnamed: err}, nil)
}

// hand gives a connection to Accept, or closes it with the listener.
func (l *listener) hand(c *conn, err error) {
	a := accepted{err: err}
	if c != nil {
		a.conn = c
	}
	select {
	case l.accepted <- a:
	case <-l.closed:
		if c != nil {
			_ = c.Close()
		}
	}
}

// passing is an error after which Accept may be called again, as net/http's
// server knows it.
type passing struct{ error }

// Temporary is always true.
func (passing) Temporary() bool { return true }

// Timeout is always false.
func (passing) Timeout() bool { return false }

func (p passing) Unwrap() error { return p.error }
