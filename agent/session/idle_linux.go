package session

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// quiet is how long nobody must have called before the client's own goroutine
// listens again. An event that comes just after a call waits as long.
const quiet = 2 * time.Millisecond

// idle tells the client's own goroutine what arrives, and is silent while
// somebody calls: an answer would wake that goroutine's thread beside the
// caller's, and on a machine with few cores before it.
//
// It is an epoll of its own below the one of Go's poller. Either it is armed,
// or its timer runs, or the goroutine that it woke up is at work.
type idle struct {
	file *os.File
	raw  syscall.RawConn
	ep   int
	fd   int

	mu     sync.Mutex
	armed  bool
	used   bool // somebody called since the timer was set
	closed bool
	timer  *time.Timer
}

func newIdle(fd int) (*idle, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	none := unix.EpollEvent{Events: unix.EPOLLONESHOT}
	if err := errors.Join(unix.SetNonblock(ep, true), unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &none)); err != nil {
		return nil, errors.Join(err, unix.Close(ep))
	}
	i := &idle{file: os.NewFile(uintptr(ep), "epoll"), ep: ep, fd: fd}
	if i.raw, err = i.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, i.file.Close())
	}
	i.timer = time.AfterFunc(quiet, i.rest)
	return i, nil
}

// hush is silent from here on, until a moment after the last hush.
func (i *idle) hush() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.used = true
	if i.armed && !i.closed {
		i.set(0)
		i.armed = false
		i.timer.Reset(quiet)
	}
}

// listen wakes the goroutine as soon as there is something to read.
func (i *idle) listen() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.armed && !i.closed {
		i.set(unix.EPOLLIN | unix.EPOLLRDHUP)
		i.armed = true
	}
}

// listenSoon leaves a moment to somebody who reads.
func (i *idle) listenSoon() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.armed && !i.closed {
		i.timer.Reset(quiet)
	}
}

// rest listens unless there was a call meanwhile.
func (i *idle) rest() {
	i.mu.Lock()
	used := i.used
	i.used = false
	i.mu.Unlock()
	if used {
		i.listenSoon()
	} else {
		i.listen()
	}
}

// set says what to wake for: once, and for the end of the connection always.
func (i *idle) set(events uint32) {
	e := unix.EpollEvent{Events: events | unix.EPOLLONESHOT}
	_ = unix.EpollCtl(i.ep, unix.EPOLL_CTL_MOD, i.fd, &e) // both descriptors are open and known to each other
}

// fired tells whether something has arrived. It is not armed then.
func (i *idle) fired() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return false
	}
	var events [1]unix.EpollEvent
	for {
		n, err := unix.EpollWait(i.ep, events[:], 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n > 0 {
			i.armed = false
		}
		return n > 0
	}
}

// wait calls ready whenever something has arrived, until it returns true.
func (i *idle) wait(ready func() bool) error {
	return i.raw.Read(func(uintptr) bool {
		for i.fired() {
			if ready() {
				return true
			}
		}
		return false
	})
}

func (i *idle) close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return nil
	}
	i.closed = true
	i.timer.Stop()
	return i.file.Close()
}
