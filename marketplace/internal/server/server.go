// Package server joins the parts of the marketplace into one process: it opens
// the state folder, builds the engines, and serves their routes.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/oauth"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/push"
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
	Log       *slog.Logger
}

// Server is a marketplace in one process.
type Server struct {
	config    Config
	handler   http.Handler
	hub       *push.Hub
	accounts  *oauth.Server
	documents *documents.Engine
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
	// stopWait is what requests get to end when the marketplace stops.
	stopWait = 3 * time.Second
)

// Open opens the state folder and builds everything. Close what it gives.
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
	mux := web.NewMux(s.config.Log, map[web.Access]web.Guard{web.Bearer: s.accounts.Guard})
	s.accounts.Routes(mux)
	s.documents.Routes(mux)
	s.routes(mux)
	s.handler, err = mux.Handler()
	return err
}

// Close closes the state. Nothing may be served any more.
func (s *Server) Close() error {
	s.hub.Close()
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Handler answers the marketplace's requests.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers requests until ctx ends, then lets those that run end.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerWait, ReadTimeout: bodyWait, WriteTimeout: bodyWait,
		IdleTimeout: idleWait, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		s.hub.Close()
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
		defer cancel()
		err := server.Shutdown(wait)
		if err != nil {
			err = server.Close()
		}
		stopped <- err
	})
	err := server.Serve(listener)
	if stop() { // it ended by itself
		return err
	}
	return <-stopped
}
