package daemon

import (
	"maps"
	"slices"

	"iscdesk.dev/marketplace/agentapi"
)

// awake lets every user's engines look at once at all that waits: the machine
// slept, or its clock was set. Connections that died meanwhile are found out.
func (u *users) awake() {
	u.mu.Lock()
	all := slices.Collect(maps.Values(u.all))
	u.mu.Unlock()
	for _, h := range all {
		h.awake()
	}
}

// awake treats what may have been missed like a new connection to the
// marketplace, whatever the old one turns out to be.
func (h *household) awake() {
	h.account.Wake()
	h.push.Awake()
	h.pushed(agentapi.PushMessage{Type: agentapi.Hello})
}
