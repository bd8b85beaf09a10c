package agenttest

import (
	"path/filepath"
	"strings"
)

func (native) socket(a *Agent) (string, error) {
	return pipePrefix + filepath.Base(a.world.Dir) + "-" + a.Name, nil
}

// browser is a command line in BROWSER itself: a batch file would take the
// address apart at every &. No path in it may hold a blank.
func (native) browser(a *Agent) (string, error) { return strings.Join(a.signsIn("%s"), " "), nil }

func (native) environ(a *Agent) []string {
	return []string{"LOCALAPPDATA=" + a.Home, "USERPROFILE=" + a.Home}
}
