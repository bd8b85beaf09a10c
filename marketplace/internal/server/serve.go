package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"github.com/thejerf/suture/v4"
)

// Serve answers requests and runs the engines' workers until ctx ends, then
// lets what runs end. A worker that fails is started again.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	supervisor := suture.New("marketplace", suture.Spec{Timeout: stopWait, EventHook: func(e suture.Event) {
		s.config.Log.Warn("worker", "event", e.String())
	}})
	for _, worker := range s.workers {
		supervisor.Add(worker)
	}
	workers := supervisor.ServeBackground(ctx)
	err := s.answer(ctx, listener)
	cancel()
	if ended := <-workers; !errors.Is(ended, context.Canceled) {
		err = errors.Join(err, ended)
	}
	return err
}

// answer serves HTTP until ctx ends, or fails.
func (s *Server) answer(ctx context.Context, listener net.Listener) error {
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
