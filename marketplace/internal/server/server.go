// Package server joins the parts of the marketplace into one process: it opens
// the state folder, builds the engines, and serves their routes.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/marketplace/internal/catalogue"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/oauth"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/push"
	"iscdesk.dev/marketplace/internal/solving"
	"iscdesk.dev/marketplace/internal/web"
)

// Config is what a marketplace may set. Zero durations stand for the usual
// ones.
type Config struct {
	// State is the folder of the database, the objects and the secrets.
	State string
	// URL is where agents and vendors reach the marketplace.
	URL string
	// Version is the marketplace's own.
	Version string
	// Heartbeat is how often agents are to say that they are there; 60 s.
	Heartbeat time.Duration
	OAuth     oauth.Config
	Push      push.Timing
	Licensing licensing.Timing
	// Solver is the program that solves; empty: ccx.
	Solver string
	Log    *slog.Logger
}

// Server is a marketplace in one process.
type Server struct {
	config    Config
	mux       *web.Mux
	handler   http.Handler
	hub       *push.Hub
	accounts  *oauth.Server
	documents *documents.Engine
	licensing *licensing.Service
	catalogue *catalogue.Catalogue
	workers   []suture.Service
	closers   []io.Closer
}

const (
	defaultHeartbeat = 60 * time.Second
	// A vendor or agent gets this long to send its header, and to take or give
	// a whole body over a slow line.
	headerWait = 10 * time.Second
	bodyWait   = 30 * time.Minute
	idleWait   = 2 * time.Minute
	maxHeader  = 64 << 10
	// callbackWait is what vendors are given to answer, as documented.
	callbackWait = 5 * time.Second
	// stopWait is what requests get to end when the marketplace stops.
	stopWait = 3 * time.Second
)

// Open opens the state folder, which no other process may have open, and
// builds everything. Close what it gives.
func Open(ctx context.Context, config Config) (s *Server, err error) {
	if config.Heartbeat <= 0 {
		config.Heartbeat = defaultHeartbeat
	}
	s = &Server{config: config, hub: push.NewHub()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := os.MkdirAll(config.State, 0o700); err != nil {
		return s, fmt.Errorf("state folder: %w", err)
	}
	lock, err := lockState(filepath.Join(config.State, "lock"))
	if err != nil {
		return s, fmt.Errorf("the state folder %s is in use by another marketplace: %w", config.State, err)
	}
	s.closers = append(s.closers, lock)
	db, err := database.OpenSQLite(filepath.Join(config.State, "market.db"))
	if err != nil {
		return s, err
	}
	s.closers = append(s.closers, db)
	store, err := objects.OpenFolder(filepath.Join(config.State, "objects"))
	if err != nil {
		return s, err
	}
	s.closers = append(s.closers, store)
	return s, s.build(ctx, db, store)
}

// build makes the engines and their routes.
func (s *Server) build(ctx context.Context, db database.Database, store objects.Store) (err error) {
	settings := s.config.OAuth
	settings.PublicURL = s.config.URL
	settings.Revoked = s.hub.Revoke
	if s.accounts, err = oauth.New(ctx, db, s.config.Log, settings); err != nil {
		return err
	}
	if s.documents, err = documents.New(ctx, db, store, s.hub); err != nil {
		return err
	}
	token, err := adminToken(s.config.State)
	if err != nil {
		return fmt.Errorf("admin token: %w", err)
	}
	solver, err := s.buildVendorSide(ctx, db, store)
	if err != nil {
		return err
	}
	s.workers = []suture.Service{s.licensing, solver}
	mux := web.NewMux(s.config.Log, map[web.Access]web.Guard{
		web.Bearer: s.accounts.Guard, web.Signed: s.licensing.Guard, web.Admin: adminGuard(token),
	})
	for _, engine := range []interface{ Routes(web.Router) }{s.accounts, s.documents, s.licensing, s.catalogue, solver} {
		engine.Routes(mux)
	}
	s.routes(mux)
	s.mux = mux
	s.handler, err = mux.Handler()
	return err
}

// buildVendorSide makes the engines of licences, applications and solves.
func (s *Server) buildVendorSide(ctx context.Context, db database.Database, store objects.Store) (solver *solving.Service, err error) {
	temp := filepath.Join(s.config.State, "temp")
	if err := errors.Join(os.RemoveAll(temp), os.Mkdir(temp, 0o700)); err != nil {
		return nil, fmt.Errorf("temporary folder: %w", err)
	}
	s.licensing, err = licensing.New(ctx, licensing.Config{
		DB: db, Objects: store, Push: s.hub, Users: s.accounts, Issuer: s.config.URL, TempDir: temp,
		Callbacks: isv.NewCallbacks(nil, callbackWait, time.Now), Timing: s.config.Licensing, Log: s.config.Log,
	})
	if err != nil {
		return nil, err
	}
	if s.catalogue, err = catalogue.New(ctx, db, store, temp); err != nil {
		return nil, err
	}
	return solving.New(ctx, solving.Config{
		DB: db, Documents: s.documents, Users: s.accounts, Push: s.hub, Scratch: temp, Solver: s.config.Solver, Log: s.config.Log,
	})
}

// Close closes the state. Nothing may be served any more.
func (s *Server) Close() error {
	s.hub.Close()
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Handler answers the marketplace's requests.
func (s *Server) Handler() http.Handler { return s.handler }

// Routes is the route table: pattern to who may call it.
func (s *Server) Routes() map[string]web.Access { return s.mux.Routes() }
