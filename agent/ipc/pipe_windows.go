package ipc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unsafe"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

const (
	bufferSize = 64 << 10
	// remnantPatience is how long a pipe that lets nobody in is taken for a busy
	// one, and not for what a dead service left.
	remnantPatience = 500 * time.Millisecond
	remnantPause    = 10 * time.Millisecond
)

// pipe makes the instances of a named pipe, one per client, and waits on them.
// Reading and writing are go-winio's. Its listener is not used, because that
// one has no way past the remnant of a dead service: a pipe lives until its
// last client lets go, and any client could so keep the next service from
// starting.
type pipe struct {
	path  string
	stop  windows.Handle // an event, set when the pipe closes
	done  windows.Handle // an event, set when an instance is connected
	rules *windows.SecurityAttributes

	mu     sync.Mutex         // held by Accept
	next   windows.Handle     // the instance that waits for a client
	wait   windows.Overlapped // the kernel writes to it: it must not move
	closed bool
}

// makePipe makes the first instance. Windows refuses that where a pipe of the
// name exists (FILE_FLAG_FIRST_PIPE_INSTANCE): somebody planted it, or it is a
// remnant of ours, which is taken over.
func makePipe(path, sddl string) (*pipe, error) {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return nil, err
	}
	p := &pipe{path: path, rules: &windows.SecurityAttributes{SecurityDescriptor: sd}}
	p.rules.Length = uint32(unsafe.Sizeof(*p.rules))
	if err := p.unserved(); err != nil {
		return nil, err
	}
	if p.next, err = p.instance(windows.FILE_FLAG_FIRST_PIPE_INSTANCE); errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		err = p.takeOver()
	}
	if err != nil {
		return nil, err
	}
	const manual = 1
	if p.stop, err = windows.CreateEvent(nil, manual, 0, nil); err == nil {
		p.done, err = windows.CreateEvent(nil, manual, 0, nil)
	}
	if err != nil {
		return nil, errors.Join(err, p.release())
	}
	return p, nil
}

// instance makes an instance for one client. It refuses clients from the
// network, and child processes do not inherit it.
func (p *pipe) instance(flags uint32) (windows.Handle, error) {
	name, err := windows.UTF16PtrFromString(p.path)
	if err != nil {
		return 0, err
	}
	h, err := windows.CreateNamedPipe(name,
		windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_OVERLAPPED|flags,
		windows.PIPE_TYPE_BYTE|windows.PIPE_READMODE_BYTE|windows.PIPE_WAIT|windows.PIPE_REJECT_REMOTE_CLIENTS,
		windows.PIPE_UNLIMITED_INSTANCES, bufferSize, bufferSize, 0, p.rules)
	if err != nil {
		return 0, fmt.Errorf("make the pipe %s: %w", p.path, err)
	}
	return h, nil
}

// takeOver adds an instance to a pipe that nobody serves any more and that
// belongs to us: its owner, whom nobody can forge, made its access list.
func (p *pipe) takeOver() (err error) {
	if p.next, err = p.instance(0); err != nil {
		return fmt.Errorf("the pipe is another user's, or this user may not make it: %w", err)
	}
	owner, err := ownerOf(p.next)
	if err == nil && !trusted(p.path, owner, CurrentUser(), true) {
		err = fmt.Errorf("the pipe %s belongs to another user (%s), who would see our clients", p.path, owner)
	}
	if err != nil {
		return errors.Join(err, windows.CloseHandle(p.next))
	}
	return nil
}

// unserved makes sure that no client gets in. A pipe whose service lives is
// busy only for moments.
func (p *pipe) unserved() error {
	name, err := windows.UTF16PtrFromString(p.path)
	if err != nil {
		return err
	}
	pause := time.NewTicker(remnantPause)
	defer pause.Stop()
	for until := time.Now().Add(remnantPatience); ; <-pause.C {
		h, err := windows.CreateFile(name, clientWanted, 0, nil, windows.OPEN_EXISTING, windows.SECURITY_SQOS_PRESENT|windows.SECURITY_IDENTIFICATION, 0)
		switch {
		case err == nil:
			return errors.Join(fmt.Errorf("another service already listens on %s", p.path), windows.CloseHandle(h))
		case !errors.Is(err, windows.ERROR_PIPE_BUSY) || time.Now().After(until):
			return nil
		}
	}
}

