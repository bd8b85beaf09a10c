package sdkbridge

import (
	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/api"
)

// signal is a descriptor that is readable while it is set. The zero signal has
// none.
type signal struct{ fd, valid int }

func newSignal() (signal, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return signal{}, api.Fail(api.Internal).Because(err)
	}
	return signal{fd, 1}, nil
}

func (s signal) set() {
	if s.valid == 1 {
		_, _ = unix.Write(s.fd, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // fails only when it is set already
	}
}

func (s signal) clear() {
	if s.valid == 1 {
		var count [8]byte
		_, _ = unix.Read(s.fd, count[:]) // fails only when it is clear already
	}
}

func (s *signal) close() {
	if s.valid == 1 {
		_ = unix.Close(s.fd) // nothing is lost with it
		s.valid = 0
	}
}

func (s signal) descriptor() (int, error) {
	if s.valid == 0 {
		return -1, api.Fail(api.Unsupported, "what", "isc_event_fd in this delivery")
	}
	return s.fd, nil
}
