package main

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sys/windows/svc"

	"iscdesk.dev/agent/internal/daemon"
)

// What the service tells the manager about time: the hint with each pending
// state, renewed every beat.
const (
	pendingHint = 10 * time.Second
	beatTime    = time.Second
)

// accepted are the controls that the service takes while it runs. A shutdown
// is heard before other services end, with the network still there.
const accepted = svc.AcceptStop | svc.AcceptPreShutdown | svc.AcceptShutdown | svc.AcceptPowerEvent

// The power events that say that the machine woke up.
const (
	resumeCritical  = 0x6
	resumeSuspend   = 0x7
	resumeAutomatic = 0x12
)

// handler is the daemon as the service manager of Windows sees it.
type handler struct {
	cfg     daemon.Config
	ready   chan struct{} // closed when the daemon answers
	resumed chan struct{} // gets a message when the machine woke up
	answers func()        // called once, when the manager knows that the service runs

	status svc.Status // what the manager knows
	err    error      // how the daemon ended, after Execute
}

func newHandler(cfg daemon.Config) *handler {
	h := &handler{ready: make(chan struct{}), resumed: make(chan struct{}, 1), answers: func() {}}
	cfg.Ready = func() { close(h.ready) }
	cfg.Resumed = h.resumed
	h.cfg = cfg
	return h
}

// Execute runs the daemon and follows the manager until it has ended. An end
// that nobody asked for is a failure, and the manager starts the service anew.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, changes chan<- svc.Status) (specific bool, code uint32) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- live(ctx, h.cfg) }()
	beat := time.NewTicker(beatTime)
	defer beat.Stop()
	report := func(s svc.Status) {
		h.status = s
		changes <- s
	}
	report(pending(svc.StartPending))
	ready := h.ready
	for {
		select {
		case <-ready:
			ready = nil
			if ctx.Err() == nil {
				report(svc.Status{State: svc.Running, Accepts: accepted})
				h.answers()
			}
		case <-beat.C:
			if h.status.State != svc.Running {
				h.status.CheckPoint++
				report(h.status)
			}
		case r := <-requests:
			if h.control(r, report) {
				stop()
			}
		case err := <-ended:
			return h.end(ctx.Err() != nil, err)
		}
	}
}

func pending(state svc.State) svc.Status {
	return svc.Status{State: state, CheckPoint: 1, WaitHint: uint32(pendingHint.Milliseconds())}
}

// control follows one request, and tells whether it ends the service.
func (h *handler) control(r svc.ChangeRequest, report func(svc.Status)) bool {
	switch r.Cmd {
	case svc.Interrogate:
		report(h.status)
	case svc.Stop, svc.Shutdown, svc.PreShutdown:
		if h.status.State != svc.StopPending {
			report(pending(svc.StopPending))
		}
		return true
	case svc.PowerEvent:
		if wokeUp(r.EventType) {
			select {
			case h.resumed <- struct{}{}:
			default: // told, and not heard yet
			}
		}
	}
	return false
}

func wokeUp(event uint32) bool {
	return event == resumeAutomatic || event == resumeSuspend || event == resumeCritical
}

// end gives the exit code for the manager: 0 after an end in order.
func (h *handler) end(asked bool, err error) (specific bool, code uint32) {
	if err == nil && !asked {
		err = errors.New("the service ended by itself")
	}
	if h.err = err; err != nil {
		return true, 1
	}
	return false, 0
}
