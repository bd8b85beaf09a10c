package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"iscdesk.dev/marketplace/internal/fault"
)

// Mux is the route table. Fill it with Handle, then take its Handler.
type Mux struct {
	guards map[Access]Guard
	log    *slog.Logger
	mux    *http.ServeMux
	routes map[string]Access
	faults []error
}

// NewMux makes an empty route table. Guards holds the check of every access
// but Public.
func NewMux(log *slog.Logger, guards map[Access]Guard) *Mux {
	return &Mux{guards: guards, log: log, mux: http.NewServeMux(), routes: map[string]Access{}}
}

// Handle adds a route. A mistake in it is kept and told by Handler.
func (m *Mux) Handle(pattern string, access Access, h Handler) {
	if err := m.check(pattern, access, h); err != nil {
		m.faults = append(m.faults, fmt.Errorf("route %q: %w", pattern, err))
		return
	}
	m.routes[pattern] = access
	m.mux.Handle(pattern, m.guarded(access, h))
}

func (m *Mux) check(pattern string, access Access, h Handler) error {
	switch {
	case access < Public || access > Admin:
		return errors.New("no access is declared")
	case access != Public && m.guards[access] == nil:
		return errors.New("nothing guards its access")
	case h == nil:
		return errors.New("no handler")
	case !strings.Contains(pattern, " /"):
		return errors.New("no method")
	case m.routes[pattern] != 0:
		return errors.New("declared twice")
	}
	return nil
}

// Routes is the table as declared: pattern to access.
func (m *Mux) Routes() map[string]Access { return m.routes }

// Handler is the finished table, or what is wrong with it.
func (m *Mux) Handler() (http.Handler, error) {
	if err := errors.Join(m.faults...); err != nil {
		return nil, err
	}
	return hardened(m.known()), nil
}

// known answers what no route is declared for in the same form as any other
// error.
func (m *Mux) known() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, pattern := m.mux.Handler(r); pattern == "" {
			probe := &statusOnly{header: w.Header()}
			h.ServeHTTP(probe, r)
			w.Header().Del("Content-Type")
			WriteError(w, fault.New(fault.NotFound, "what", r.URL.Path).WithStatus(probe.status))
			return
		}
		m.mux.ServeHTTP(w, r)
	})
}

// statusOnly takes the status and header of an answer, and drops its body.
type statusOnly struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (s *statusOnly) Header() http.Header { return s.header }

// WriteHeader implements http.ResponseWriter.
func (s *statusOnly) WriteHeader(status int) { s.status = status }

// Write implements http.ResponseWriter.
func (s *statusOnly) Write(body []byte) (int, error) { return len(body), nil }

func (m *Mux) guarded(access Access, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if access != Public {
			ctx, err := m.guards[access](r)
			if err != nil {
				m.refuse(w, r, err)
				return
			}
			r = r.WithContext(ctx)
		}
		if err := h(w, r); err != nil {
			m.refuse(w, r, err)
		}
	})
}

// refuse answers with the error and logs what is not the caller's fault.
func (m *Mux) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if status := WriteError(w, err); status >= http.StatusInternalServerError && r.Context().Err() == nil {
		m.log.Error("request failed", "pattern", r.Pattern, "status", status, "error", err)
	}
}

// hardened sets the headers that every answer carries.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
