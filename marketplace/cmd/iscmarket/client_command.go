package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"iscdesk.dev/marketplace/internal/server"
)

func clientCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "client",
		Short: "Manage the web applications that users sign in to with their account",
	}
	cmd.AddCommand(clientAddCommand())
	return cmd
}

func clientAddCommand() *cobra.Command {
	var (
		admin adminClient
		asked server.NewClient
	)
	cmd := &cobra.Command{
		Use:   "add ID --name NAME --redirect-uri URI --state DIR",
		Short: "Register a vendor's web application and print its client secret, once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.ID = args[0]
			var answer server.ClientSecret
			if err := admin.call(cmd.Context(), http.MethodPost, "/clients", asked, &answer); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "client_id: %s\nclient_secret: %s\n", answer.ID, answer.Secret)
			return err
		},
	}
	admin.flags(cmd)
	cmd.Flags().StringVar(&asked.Name, "name", "", "name for people (required)")
	cmd.Flags().StringVar(&asked.RedirectURI, "redirect-uri", "", "the one address that logins lead to (required)")
	cobra.CheckErr(errors.Join(cmd.MarkFlagRequired("name"), cmd.MarkFlagRequired("redirect-uri")))
	return cmd
}
