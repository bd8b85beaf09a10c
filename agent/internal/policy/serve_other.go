//go:build !windows

package policy

import (
	"os"
	"os/signal"
	"syscall"
)

func policyFiles(p Places) []string { return []string{p.file()} }

// hangups gives the signals that ask for a reload.
func hangups() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}

// watchMachine is nothing where the policy is a file.
func (l *Live) watchMachine() (<-chan struct{}, func()) { return nil, func() {} }
