package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// link is a local socket that a calling goroutine can block on in the kernel,
// past Go's network poller: for a goroutine that was entered from C the poller
// costs two switches between threads. It writes without raising SIGPIPE,
// because that signal belongs to the host.
type link struct {
	net.Conn // closed: its descriptor lives on here, unknown to Go's poller
	in       *bufio.Reader
	session  bool
	idle     *idle     // of a session
	deadline time.Time // of reading, and of a transfer's writing; zero: do not wait

	// using is held for reading by whoever uses fd, and for writing to close it.
	using  sync.RWMutex
	fd     int
	closed bool
}

func newLink(c net.Conn, role api.Role) (*link, error) {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return nil, fmt.Errorf("not a local socket: %T", c)
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return nil, err
	}
	l := &link{Conn: uc, session: role == api.RoleSession}
	var dupErr error
	if err := raw.Control(func(fd uintptr) { l.fd, dupErr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return nil, err
	}
	if dupErr != nil {
		return nil, os.NewSyscallError("fcntl", dupErr)
	}
	size := 64 << 10
	if l.session {
		size = 8 << 10
		if l.idle, err = newIdle(l.fd); err != nil {
			return nil, errors.Join(err, unix.Close(l.fd))
		}
	}
	l.in = bufio.NewReaderSize(l, size)
	_ = uc.Close() // the connection lives on in the other descriptor
	return l, nil
}

// Close closes the descriptor once nobody uses it.
func (l *link) Close() error {
	l.using.Lock()
	defer l.using.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var err error
	if l.idle != nil {
		err = l.idle.close()
	}
	return errors.Join(err, unix.Close(l.fd))
}

// hush keeps what arrives from the one who waits in watch, for a moment:
// somebody is about to call. listen takes that back, and so does listenSoon,
// a moment later.
func (l *link) hush()       { l.idle.hush() }
func (l *link) listen()     { l.idle.listen() }
func (l *link) listenSoon() { l.idle.listenSoon() }

// bound does nothing: this link keeps its own time.
func (l *link) bound(*Conn) {}

// direct tells whether await is worth calling.
func (l *link) direct() bool { return l.session }

// Read waits until the deadline in the kernel.
func (l *link) Read(p []byte) (int, error) {
	l.using.RLock()
	defer l.using.RUnlock()
	for !l.closed {
		n, err := unix.Read(l.fd, p)
		switch {
		case n > 0:
			return n, nil
		case err == nil:
			return 0, io.EOF
		case errors.Is(err, unix.EINTR):
		case !errors.Is(err, unix.EAGAIN):
			return 0, os.NewSyscallError("read", err)
		case !l.wait(unix.POLLIN, l.deadline):
			return 0, os.ErrDeadlineExceeded
		}
	}
	return 0, net.ErrClosed
}

// buffered tells whether something was read that nobody has looked at.
func (l *link) buffered() bool { return l.in.Buffered() > 0 }

// await waits until a frame begins to arrive, or until the deadline; a zero
// deadline means not to wait.
func (l *link) await(deadline time.Time) bool {
	if l.buffered() {
		return true
	}
	l.using.RLock()
	defer l.using.RUnlock()
	return l.closed || l.wait(unix.POLLIN, deadline) // Read tells that it is closed
}

// wait waits for one of the events of poll. The caller holds using.
func (l *link) wait(events int16, deadline time.Time) bool {
	fds := []unix.PollFd{{Fd: int32(l.fd), Events: events}}
	for {
		var left time.Duration
		if !deadline.IsZero() {
			left = max(time.Until(deadline), 0)
		}
		wait := unix.NsecToTimespec(int64(left))
		n, err := unix.Ppoll(fds, &wait, nil)
		if !errors.Is(err, unix.EINTR) {
			return n > 0 || err != nil // an error shows again in what follows
		}
	}
}

// setDeadline bounds the reads that follow, and the writes of a transfer.
func (l *link) setDeadline(t time.Time) { l.deadline = t }

// Write sends all of p, until the deadline of a transfer. On a session a
// service that does not read fails it after writePatience.
func (l *link) Write(p []byte) (int, error) {
	l.using.RLock()
	defer l.using.RUnlock()
	sent := 0
	for sent < len(p) && !l.closed {
		n, err := unix.SendmsgN(l.fd, p[sent:], nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case err == nil:
			sent += n
		case errors.Is(err, unix.EINTR):
		case !errors.Is(err, unix.EAGAIN):
			return sent, os.NewSyscallError("sendmsg", err)
		case !l.wait(unix.POLLOUT, l.writeUntil()):
			return sent, os.ErrDeadlineExceeded
		}
	}
	if sent < len(p) {
		return sent, net.ErrClosed
	}
	return sent, nil
}

// writeBoth sends head and body, in one system call where there is room.
func (l *link) writeBoth(head, body []byte) error {
	sent := l.tryBoth(head, body)
	if sent < len(head) {
		if _, err := l.Write(head[sent:]); err != nil {
			return err
		}
		sent = len(head)
	}
	_, err := l.Write(body[sent-len(head):])
	return err
}

// tryBoth gives how much the kernel took at once; an error shows again in
// Write.
func (l *link) tryBoth(head, body []byte) int {
	l.using.RLock()
	defer l.using.RUnlock()
	if l.closed {
		return 0
	}
	n, err := unix.SendmsgBuffers(l.fd, [][]byte{head, body}, nil, nil, unix.MSG_NOSIGNAL)
	if err != nil {
		return 0
	}
	return n
}

func (l *link) writeUntil() time.Time {
	if l.session {
		return time.Now().Add(writePatience)
	}
	return l.deadline
}

// during runs f under the deadline of ctx and breaks it off with ctx.
func (l *link) during(ctx context.Context, f func() error) error {
	deadline, _ := ctx.Deadline()
	l.setDeadline(deadline)
	stop := context.AfterFunc(ctx, l.shutdown)
	defer stop()
	return f()
}

// shutdown ends the connection in both directions and leaves the file
// descriptor open, so that whoever waits on it wakes up and none is reused.
func (l *link) shutdown() {
	l.using.RLock()
	defer l.using.RUnlock()
	if !l.closed {
		_ = unix.Shutdown(l.fd, unix.SHUT_RDWR) // fails only when it is down already
	}
}

// watch calls ready whenever something has arrived, until it returns true.
func (l *link) watch(ready func() bool, _ func() error, fail func(error)) {
	if err := l.idle.wait(ready); err != nil {
		fail(err)
	}
}
