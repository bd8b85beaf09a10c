package server

import (
	"sync"

	"iscdesk.dev/agent/api"
)

// tenant is what the server counts for one user: nothing of it is seen by
// another.
type tenant struct {
	limits Limits

	mu          sync.Mutex
	connections int
	calls       int
	flooded     bool // a connection was refused since there were less than allowed

	// life orders the openings and closings of sessions, so that an engine
	// never hears of a closing after the opening that followed it.
	life     sync.Mutex
	sessions map[string]*wire // guarded by mu
}

type tenants struct {
	mu    sync.Mutex
	users map[string]*tenant
}

func (t *tenants) of(user string, limits Limits) *tenant {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users == nil {
		t.users = make(map[string]*tenant)
	}
	u := t.users[user]
	if u == nil {
		u = &tenant{limits: limits, sessions: make(map[string]*wire)}
		t.users[user] = u
	}
	return u
}

// connect counts a connection and returns how many there are with it.
func (t *tenant) connect() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connections++
	return t.connections
}

func (t *tenant) disconnect() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connections--
	if t.connections < t.limits.Connections {
		t.flooded = false
	}
}

// refuse counts a connection off that there is no room for, and tells whether
// it is the first of a flood: the others are not worth a line of the log each.
func (t *tenant) refuse() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connections--
	first := !t.flooded
	t.flooded = true
	return first
}

// beginCall counts a call that is under way, or returns api.Busy.
func (t *tenant) beginCall() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.calls >= t.limits.Calls {
		return api.Fail(api.Busy)
	}
	t.calls++
	return nil
}

func (t *tenant) endCall() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls--
}
