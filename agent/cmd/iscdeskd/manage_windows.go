package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/assets/locale"
)

// shutdownPatience is how long a shutdown of Windows waits for the service.
const shutdownPatience = 10 * time.Second

// forgiven is after how long a failure is forgotten, in seconds.
const forgiven = 24 * 60 * 60

// recovery is what the manager does when the service fails: the first, the
// second, and every further time.
func recovery() []mgr.RecoveryAction {
	return []mgr.RecoveryAction{
		{Type: mgr.ServiceRestart, Delay: time.Second},
		{Type: mgr.ServiceRestart, Delay: 5 * time.Second},
		{Type: mgr.ServiceRestart, Delay: 30 * time.Second},
	}
}

// windowsManager is the service as the service manager of Windows has it.
type windowsManager struct {
	service.Service
	path, commandLine string
}

func (o options) manager(texts locale.Catalogue) (manager, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args, err := o.serviceArgs()
	if err != nil {
		return nil, err
	}
	args = append(args, "--service")
	s, err := service.New(nil, &service.Config{
		Name: serviceName, DisplayName: displayName, Description: texts["description"],
		Executable: path, Arguments: args,
		Option: service.KeyValue{"DelayedAutoStart": true},
	})
	return windowsManager{s, path, commandLine(path, args)}, err
}

// commandLine quotes the program whatever its path is: of a path with spaces
// and no quotes Windows tries the shorter programs first.
func commandLine(path string, args []string) string {
	words := []string{`"` + path + `"`}
	for _, a := range args {
		words = append(words, syscall.EscapeArg(a))
	}
	return strings.Join(words, " ")
}

// allowed lets the manager decide.
func (windowsManager) allowed() error { return nil }

func (windowsManager) condition() (condition, error) {
	status, err := query()
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return notInstalled, nil
	case err != nil:
		return notInstalled, told(err)
	case status.CurrentState == windows.SERVICE_STOPPED:
		return stopped, nil
	default:
		return running, nil
	}
}

// query asks the manager with no more rights than every user has.
func query() (windows.SERVICE_STATUS_PROCESS, error) {
	var status windows.SERVICE_STATUS_PROCESS
	err := opened(windows.SERVICE_QUERY_STATUS, func(s windows.Handle) error {
		var n uint32
		return windows.QueryServiceStatusEx(s, windows.SC_STATUS_PROCESS_INFO, (*byte)(unsafe.Pointer(&status)), uint32(unsafe.Sizeof(status)), &n)
	})
	return status, err
}

// opened does something with the service, with the given rights.
func opened(rights uint32, do func(windows.Handle) error) error {
	m, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseServiceHandle(m) }()
	name, err := windows.UTF16PtrFromString(serviceName)
	if err != nil {
		return err
	}
	s, err := windows.OpenService(m, name, rights)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseServiceHandle(s) }()
	return do(s)
}

// await looks until the service is where it should be. A service that stops
// while it should start has failed.
func (m windowsManager) await(patience time.Duration, done func(condition) bool) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	for {
		status, err := query()
		switch state := svc.State(status.CurrentState); {
		case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
			return errNotInstalled
		case err != nil:
			return told(err)
		case state == svc.Running && done(running), state == svc.Stopped && done(stopped):
			return nil
		case state == svc.Stopped:
			return fmt.Errorf("it ended with code %d, %d", status.Win32ExitCode, status.ServiceSpecificExitCode)
		}
		select {
		case <-look.C:
		case <-over.C:
			return errors.New("no answer in time")
		}
	}
}

func (m windowsManager) program() string { return m.path }

// install lets the library make the service, and completes it.
func (m windowsManager) install() error {
	if err := m.Install(); err != nil {
		return told(err)
	}
	err := errors.Join(opened(windows.SERVICE_ALL_ACCESS, m.complete), logs.Register())
	if err != nil {
		return errors.Join(told(err), m.uninstall())
	}
	return nil
}

// complete adds to a service what the library lacks: quotes around the path,
// three steps of recovery, also after an end that was no crash, and time at
// shutdown.
func (m windowsManager) complete(h windows.Handle) error {
	return errors.Join(setCommandLine(h, m.commandLine), setRecovery(h))
}

// ifKnown lets pass that a service manager lacks a setting, as Wine's does.
func ifKnown(err error) error {
	if errors.Is(err, windows.ERROR_INVALID_LEVEL) {
		return nil
	}
	return err
}

func (windowsManager) removable() error { return nil }

func (windowsManager) uninstall() error {
	err := opened(windows.DELETE, windows.DeleteService)
	return told(errors.Join(err, logs.Unregister()))
}

func (m windowsManager) start() error {
	if err := m.Start(); err != nil {
		return told(err)
	}
	return nil
}

// stop only asks: the library's Stop waits without end for a service that does
// not stop.
func (windowsManager) stop() error {
	err := opened(windows.SERVICE_STOP, func(s windows.Handle) error {
		return windows.ControlService(s, windows.SERVICE_CONTROL_STOP, new(windows.SERVICE_STATUS))
	})
	if errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return nil
	}
	return told(err)
}

// told turns what Windows says into one of our reasons, where there is one.
func told(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return errors.Join(errNotAllowed, err)
	case errors.Is(err, windows.ERROR_SERVICE_EXISTS):
		return errors.Join(errInstalled, err)
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return errors.Join(errNotInstalled, err)
	case errors.Is(err, windows.ERROR_SERVICE_REQUEST_TIMEOUT):
		return errors.Join(errNotStarted, err)
	}
	return err
}

// language is the first one of the user's.
func language() api.Language {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return api.English
	}
	return api.ParseLanguage(names[0])
}
