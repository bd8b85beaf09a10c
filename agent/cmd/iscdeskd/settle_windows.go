package main

import (
	"errors"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// settle gives the running service what Windows Installer has no reliable
// means for: quotes around its path, the steps of recovery, time at shutdown.
// Not earlier: while a service starts, the manager may not take changes.
func settle() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	const rights = windows.SERVICE_QUERY_CONFIG | windows.SERVICE_CHANGE_CONFIG | windows.SERVICE_START
	return opened(rights, func(h windows.Handle) error {
		line, err := commandLineOf(h)
		if err != nil {
			return err
		}
		if better := quoted(line, program); better != line {
			err = setCommandLine(h, better)
		}
		return errors.Join(err, setRecovery(h))
	})
}

// commandLineOf asks for the one setting: the library's Config wants some that
// Wine's manager lacks.
func commandLineOf(h windows.Handle) (string, error) {
	const most = 8 << 10 // what Windows says that it needs at most
	buffer := make([]uint64, most/8)
	config := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&buffer[0]))
	needed := uint32(0)
	if err := windows.QueryServiceConfig(h, config, most, &needed); err != nil {
		return "", err
	}
	return windows.UTF16PtrToString(config.BinaryPathName), nil
}

// quoted is a command line with quotes around its program, which has none.
func quoted(line, program string) string {
	if len(line) < len(program) || !strings.EqualFold(line[:len(program)], program) {
		return line
	}
	return `"` + line[:len(program)] + `"` + line[len(program):]
}

func setCommandLine(h windows.Handle, line string) error {
	text, err := windows.UTF16PtrFromString(line)
	if err != nil {
		return err
	}
	const same = windows.SERVICE_NO_CHANGE
	return windows.ChangeServiceConfig(h, same, same, same, text, nil, nil, nil, nil, nil, nil)
}

// setRecovery has the manager start the service again after a failure, also
// after an end that was no crash, and wait for it at shutdown.
func setRecovery(h windows.Handle) error {
	s := &mgr.Service{Name: serviceName, Handle: h}
	shutdown := uint32(shutdownPatience.Milliseconds())
	return errors.Join(
		s.SetRecoveryActions(recovery(), forgiven),
		ifKnown(s.SetRecoveryActionsOnNonCrashFailures(true)),
		ifKnown(windows.ChangeServiceConfig2(h, windows.SERVICE_CONFIG_PRESHUTDOWN_INFO, (*byte)(unsafe.Pointer(&shutdown)))),
	)
}
