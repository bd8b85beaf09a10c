//go:build !linux && !windows

package sdkbridge

import "iscdesk.dev/agent/api"

// signal is nothing here: these systems have no such descriptor yet.
type signal struct{}

func newSignal() (signal, error) { return signal{}, nil }

func (signal) set()    {}
func (signal) clear()  {}
func (*signal) close() {}

func (signal) descriptor() (int, error) {
	return -1, api.Fail(api.Unsupported, "what", "isc_event_fd on this system")
}
