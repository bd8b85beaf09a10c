package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/seed"
)

// databaseFile is the database in the state folder.
const databaseFile = "market.db"

func productCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "product", Short: "Sell products on a running marketplace"}
	var a adminClient
	var p licensing.AdminProduct
	add := &cobra.Command{
		Use:   "add NAME --state DIR",
		Short: "Add a product and place an order of it for a user",
		Long: `Add a product, unless it is there already, and place an order of it for a user,
so that a program under that name gets licences and leases at once. The vendor
is called as for any order.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.ID = args[0]
			if p.Name == "" {
				p.Name = p.ID
			}
			var sold licensing.AdminSold
			if err := a.call(cmd.Context(), http.MethodPost, "/products", p, &sold); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is sold to %s as %s\n", sold.Product, p.UserName, sold.Instance)
			return err
		},
	}
	a.flags(add)
	f := add.Flags()
	f.StringVar(&p.Name, "title", "", "name for people (default: NAME)")
	f.StringVar(&p.Vendor, "vendor", seed.Vendor, "vendor that licenses it")
	f.StringVar(&p.UserName, "user", "engineer", "user name of who may use it")
	f.IntVar(&p.Seats, "seats", 5, "how many sessions may hold a lease at once")
	f.StringSliceVar(&p.Features, "features", nil, "features of the licence")
	f.IntVar(&p.Years, "years", 1, "how long it is bought for; 0: without end")
	f.BoolVar(&p.Trial, "trial", false, "a trial order")
	cmd.AddCommand(add)
	return cmd
}

func productKeyCommand() *cobra.Command {
	var state, format string
	cmd := &cobra.Command{
		Use:   "product-key PRODUCT --state DIR",
		Short: "Print the public key that verifies a product's leases, to be compiled in",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := filepath.Join(state, databaseFile)
			if _, err := os.Stat(file); err != nil { // opening would make it
				return err
			}
			db, err := database.OpenSQLite(file)
			if err != nil {
				return err
			}
			key, err := licensing.ProductKey(cmd.Context(), db, args[0])
			if err = errors.Join(err, db.Close()); err != nil {
				return err
			}
			return printKey(cmd, key, format)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "state folder of the marketplace (required)")
	cmd.Flags().StringVar(&format, "format", "c", "c (initialiser of a uint8_t[32]), hex or base64")
	cobra.CheckErr(cmd.MarkFlagRequired("state"))
	return cmd
}

// printKey prints a public key for a program to hold.
func printKey(cmd *cobra.Command, key []byte, format string) error {
	var text string
	switch format {
	case "c":
		parts := make([]string, len(key))
		for n, b := range key {
			parts[n] = fmt.Sprintf("0x%02x", b)
		}
		text = "{" + strings.Join(parts, ", ") + "}"
	case "hex":
		text = hex.EncodeToString(key)
	case "base64":
		text = base64.StdEncoding.EncodeToString(key)
	default:
		return fmt.Errorf("format %q is not c, hex or base64", format)
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}
