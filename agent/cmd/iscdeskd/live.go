package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"iscdesk.dev/agent/internal/daemon"
)

// stopWait is how long the daemon may take to end, so that its process is gone
// five seconds after it was told to stop. Whatever was acknowledged is durable
// by then, because it was before it was acknowledged.
const stopWait = 4500 * time.Millisecond

var errStuck = errors.New("the service did not end in time and was cut off; what was saved is safe")

// live runs the daemon until ctx ends, and not much longer. The log hears how
// it ended.
func live(ctx context.Context, cfg daemon.Config) error {
	err := within(ctx, cfg)
	if err != nil {
		cfg.Log.Error("the service failed", "err", err)
	} else {
		cfg.Log.Info("the service has ended")
	}
	return err
}

func within(ctx context.Context, cfg daemon.Config) error {
	ended := make(chan error, 1)
	go func() { ended <- daemon.Run(ctx, cfg) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(stopWait)
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		return errStuck
	}
}

// untilSignal ends when somebody presses Ctrl+C, or the system wants the
// process to end.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}
