//go:build crashtest

package main

import "os"

// steps ends the process at the step of a save that ISCDESK_CRASH_AT names, as
// a power cut would: no handler runs, nothing is flushed (SIGKILL,
// TerminateProcess).
func steps() func(string) {
	at := os.Getenv("ISCDESK_CRASH_AT")
	return func(step string) {
		if at == "" || step != at {
			return
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {} // until the end has come
	}
}
