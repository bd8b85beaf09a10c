package main

import "github.com/spf13/cobra"

// root lists the subcommands; each stands in a file of its own.
func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "iscmarket",
		Short:         "The marketplace that iscdesk talks to",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(
		serveCommand(),
		licenseCommand(),
		productCommand(),
		productKeyCommand(),
		clientCommand(),
		sampleVendorCommand(),
		demoBrowserCommand(),
		versionCommand(),
	)
	return cmd
}
