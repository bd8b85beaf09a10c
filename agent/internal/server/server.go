package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
)

// Users finds what the service does for the user who calls. It returns
// api.PermissionDenied for a user that this service does not serve.
type Users interface {
	Of(context.Context, actor.Actor) (*User, error)
}

// Config is what a Server needs.
type Config struct {
	Users Users
	// Identify tells who connects; nil: the kernel.
	Identify actor.Identify
	Service  api.ServiceInfo
	// Policy gives the administrator's settings in force; nil: there are none.
	Policy func() api.Policy
	// MayInstall tells whether a user may have applications installed, with
	// api.PolicyForbids; nil: everybody may.
	MayInstall func(admin bool) error
	// Limits hold peers in check; the zero value: DefaultLimits.
	Limits Limits
	Log    *slog.Logger
}

// Server is the local API on one socket.
type Server struct {
	cfg     Config
	mux     *http.ServeMux
	calls   map[string]sessionCall
	tenants tenants

	closing chan struct{}
	wires   wires
}

// New makes a Server. It panics if a route does not say what access it
// requires: such a service must not start.
func New(cfg Config) *Server {
	if cfg.Identify == nil {
		cfg.Identify = actor.FromConn
	}
	if cfg.Limits == (Limits{}) {
		cfg.Limits = DefaultLimits()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, calls: sessionCalls(), closing: make(chan struct{})}
	s.mux = s.newMux(s.routes())
	return s
}

// Serve answers on l until ctx ends, then tells everyone who is connected,
// waits for what is under way, and returns nil. It serves once. It closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	web := &http.Server{
		Handler:           http.HandlerFunc(s.serveHTTP),
		ReadHeaderTimeout: s.cfg.Limits.HeaderWait,
		IdleTimeout:       s.cfg.Limits.IdleWait,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnContext:       withConn,
	}
	var serving sync.WaitGroup
	failed := make(chan error, 1)
	serving.Go(func() { failed <- web.Serve(&countedListener{Listener: l, server: s}) })
	defer serving.Wait()
	select {
	case err := <-failed:
		s.stop(cancel, web)
		return err
	case <-ctx.Done():
		s.stop(cancel, web)
		return nil
	}
}

// stop ends the service within StopWait and a little.
func (s *Server) stop(cancel context.CancelFunc, web *http.Server) {
	close(s.closing)
	ctx, done := context.WithTimeout(context.Background(), s.cfg.Limits.StopWait)
	defer done()
	var ending sync.WaitGroup
	ending.Go(func() {
		if err := web.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			s.cfg.Log.Debug("stop listening", "err", err)
		}
	})
	if !s.wires.stop(ctx) {
		s.cfg.Log.Warn("connections were cut off at the end of the service")
	}
	cancel()
	ending.Wait()
	s.wires.cut()
	_ = web.Close() // whatever did not end by itself
}

func (s *Server) stopping() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// within is ctx with the limit of a call.
func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, api.Fail(api.Timeout))
}
