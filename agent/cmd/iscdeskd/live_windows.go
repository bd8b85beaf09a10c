package main

import (
	"log/slog"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"

	"iscdesk.dev/agent/internal/daemon"
	"iscdesk.dev/agent/internal/logs"
)

// underManager tells whether the service manager started this process. The
// flag says so where Windows cannot tell: svc.IsWindowsService wants a process
// of session 0.
func (o options) underManager() bool {
	if o.service {
		return true
	}
	is, err := svc.IsWindowsService()
	return err == nil && is
}

// alsoLogsTo is the event log, for a service.
func (o options) alsoLogsTo() []slog.Handler {
	if !o.underManager() {
		return nil
	}
	events, err := logs.OpenEvents()
	if err != nil {
		return nil
	}
	return []slog.Handler{logs.Events(events)}
}

// live runs the daemon under the service manager, or in the foreground.
func (o options) live(cfg daemon.Config) error {
	if !o.underManager() {
		ctx, stop := untilSignal()
		defer stop()
		return live(ctx, cfg)
	}
	if err := outliveLogOff(); err != nil {
		cfg.Log.Warn("log-off may end the service", "err", err)
	}
	h := newHandler(cfg)
	h.answers = func() {
		if err := settle(); err != nil {
			cfg.Log.Warn("the service manager keeps its settings of the service", "err", err)
		}
	}
	if err := svc.Run(serviceName, h); err != nil {
		cfg.Log.Error("the service manager does not take the service", "err", err)
		return err
	}
	return h.err
}

// outliveLogOff keeps Windows from ending the process when somebody logs off:
// consoles are told of every log-off, also those that have none. A shutdown is
// told too, and comes through the service manager in order.
func outliveLogOff() error {
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetConsoleCtrlHandler")
	if ok, _, err := set.Call(windows.NewCallback(staysAfter), 1); ok == 0 {
		return os.NewSyscallError("SetConsoleCtrlHandler", err)
	}
	return nil
}

// staysAfter answers an event of the console: 1 where the process goes on and
// nobody else is to hear of it, 0 where others decide.
func staysAfter(event uint32) uintptr {
	switch event {
	case windows.CTRL_LOGOFF_EVENT, windows.CTRL_SHUTDOWN_EVENT:
		return 1
	}
	return 0
}
