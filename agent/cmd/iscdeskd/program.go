package main

import (
	"context"
	"os"
	"runtime"

	"github.com/kardianos/service"

	"iscdesk.dev/agent/internal/daemon"
)

// program is the daemon as the service manager starts and stops it.
type program struct {
	cfg    daemon.Config
	ctx    context.Context // the service manager's Start and Stop have none
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // set before ended is closed
}

// Start sets the daemon going and returns at once, as the manager wants it.
func (p *program) Start(service.Service) error {
	go func() {
		defer close(p.ended)
		p.err = daemon.Run(p.ctx, p.cfg)
		if p.ctx.Err() == nil && runtime.GOOS == "windows" && !service.Interactive() {
			os.Exit(1) // the manager starts a service again that ended without being told to
		}
	}()
	return nil
}

// wait returns when the program is told to stop, or the daemon has ended by
// itself.
func (p *program) wait() {
	select {
	case <-p.ctx.Done():
	case <-p.ended:
	}
}

// Stop ends the daemon and waits for it.
func (p *program) Stop(service.Service) error {
	p.cancel()
	<-p.ended
	return nil
}
