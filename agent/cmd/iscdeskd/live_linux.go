package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"iscdesk.dev/agent/client"
	service "iscdesk.dev/agent/internal/daemon"
)

// alsoLogsTo is nothing: the journal has standard error.
func (options) alsoLogsTo() []slog.Handler { return nil }

// live runs the daemon, and keeps systemd told where systemd started it.
func (options) live(cfg service.Config) error {
	ctx, stop := untilSignal()
	defer stop()
	var watching sync.WaitGroup
	defer watching.Wait()
	watch, unwatch := context.WithCancel(ctx)
	defer unwatch()
	cfg.Ready = func() {
		tell(cfg.Log, daemon.SdNotifyReady)
		watching.Go(func() { watchdog(watch, cfg.Log, cfg.Socket) })
	}
	defer context.AfterFunc(ctx, func() { tell(cfg.Log, daemon.SdNotifyStopping) })()
	return live(ctx, cfg)
}

// tell sends a notice to systemd, if that wants any.
func tell(log *slog.Logger, notice string) {
	if _, err := daemon.SdNotify(false, notice); err != nil {
		log.Warn("systemd does not take a notice", "notice", notice, "err", err)
	}
}

// watchdog tells systemd twice in its interval that the service answers, after
// it has asked over the socket as any client does. A service that hangs is not
// spoken for, and systemd starts it anew.
func watchdog(ctx context.Context, log *slog.Logger, socket string) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return
	}
	beat := time.NewTicker(interval / 2)
	defer beat.Stop()
	for {
		if err := ask(ctx, socket, interval/2); err == nil {
			tell(log, daemon.SdNotifyWatchdog)
		} else if ctx.Err() == nil {
			log.Warn("the service does not answer itself", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// ask asks the service what it is, on a connection of its own.
func ask(ctx context.Context, socket string, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := client.New(socket)
	defer c.Close()
	_, err := c.Service(ctx)
	return err
}
