package server

import "iscdesk.dev/agent/api"

// attach makes this connection the one of its session. A connection that
// already bears the session's name is an older one of the same application,
// which has reconnected: the newer wins, and to the engines the session goes
// on.
func (w *wire) attach() error {
	t := w.tenant
	t.life.Lock()
	defer t.life.Unlock()
	t.mu.Lock()
	old := t.sessions[w.app.ID]
	if old == nil && len(t.sessions) >= t.limits.Sessions {
		t.mu.Unlock()
		return api.Fail(api.Busy)
	}
	if old != nil && sameApp(old.app, w.app) {
		w.app.Since = old.app.Since
	}
	t.sessions[w.app.ID] = w
	t.mu.Unlock()
	if old != nil {
		old.cut()
		if sameApp(old.app, w.app) {
			return nil
		}
		old.closed()
	}
	w.user.Licenses.SessionOpened(w.app)
	w.user.Apps.SessionOpened(w.app)
	w.user.Events.Changed(api.SectionSessions)
	return nil
}

// detach ends the session, unless a newer connection has taken it over.
func (w *wire) detach() {
	t := w.tenant
	t.life.Lock()
	defer t.life.Unlock()
	t.mu.Lock()
	mine := t.sessions[w.app.ID] == w
	if mine {
		delete(t.sessions, w.app.ID)
	}
	t.mu.Unlock()
	if mine {
		w.closed()
		w.user.Events.Changed(api.SectionSessions)
	}
}

func (w *wire) closed() {
	w.user.Licenses.SessionClosed(w.app)
	w.user.Files.SessionClosed(w.app)
	w.user.Apps.SessionClosed(w.app)
}

func sameApp(a, b api.Session) bool {
	return a.PID == b.PID && a.Product == b.Product && a.Version == b.Version
}
