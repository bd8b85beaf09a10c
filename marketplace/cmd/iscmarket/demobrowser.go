package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/marketplace/internal/demobrowser"
	"iscdesk.dev/marketplace/internal/server"
)

func demoBrowserCommand() *cobra.Command {
	var accounts, userName string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "demo-browser URL --accounts FILE --user NAME",
		Short: "Act as a sample user's browser: sign in and allow",
		Long: `Act as a sample user's browser: follow the URL of a login or of a device code,
sign in with the password from the file of the sample accounts, allow what is
asked, and end at the address that the login leads to. For demos and tests; set
BROWSER to it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			samples, err := server.ReadSampleAccounts(accounts)
			if err != nil {
				return err
			}
			account, err := samples.Of(userName)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), wait)
			defer cancel()
			end, err := demobrowser.Browse(ctx, args[0], account.UserName, account.Password)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "signed in as %s; the browser is at %s://%s%s\n", userName, end.Scheme, end.Host, end.Path)
			return err
		},
	}
	cmd.Flags().StringVar(&accounts, "accounts", "", "sample-accounts.json of the marketplace (required)")
	cmd.Flags().StringVar(&userName, "user", "engineer", "user name of the account")
	cmd.Flags().DurationVar(&wait, "timeout", time.Minute, "how long the whole may take")
	cobra.CheckErr(cmd.MarkFlagRequired("accounts"))
	return cmd
}
