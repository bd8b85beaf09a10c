package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/kardianos/service"

	"iscdesk.dev/agent/internal/daemon"
	"iscdesk.dev/assets/locale"
)

// The name of the service, and what people read.
const (
	serviceName = "iscdeskd"
	displayName = "iscdesk"
)

// The exit statuses of the commands about the service, beside 0, 1 and 2.
const (
	exitStopped      = 3
	exitNotInstalled = 4
	exitNotAllowed   = 5
)

// condition is how the service is.
type condition int

const (
	notInstalled condition = iota
	stopped
	failing // it failed, and the manager is about to try again
	running
)

// The reasons why a command cannot be followed. Each is the key of its text.
var (
	errNotAllowed   = errors.New("refused.rights")
	errInstalled    = errors.New("refused.installed")
	errNotInstalled = errors.New("refused.absent")
	errPackaged     = errors.New("refused.packaged")
	errNoManager    = errors.New("refused.manager")
	errNotStarted   = errors.New("failed.start")
	errNotStopped   = errors.New("failed.stop")
	errExposed      = errors.New("refused.exposed")
)

// exposedError says by which file or folder others could change the program.
type exposedError struct{ path string }

func (e exposedError) Error() string { return errExposed.Error() + ": " + e.path }

func (exposedError) Unwrap() error { return errExposed }

// How long the manager may take to start and to stop the service.
const (
	startPatience = time.Minute
	stopPatience  = 20 * time.Second
)

// manager does what the commands ask, for one operating system.
type manager interface {
	// allowed returns errNotAllowed unless this process may change services, or
	// nil where only trying tells.
	allowed() error
	condition() (condition, error)
	// await waits until the service is in a condition that done takes.
	await(patience time.Duration, done func(condition) bool) error
	// program is the file that install makes a service of.
	program() string
	install() error
	// removable tells why the service cannot be taken away, before it is
	// stopped for it.
	removable() error
	uninstall() error
	start() error
	stop() error
}

// manage follows one command about the service and gives the exit status.
func manage(out io.Writer, command string, args []string) (int, error) {
	texts, err := locale.Service(string(language()))
	if err != nil {
		return 1, err
	}
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0, nil
	case err != nil:
		return 2, err
	case command != "install" && len(o.given) > 0:
		return 2, fmt.Errorf("%s takes no flags", command)
	}
	m, err := o.manager(texts)
	if err != nil {
		return explain(texts, command, err)
	}
	said, status, err := follow(m, command)
	if err != nil {
		return explain(texts, command, err)
	}
	_, _ = fmt.Fprintln(out, texts.Fill(said, "name", serviceName, "state", daemon.DefaultState(false)))
	return status, nil
}

// follow gives the key of what to say and the exit status.
func follow(m manager, command string) (said string, status int, err error) {
	now, err := m.condition()
	if err != nil {
		return "", 0, err
	}
	if command == "status" {
		switch now {
		case running:
			return "status.running", 0, nil
		case failing:
			return "status.failing", exitStopped, nil
		case stopped:
			return "status.stopped", exitStopped, nil
		default:
			return "status.absent", exitNotInstalled, nil
		}
	}
	if err := m.allowed(); err != nil {
		return "", 0, err
	}
	switch {
	case command == "install" && now != notInstalled:
		return "", 0, errInstalled
	case command == "install":
		return "done.install", 0, install(m)
	case now == notInstalled:
		return "", 0, errNotInstalled
	case command == "start" && now == running:
		return "already.running", 0, nil
	case command == "stop" && now == stopped:
		return "already.stopped", 0, nil
	}
	if command == "uninstall" {
		if err := m.removable(); err != nil {
			return "", 0, err
		}
	}
	if command != "start" {
		if err := halt(m, now); err != nil {
			return "", 0, err
		}
	}
	switch command {
	case "uninstall":
		return "done.uninstall", 0, m.uninstall()
	case "start", "restart":
		return "done." + command, 0, set(m)
	}
	return "done.stop", 0, nil
}

// install refuses a program that others could change: whoever may write it, or
// put another in its place, would have all rights on the machine. A warning
// would not do, because installers read none.
func install(m manager) error {
	path, err := exposed(m.program())
	if err != nil {
		return err
	}
	if path != "" {
		return exposedError{path}
	}
	return m.install()
}

// halt stops the service, unless it is.
func halt(m manager, now condition) error {
	if now == stopped {
		return nil
	}
	if err := m.stop(); err != nil {
		return err
	}
	if err := m.await(stopPatience, func(c condition) bool { return c != running }); err != nil {
		return errors.Join(errNotStopped, err)
	}
	return nil
}

// set starts the service and waits until it answers.
func set(m manager) error {
	if err := m.start(); err != nil {
		return err
	}
	if err := m.await(startPatience, func(c condition) bool { return c == running }); err != nil {
		return errors.Join(errNotStarted, err)
	}
	return nil
}

// explain gives the exit status of an error, and its text for people.
func explain(texts locale.Catalogue, command string, err error) (int, error) {
	for _, row := range []struct {
		err    error
		status int
	}{
		{errNotAllowed, exitNotAllowed},
		{errNotInstalled, exitNotInstalled},
		{service.ErrNotInstalled, exitNotInstalled},
		{errInstalled, 1},
		{errPackaged, 1},
		{errNoManager, 1},
		{errNotStarted, 1},
		{errNotStopped, 1},
		{errExposed, 1},
	} {
		if errors.Is(err, row.err) {
			said := row.err.Error()
			if row.status == exitNotInstalled {
				said = errNotInstalled.Error()
			}
			var open exposedError
			_ = errors.As(err, &open)
			return row.status, &explained{texts.Fill(said, "name", serviceName, "command", command, "state", daemon.DefaultState(false), "path", open.path), err}
		}
	}
	return 1, err
}

// explained is an error with a text for people.
type explained struct {
	text  string
	cause error
}

func (e *explained) Error() string { return e.text }

func (e *explained) Unwrap() error { return e.cause }
