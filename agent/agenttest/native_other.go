//go:build !windows

package agenttest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func (native) socket(a *Agent) (string, error) {
	path := filepath.Join(a.world.sockets, a.Name, "agent.sock")
	return path, os.MkdirAll(filepath.Dir(path), 0o700)
}

func (native) browser(a *Agent) (string, error) {
	words := a.signsIn("%s")
	for i, word := range words {
		if words[i] = shellQuote(word); word == "%s" {
			words[i] = `"$1"`
		}
	}
	path := filepath.Join(a.Home, "browser")
	script := fmt.Sprintf("#!/bin/sh\nexec %s >>%s 2>&1\n", strings.Join(words, " "), shellQuote(filepath.Join(a.Home, "browser.log")))
	return path, os.WriteFile(path, []byte(script), 0o700) // a script has to be executable
}

func (native) environ(a *Agent) []string {
	return []string{
		"HOME=" + a.Home, "XDG_RUNTIME_DIR=" + filepath.Dir(a.Socket), "LANG=C.UTF-8",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
	}
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
