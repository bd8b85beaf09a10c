package sdkbridge

import (
	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// signal is an event object that stays set until it is cleared:
// what WaitForMultipleObjects and message loops wait for. It is not inherited.
// The zero signal has none.
type signal struct{ event windows.Handle }

func newSignal() (signal, error) {
	event, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return signal{}, api.Fail(api.Internal).Because(err)
	}
	return signal{event}, nil
}

func (s signal) set() {
	if s.event != 0 {
		_ = windows.SetEvent(s.event) // fails only for what is no event
	}
}

func (s signal) clear() {
	if s.event != 0 {
		_ = windows.ResetEvent(s.event) // fails only for what is no event
	}
}

func (s *signal) close() {
	if s.event != 0 {
		_ = windows.CloseHandle(s.event) // nothing is lost with it
		s.event = 0
	}
}

// descriptor is the handle as a number: the handles of Windows have 32
// significant bits, on 64-bit systems too.
func (s signal) descriptor() (int, error) {
	if s.event == 0 {
		return -1, api.Fail(api.Unsupported, "what", "isc_event_fd in this delivery")
	}
	return int(int32(uint32(s.event))), nil
}
