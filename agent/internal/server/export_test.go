package server

import (
	"context"
	"net/http"

	"iscdesk.dev/agent/internal/actor"
)

// Patterns are the routes that a Server answers.
func (s *Server) Patterns() []string {
	var all []string
	for _, r := range s.routes() {
		all = append(all, r.pattern)
	}
	return all
}

// Table builds a mux of one route, as New does with all of them.
func (s *Server) Table(pattern string, access actor.Access, handler, upgrade bool) {
	r := route{pattern: pattern, access: access}
	if handler {
		r.do = func(context.Context, *call) (any, error) { return nothing{}, nil }
	}
	if upgrade {
		r.upgrade = func(c *call) { c.w.WriteHeader(http.StatusNoContent) }
	}
	s.mux = s.newMux([]route{r})
}

// Calls is how many calls of a user are under way.
func (s *Server) Calls(user string) int {
	t := s.tenants.of(user, s.cfg.Limits)
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls
}
