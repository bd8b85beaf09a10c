package cli

import (
	"bufio"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

// transferResult is what the commands on one transfer print with --json.
type transferResult struct {
	Operation string `json:"operation"`
	Path      string `json:"path,omitempty"`
}

func (c *cli) redirectCommand() *cobra.Command {
	var to api.Redirect
	cmd := c.command("redirect OPERATION PATH", "transfers.redirect", between(2, 2), func(cmd *cobra.Command, args []string) error {
		to.Path = args[1]
		if err := c.service().Redirect(cmd.Context(), args[0], to); err != nil {
			return err
		}
		c.term.say("transfers.redirected", "path", to.Path)
		return c.term.emit(transferResult{args[0], to.Path})
	})
	cmd.Flags().BoolVar(&to.Overwrite, "overwrite", false, c.term.text("transfers.redirect.flag.overwrite"))
	return cmd
}

func (c *cli) discardCommand() *cobra.Command {
	var sure bool
	cmd := c.command("discard OPERATION", "transfers.discard", between(1, 1), func(cmd *cobra.Command, args []string) error {
		t, err := c.transfer(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if !sure {
			if err := c.askDiscard(t); err != nil {
				return err
			}
		}
		if err := c.service().Discard(cmd.Context(), t.Operation); err != nil {
			return err
		}
		c.term.say("transfers.discarded")
		return c.term.emit(transferResult{t.Operation, t.Path})
	})
	cmd.Flags().BoolVar(&sure, "yes", false, c.term.text("transfers.discard.flag.yes"))
	return cmd
}

func (c *cli) transfer(ctx context.Context, operation string) (api.Transfer, error) {
	state, err := c.service().State(ctx)
	if err != nil {
		return api.Transfer{}, err
	}
	for _, t := range state.Transfers {
		if t.Operation == operation {
			return t, nil
		}
	}
	return api.Transfer{}, api.Fail(api.NotFound, "what", operation)
}

// askDiscard wants the word itself: a drawing hangs on it.
func (c *cli) askDiscard(t api.Transfer) error {
	p := c.term
	p.note("transfers.discard.ask", "path", t.Path, "size", p.size(t.Total), "time", time.Unix(t.Created, 0).Format(time.DateTime))
	answer, err := bufio.NewReader(c.env.In).ReadString('\n')
	if strings.TrimSpace(answer) == "yes" {
		return nil
	}
	if err != nil && answer == "" {
		p.note("transfers.discard.unasked")
		return silent(ExitUsage)
	}
	p.note("transfers.discard.kept")
	return silent(ExitCancelled)
}
