package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"iscdesk.dev/marketplace/internal/seed"
	"iscdesk.dev/marketplace/internal/server"
	"iscdesk.dev/marketplace/internal/vendor"
)

// sampleVendorState is the in-process vendor's folder in the marketplace's
// state.
const sampleVendorState = "sample-vendor"

// serveWithVendor runs the marketplace and the sample vendor in one process,
// until ctx ends or one of them fails. They speak over HTTP all the same.
func serveWithVendor(ctx context.Context, market *server.Server, listener net.Listener, state string, log *slog.Logger) error {
	known, err := vendor.ReadCredentials(filepath.Join(state, seed.CredentialsFile))
	if err != nil {
		return err
	}
	sample, err := vendor.Open(ctx, vendor.Config{
		Credentials: known, State: filepath.Join(state, sampleVendorState), Log: log.With("part", "sample-vendor"),
	})
	if err != nil {
		return err
	}
	callbacks, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, sample.Close())
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return market.Serve(ctx, listener) })
	g.Go(func() error { return sample.Serve(ctx, callbacks, "") })
	return errors.Join(g.Wait(), sample.Close())
}