// Accept waits for a client. The next instance is there before the client is
// handed over, so that the pipe is never without one.
func (p *pipe) Accept() (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, net.ErrClosed
	}
	if p.next == 0 {
		h, err := p.instance(0)
		if err != nil {
			return nil, err
		}
		p.next = h
	}
	h := p.next
	if err := p.connect(h); err != nil {
		p.next = 0
		return nil, errors.Join(err, windows.CloseHandle(h))
	}
	p.next, _ = p.instance(0) // where it fails, the next call says why
	return newServerEnd(h, p.path)
}

// connect waits until a client has opened the instance, or the pipe closes.
func (p *pipe) connect(h windows.Handle) error {
	p.wait = windows.Overlapped{HEvent: p.done}
	err := windows.ConnectNamedPipe(h, &p.wait)
	if errors.Is(err, windows.ERROR_IO_PENDING) {
		which, waitErr := windows.WaitForMultipleObjects([]windows.Handle{p.done, p.stop}, false, windows.INFINITE)
		if waitErr != nil || which != windows.WAIT_OBJECT_0 {
			_ = windows.CancelIoEx(h, &p.wait) // fails where it is over, as it may be
			err = net.ErrClosed
		} else {
			err = nil
		}
		var n uint32
		if over := windows.GetOverlappedResult(h, &p.wait, &n, true); err == nil {
			err = over
		}
		return errors.Join(err, waitErr)
	}
	// A client that came before this call, and one that has said something and
	// gone already.
	if errors.Is(err, windows.ERROR_PIPE_CONNECTED) || errors.Is(err, windows.ERROR_NO_DATA) {
		return nil
	}
	return err
}

// Close wakes Accept and takes the name away, unless a client still holds it.
func (p *pipe) Close() error {
	if err := windows.SetEvent(p.stop); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.release()
}

func (p *pipe) release() error {
	var errs []error
	for _, h := range []windows.Handle{p.next, p.stop, p.done} {
		if h != 0 {
			errs = append(errs, windows.CloseHandle(h))
		}
	}
	return errors.Join(errs...)
}

// Addr is where clients dial.
func (p *pipe) Addr() net.Addr { return pipeAddr(p.path) }

// pipeFile is what go-winio makes of a handle.
type pipeFile interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	Fd() uintptr
}

// serverEnd is the service's end of one connection.
type serverEnd struct {
	pipeFile
	path pipeAddr
}

func newServerEnd(h windows.Handle, path string) (net.Conn, error) {
	f, err := winio.NewOpenFile(h)
	if err != nil {
		return nil, errors.Join(err, windows.CloseHandle(h))
	}
	file, ok := f.(pipeFile)
	if !ok {
		return nil, errors.Join(fmt.Errorf("go-winio gives a %T, which has no deadlines", f), f.Close())
	}
	return &serverEnd{file, pipeAddr(path)}, nil
}

// SetDeadline bounds reading and writing.
func (s *serverEnd) SetDeadline(t time.Time) error {
	return errors.Join(s.SetReadDeadline(t), s.SetWriteDeadline(t))
}

// LocalAddr is the pipe.
func (s *serverEnd) LocalAddr() net.Addr { return s.path }

// RemoteAddr is the pipe.
func (s *serverEnd) RemoteAddr() net.Addr { return s.path }

// pipeAddr is the name of a pipe.
type pipeAddr string

// Network is the kind of address.
func (pipeAddr) Network() string { return "pipe" }

// String is the name.
func (a pipeAddr) String() string { return string(a) }
