package daemon

import (
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/logs"
)

// mostLines is how much of the log a user is shown.
const mostLines = 5000

// lines is the end of the service's log: the user's own lines and those that
// belong to nobody, or every line.
func (h *household) lines(all bool) (api.Logs, error) {
	user := h.key
	if all {
		user = ""
	}
	lines, cut, err := logs.Tail(h.cfg.State, user, mostLines)
	return api.Logs{Lines: lines, Cut: cut}, err
}
