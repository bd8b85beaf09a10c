//go:build crashtest && unix

package main

import (
	"os"
	"syscall"
)

// steps ends the process at the step of a save that ISCDESK_CRASH_AT names, as
// a power cut would: no handler runs, nothing is flushed.
func steps() func(string) {
	at := os.Getenv("ISCDESK_CRASH_AT")
	return func(step string) {
		if at != "" && step == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal has come
		}
	}
}
