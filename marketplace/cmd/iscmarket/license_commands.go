package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/marketplace/internal/licensing"
)

func licenseCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "license", Short: "See and change the licences of a running marketplace"}
	cmd.AddCommand(licenseList(), licenseRenew())
	for _, c := range []struct{ name, short string }{
		{"freeze", "Stop a licence for now; its leases are revoked"},
		{"unfreeze", "Let a frozen licence be used again"},
		{"release", "End a licence for good"},
		{"retry", "Ask the vendor again for a licence that he did not create"},
	} {
		cmd.AddCommand(licenseChange(c.name, c.short))
	}
	return cmd
}

func licenseList() *cobra.Command {
	var a adminClient
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list --state DIR", Short: "List the licences, their requests and verdicts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := a.licenses(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(licensing.AdminLicenses{Licenses: list})
			}
			return printLicenses(cmd, list)
		},
	}
	a.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printLicenses(cmd *cobra.Command, list []licensing.AdminLicense) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "PRODUCT\tINSTANCE\tSTATUS\tSEATS\tEXPIRES\tUSERS\tTROUBLE")
	for _, l := range list {
		expires := "never"
		if !l.ExpireTime.IsZero() {
			expires = l.ExpireTime.Format(time.DateOnly)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s (%s)\t%d/%d\t%s\t%d\t%s\n", l.Product, l.Instance, l.Status, l.State, l.SeatsUsed, l.SeatsTotal, expires, len(l.Users), l.Trouble)
		for _, q := range l.Requests {
			_, _ = fmt.Fprintf(w, "  %s\t%s\t%s %s\t\t\t\t%s\n", q.Kind, q.EventID, q.State, q.Reason, strings.TrimSpace(q.Verdict+" "+q.VerdictMessage))
		}
	}
	return w.Flush()
}

func licenseChange(name, short string) *cobra.Command {
	var a adminClient
	cmd := &cobra.Command{
		Use: name + " INSTANCE|PRODUCT --state DIR", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeLicense(cmd, &a, args[0], name, nil)
		},
	}
	a.flags(cmd)
	return cmd
}

func licenseRenew() *cobra.Command {
	var a adminClient
	var years int
	cmd := &cobra.Command{
		Use: "renew INSTANCE|PRODUCT --state DIR", Short: "Extend a licence", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeLicense(cmd, &a, args[0], "renew", licensing.AdminRenewal{Years: years})
		},
	}
	a.flags(cmd)
	cmd.Flags().IntVar(&years, "years", 1, "by how many years; 0: without end")
	return cmd
}

func changeLicense(cmd *cobra.Command, a *adminClient, name, action string, body any) error {
	id, err := a.instance(cmd.Context(), name)
	if err != nil {
		return err
	}
	if err := a.call(cmd.Context(), http.MethodPost, "/licenses/"+id+"/"+action, body, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", id, action)
	return err
}
