package license

import (
	"maps"
	"slices"
	"time"

	"iscdesk.dev/agent/api"
)

// settle is how long after a start of the service its applications have to
// come back before their seats are given away.
const settle = 60 * time.Second

// SessionOpened takes note of a connected application. A session that comes
// back, also to a service that was restarted, has its lease again.
func (e *Engine) SessionOpened(app api.Session) {
	e.mu.Lock()
	e.open[app.ID]++
	delete(e.closed, app.ID)
	e.mu.Unlock()
	e.look()
}

// SessionClosed takes note of an application that is gone: its seat goes back
// at once. When the service itself stops, nobody is gone.
func (e *Engine) SessionClosed(app api.Session) {
	e.mu.Lock()
	switch e.open[app.ID]--; {
	case e.open[app.ID] > 0: // it had reconnected before the old connection's end was noticed
	case e.stopping:
		delete(e.open, app.ID)
	default:
		delete(e.open, app.ID)
		e.closed[app.ID] = true
	}
	e.mu.Unlock()
	e.look()
}

// Stopping says that the service is about to stop: the sessions that close
// from now on will be back. The end of Serve's context says it too.
func (e *Engine) Stopping() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopping = true
}

// presence tells whether a session is connected, whether its connection has
// ended, and whether it would be back if it were to come back.
func (e *Engine) presence(session string) (open, ended, settled bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open[session] > 0, e.closed[session], !e.now().Before(e.started.Add(settle))
}

func (e *Engine) markEnded(session string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed[session] = true
}

// ended lists the sessions that have ended.
func (e *Engine) ended() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Collect(maps.Keys(e.closed))
}

// forgetClosed drops those of the ends that belong to no lease. The ends were
// listed before the leases were read: a session that has ended since may hold
// one that is not among them.
func (e *Engine) forgetClosed(ended []string, leases []leaseRow) {
	held := make(map[string]bool, len(leases))
	for _, l := range leases {
		held[l.session] = true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, session := range ended {
		if !held[session] {
			delete(e.closed, session)
		}
	}
}
