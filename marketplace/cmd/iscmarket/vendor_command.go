package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"iscdesk.dev/marketplace/internal/server"
	"iscdesk.dev/marketplace/internal/vendor"
)

// vendorOptions are the flags of sample-vendor.
type vendorOptions struct {
	credentials, listen, urlFile, publicURL, logging string
	config                                           vendor.Config
}

func sampleVendorCommand() *cobra.Command {
	var o vendorOptions
	cmd := &cobra.Command{
		Use:   "sample-vendor --credentials FILE --state DIR",
		Short: "Run the sample vendor's own licence server",
		Long: `Run the sample vendor's own licence server, in the foreground, until SIGTERM. It
registers itself with the marketplace, answers its signed callbacks, issues
signed licences and uploads them.

The flags below let it misbehave, as does PUT /control with the same names in
JSON (code, newCode, answerDelay, uploadDelay, noUpload, down).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&o.credentials, "credentials", "", "vendor-credentials.json of the marketplace (required)")
	f.StringVar(&o.config.State, "state", "", "folder of the vendor's database and key (required)")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	f.StringVar(&o.publicURL, "public-url", "", "base URL that the marketplace is to call (default: the address listened on)")
	f.StringVar(&o.urlFile, "url-file", "", "file to write the base URL to when ready")
	f.StringVar(&o.config.Knobs.Code, "code", "", "answer getLicenseAsync with this result code")
	f.StringVar(&o.config.Knobs.NewCode, "new-code", "", "answer newInstance with this result code")
	f.Int64Var(&o.config.Knobs.AnswerDelay, "answer-delay", 0, "hold back the answers to callbacks, in milliseconds")
	f.Int64Var(&o.config.Knobs.UploadDelay, "upload-delay", 0, "hold back the upload of licences, in milliseconds")
	f.BoolVar(&o.config.Knobs.NoUpload, "no-upload", false, "never upload a licence")
	f.BoolVar(&o.config.Knobs.Down, "down", false, "drop the connections of callbacks")
	f.StringVar(&o.logging, "log-level", "info", "debug, info, warn or error")
	cobra.CheckErr(errors.Join(cmd.MarkFlagRequired("credentials"), cmd.MarkFlagRequired("state")))
	cmd.AddCommand(vendorKeyCommand())
	return cmd
}

func (o *vendorOptions) run(ctx context.Context, cmd *cobra.Command) (err error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logging)); err != nil {
		return err
	}
	o.config.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
	if o.config.Credentials, err = vendor.ReadCredentials(o.credentials); err != nil {
		return err
	}
	s, err := vendor.Open(ctx, o.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	url := o.publicURL
	if url == "" {
		url = "http://" + listener.Addr().String()
	}
	if o.urlFile != "" {
		if err := server.WriteFileAtomic(o.urlFile, []byte(url+"\n")); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	o.config.Log.Info("sample vendor ready", "url", url)
	return s.Serve(ctx, listener, url)
}

func vendorKeyCommand() *cobra.Command {
	var state, format string
	cmd := &cobra.Command{
		Use:   "public-key --state DIR",
		Short: "Print the public key that verifies the vendor's licences, to be compiled in",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := vendor.Key(state)
			if err != nil {
				return err
			}
			return printKey(cmd, key.Public().(ed25519.PublicKey), format)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "folder of the vendor's database and key (required)")
	cmd.Flags().StringVar(&format, "format", "c", "c (initialiser of a uint8_t[32]), hex or base64")
	cobra.CheckErr(cmd.MarkFlagRequired("state"))
	return cmd
}
