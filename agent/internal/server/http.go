package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/logs"
)

// serveHTTP refuses what no client of ours sends before anything looks at it.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(s.cfg.Limits.WriteWait))
	// What is left of a body after the answer is read under a limit too.
	defer func() { _ = control.SetReadDeadline(time.Now().Add(s.cfg.Limits.BodyWait)) }()
	if err := s.guard(r); err != nil {
		h.Set("Connection", "close")
		s.fail(w, r, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.fail(w, r, api.Fail(api.NotFound, "what", r.Method+" "+r.URL.Path))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// guard keeps browsers and other strangers out: a page that reaches a local
// service by some proxy or rebinding sends an Origin, a Referer or its own
// Host; our clients send none of them.
func (s *Server) guard(r *http.Request) error {
	conn := connOf(r.Context())
	switch {
	case conn == nil:
		return api.Fail(api.PermissionDenied)
	case r.Host != api.Host, r.URL.Host != "",
		r.Header.Values("Origin") != nil, r.Header.Values("Referer") != nil:
		s.cfg.Log.Warn("foreign request", logs.UserKey, conn.who.User(), "pid", conn.who.PID())
		return api.Fail(api.PermissionDenied)
	case s.stopping():
		return api.Fail(api.ShuttingDown)
	case conn.over:
		return api.Fail(api.Busy)
	}
	return nil
}

// enter is the one way into every route: authorise, find the user's engines,
// count, call, render.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, to route) {
	conn := connOf(r.Context())
	c := &call{w: w, r: r, conn: conn, tenant: conn.tenant}
	if err := s.authorise(r.Context(), c, to.access); err != nil {
		s.fail(w, r, err)
		return
	}
	if to.upgrade != nil {
		to.upgrade(c)
		return
	}
	if err := c.tenant.beginCall(); err != nil {
		s.fail(w, r, err)
		return
	}
	defer c.tenant.endCall()
	until := time.Now().Add(to.wait + s.cfg.Limits.WriteWait)
	if err := http.NewResponseController(w).SetWriteDeadline(until); err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, cancel := within(r.Context(), to.wait)
	defer cancel()
	out, err := s.guarded(ctx, c.conn.who, func() (any, error) { return to.do(ctx, c) })
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Server) authorise(ctx context.Context, c *call, access actor.Access) error {
	if err := access.Check(c.conn.who); err != nil || access != actor.Self {
		return err
	}
	user, err := s.cfg.Users.Of(ctx, c.conn.who)
	c.user = user
	return err
}

// guarded runs a call of an engine: a panic in it is this call's failure and
// nobody else's, and a deadline that passed is api.Timeout.
func (s *Server) guarded(ctx context.Context, who actor.Actor, f func() (any, error)) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("panic in a call", logs.UserKey, who.User(), "panic", p, "stack", string(debug.Stack()))
			out, err = nil, api.Fail(api.Internal)
		}
	}()
	out, err = f()
	if err == nil {
		return out, nil
	}
	if _, told := errors.AsType[*api.Error](err); told {
		return nil, err
	}
	if _, told := errors.AsType[api.Code](err); told {
		return nil, err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = api.Fail(api.Timeout).Because(err)
	case errors.Is(err, context.Canceled):
		err = api.Fail(api.Cancelled).Because(err)
	}
	return nil, err
}

// fail renders err as the table says. The cause stays in the log.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var who actor.Actor
	if conn := connOf(r.Context()); conn != nil {
		who = conn.who
	}
	e := s.logged(who, r.Method+" "+r.URL.Path, err)
	status := http.StatusInternalServerError
	if row, ok := api.Lookup(e.Code); ok {
		status = row.HTTP
	}
	writeJSON(w, status, e)
}

// logged gives err as the *api.Error that may cross the border.
func (s *Server) logged(who actor.Actor, what string, err error) *api.Error {
	e := api.AsError(err)
	if e.Code == api.Internal {
		s.cfg.Log.Error("call failed", logs.UserKey, who.User(), "call", what, "err", e)
	} else {
		s.cfg.Log.Debug("call failed", logs.UserKey, who.User(), "call", what, "err", e)
	}
	return e
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the peer may be gone
}

// read reads a body that holds one JSON value and nothing else, and checks it.
func (c *call) read(into any) error {
	control := http.NewResponseController(c.w)
	if err := control.SetReadDeadline(time.Now().Add(c.tenant.limits.BodyWait)); err != nil {
		return err
	}
	if err := decodeOne(c.r.Body, into); err != nil {
		return err
	}
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return check(into)
}

func decodeOne(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	err := d.Decode(into)
	if err == nil {
		_, err = d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("more than one value")
		}
	}
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return api.Fail(api.TooLarge, "what", "body", "limit", "1 MiB").Because(err)
	}
	return api.Fail(api.InvalidArgument, "argument", "body", "reason", "not the JSON that is expected").Because(err)
}
