package cli

import (
	"context"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

// completeLimit bounds how long a shell waits at the Tab key.
const completeLimit = 2 * time.Second

func anyEntry(api.Entry) bool      { return true }
func foldersOnly(e api.Entry) bool { return e.Folder }

// completeCloud completes the first argument as a path in the cloud.
func (c *cli) completeCloud(wanted func(api.Entry) bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return c.cloudCompletions(cmd.Context(), prefix, wanted)
	}
}

// completePut completes a local file first, then a path in the cloud.
func (c *cli) completePut(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return c.cloudCompletions(cmd.Context(), prefix, anyEntry)
}

func (c *cli) cloudCompletions(ctx context.Context, prefix string, wanted func(api.Entry) bool) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(ctx, completeLimit)
	defer cancel()
	folder := "/"
	if strings.Contains(prefix, "/") {
		folder = path.Dir(cloudPath(prefix) + "x")
	}
	listing, err := c.service().List(ctx, folder)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return matching(listing, prefix, wanted)
}

// matching lists the entries that prefix begins. Names that a terminal would
// not show as they are stay out.
func matching(listing api.Listing, prefix string, wanted func(api.Entry) bool) (found []cobra.Completion, directive cobra.ShellCompDirective) {
	directive = cobra.ShellCompDirectiveNoFileComp
	for _, e := range listing.Entries {
		full := path.Join(listing.Path, e.Name)
		if e.Folder {
			full += "/"
		}
		if !wanted(e) || safe(full) != full || !strings.HasPrefix(full, cloudPath(prefix)) && prefix != "" {
			continue
		}
		found = append(found, full)
		if e.Folder {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
	}
	return found, directive
}

func (c *cli) completeProducts(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completeLimit)
	defer cancel()
	state, err := c.service().State(ctx)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []cobra.Completion
	for _, a := range state.Apps {
		if strings.HasPrefix(a.Product, prefix) && safe(a.Product) == a.Product {
			found = append(found, cobra.CompletionWithDesc(a.Product, safe(a.Name)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
