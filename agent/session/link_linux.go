package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// writePatience bounds a write on a session to a service that does not read.
const writePatience = 2 * time.Second

// link is a local socket that a calling goroutine can block on in the kernel,
// past Go's network poller: for a goroutine that was entered from C the poller
// costs two switches between threads. It writes without raising SIGPIPE,
// because that signal belongs to the host.
type link struct {
	*net.UnixConn
	raw      syscall.RawConn
	fd       int
	in       *bufio.Reader
	session  bool
	deadline time.Time // of reading; zero: whatever is there
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
	l := &link{UnixConn: uc, raw: raw, session: role == api.RoleSession}
	if err := raw.Control(func(fd uintptr) { l.fd = int(fd) }); err != nil {
		return nil, err
	}
	size := 64 << 10
	if l.session {
		size = 8 << 10
	}
	l.in = bufio.NewReaderSize(l, size)
	return l, nil
}

// direct tells whether await is worth calling.
func (l *link) direct() bool { return l.session }

// Read waits until the deadline in the kernel.
func (l *link) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(l.fd, p)
		switch {
		case n > 0:
			return n, nil
		case err == nil:
			return 0, io.EOF
		case errors.Is(err, unix.EINTR):
		case !errors.Is(err, unix.EAGAIN):
			return 0, os.NewSyscallError("read", err)
		case !l.readable(l.deadline):
			return 0, os.ErrDeadlineExceeded
		}
	}
}

// buffered tells whether something was read that nobody has looked at.
func (l *link) buffered() bool { return l.in.Buffered() > 0 }

// await waits until a frame begins to arrive, or until the deadline; a zero
// deadline means not to wait.
func (l *link) await(deadline time.Time) bool {
	return l.buffered() || l.readable(deadline)
}

func (l *link) readable(deadline time.Time) bool {
	fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}
	for {
		var left time.Duration
		if !deadline.IsZero() {
			left = max(time.Until(deadline), 0)
		}
		wait := unix.NsecToTimespec(int64(left))
		n, err := unix.Ppoll(fds, &wait, nil)
		if !errors.Is(err, unix.EINTR) {
			return n > 0 || err != nil // an error shows again in Read
		}
	}
}

// setDeadline bounds the reads that follow, and the writes of a transfer.
func (l *link) setDeadline(t time.Time) {
	l.deadline = t
	if !l.session {
		_ = l.SetWriteDeadline(t) // fails only on a closed connection, as the write then does
	}
}

// Write sends all of p. On a session a service that does not read fails it
// after writePatience.
func (l *link) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		n, err := l.writeSome(p[sent:], false)
		if errors.Is(err, unix.EAGAIN) {
			if l.session {
				_ = l.SetWriteDeadline(time.Now().Add(writePatience)) // as above
			}
			n, err = l.writeSome(p[sent:], true)
			if l.session {
				_ = l.SetWriteDeadline(time.Time{})
			}
		}
		if err != nil {
			return sent, err
		}
		sent += n
	}
	return sent, nil
}

func (l *link) writeSome(p []byte, wait bool) (n int, err error) {
	waitErr := l.raw.Write(func(fd uintptr) bool {
		for {
			n, err = unix.SendmsgN(int(fd), p, nil, nil, unix.MSG_NOSIGNAL)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
		return !wait || !errors.Is(err, unix.EAGAIN)
	})
	if waitErr != nil {
		return 0, waitErr
	}
	return n, err
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
	_ = l.raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }) // fails only when it is down already
}

// watch calls ready whenever something has arrived, until it returns true.
func (l *link) watch(ready func() bool, _ func() error, fail func(error)) {
	if err := l.raw.Read(func(uintptr) bool { return ready() }); err != nil {
		fail(err)
	}
}
