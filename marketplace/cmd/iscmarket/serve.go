package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/assets/version"
	"iscdesk.dev/marketplace/internal/server"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	config                   server.Config
	listen, urlFile, logging string
	certificate, key         string
	heartbeat                int
	sampleVendor             bool
}

func serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve --state DIR",
		Short: "Run the marketplace on SQLite and a folder",
		Long: `Run the marketplace on SQLite and a folder, in the foreground, until SIGTERM.

The first run makes two sample tenants. Their users' random passwords are
written to sample-accounts.json in the state folder, and nowhere else.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.config.State, "state", "", "folder of the database, the content and the secrets (required)")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	f.StringVar(&o.urlFile, "url-file", "", "file to write the base URL to when ready")
	f.StringVar(&o.config.URL, "public-url", "", "base URL that agents and browsers use (default: the address listened on)")
	f.StringVar(&o.certificate, "tls-cert", "", "PEM certificate; with --tls-key the marketplace speaks HTTPS")
	f.StringVar(&o.key, "tls-key", "", "PEM key of --tls-cert")
	f.IntVar(&o.heartbeat, "heartbeat-seconds", 60, "how often agents are to send a heartbeat")
	f.DurationVar(&o.config.OAuth.AccessLifetime, "access-token-lifetime", 2*time.Hour, "lifetime of access tokens")
	f.DurationVar(&o.config.OAuth.RefreshLifetime, "refresh-token-lifetime", 30*24*time.Hour, "lifetime of refresh tokens")
	f.DurationVar(&o.config.OAuth.RepeatWindow, "refresh-repeat-window", 2*time.Minute, "how long a refresh whose answer was lost may be repeated")
	f.DurationVar(&o.config.OAuth.DeviceInterval, "device-interval", 5*time.Second, "how often a machine without a browser may ask whether it was allowed")
	f.DurationVar(&o.config.Push.Ping, "push-ping", 20*time.Second, "how often an agent's push connection is asked for a sign of life")
	f.DurationVar(&o.config.Licensing.Lease, "lease-lifetime", time.Hour, "lifetime of a lease")
	f.DurationVar(&o.config.Licensing.Grace, "lease-grace", 72*time.Hour, "how long a lease carries on after its end without network")
	f.DurationVar(&o.config.Licensing.RetryEvery, "vendor-retry", 2*time.Minute, "how long to wait before a vendor is called again")
	f.DurationVar(&o.config.Licensing.RetryFor, "vendor-retry-for", 2*time.Hour, "how long a vendor is called before the matter is given up")
	f.BoolVar(&o.sampleVendor, "sample-vendor", false, "also run the sample vendor's licence server, in this process")
	f.StringVar(&o.config.Solver, "solver", "ccx", "program that solves finite-element models")
	f.StringVar(&o.logging, "log-level", "info", "debug, info, warn or error")
	cobra.CheckErr(cmd.MarkFlagRequired("state"))
	return cmd
}

func (o *serveOptions) run(ctx context.Context, cmd *cobra.Command) (err error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logging)); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
	listener, err := o.listener()
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // Serve has closed it already if it got that far
	o.config.Log, o.config.Version = log, version.String()
	o.config.Heartbeat = time.Duration(o.heartbeat) * time.Second
	if o.config.URL == "" {
		o.config.URL = o.scheme() + "://" + listener.Addr().String()
	}
	market, err := server.Open(ctx, o.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, market.Close()) }()
	if err := market.Seed(ctx); err != nil {
		return err
	}
	if o.urlFile != "" {
		if err := server.WriteFileAtomic(o.urlFile, []byte(o.config.URL+"\n")); err != nil {
			return err
		}
	}
	log.Info("marketplace ready", "url", o.config.URL, "state", o.config.State)
	if o.sampleVendor {
		err = serveWithVendor(ctx, market, listener, o.config.State, log)
	} else {
		err = market.Serve(ctx, listener)
	}
	log.Info("marketplace stopped")
	return err
}

func (o *serveOptions) scheme() string {
	if o.certificate != "" {
		return "https"
	}
	return "http"
}

func (o *serveOptions) listener() (net.Listener, error) {
	if (o.certificate == "") != (o.key == "") {
		return nil, errors.New("--tls-cert and --tls-key belong together")
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil || o.certificate == "" {
		return listener, err
	}
	pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}
