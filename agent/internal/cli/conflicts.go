package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) conflictsCommand() *cobra.Command {
	show := func(cmd *cobra.Command, _ []string) error {
		list, err := c.service().Conflicts(cmd.Context())
		if err == nil && len(list) == 0 {
			err = c.needSignIn(cmd.Context())
		}
		if err != nil {
			return err
		}
		if len(list) == 0 {
			c.term.say("conflicts.none")
		}
		for _, x := range list {
			c.sayConflict(x)
		}
		return c.term.emit(listOf(list))
	}
	cmd := c.command("conflicts", "conflicts", between(0, 0), show)
	cmd.AddCommand(c.command("list", "conflicts.list", between(0, 0), show), c.keepCommand())
	return cmd
}

func (c *cli) sayConflict(x api.Conflict) {
	p := c.term
	p.say("conflicts.document", "path", x.Path)
	p.say("conflicts.theirs", "version", x.Theirs, "author", x.TheirAuthor, "time", p.when(x.TheirTime), "size", p.size(x.TheirSize))
	p.say("conflicts.mine", "copy", x.Copy, "version", x.Mine, "time", p.when(x.MineTime), "size", p.size(x.MineSize))
	if x.Base > 0 {
		p.say("conflicts.base", "version", x.Base)
	}
	if x.LocalPath != "" {
		p.say("conflicts.file", "file", x.LocalPath)
	}
	p.say("conflicts.next", "id", x.ID)
}

// conflictEnded is what 'conflicts keep' prints with --json.
type conflictEnded struct {
	ID   string   `json:"id"`
	Path string   `json:"path"`
	Copy string   `json:"copy"`
	Keep api.Keep `json:"keep"`
}

func (c *cli) keepCommand() *cobra.Command {
	theirs := 0
	cmd := c.command("keep ID|PATH mine|theirs|both", "conflicts.keep", between(2, 2), func(cmd *cobra.Command, args []string) error {
		keep := api.Keep(args[1])
		if keep != api.KeepMine && keep != api.KeepTheirs && keep != api.KeepBoth {
			return wrong(cmd, "usage.choice", "argument", args[1], "choices", "mine, theirs, both")
		}
		if theirs < 0 {
			return wrong(cmd, "usage.flag_value", "flag", "theirs", "value", strconv.Itoa(theirs))
		}
		x, err := c.conflict(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		answer := api.ConflictAnswer{Keep: keep, Theirs: x.Theirs, Mine: x.Mine}
		if theirs > 0 {
			answer.Theirs = theirs
		}
		if err := c.service().EndConflict(cmd.Context(), x.ID, answer); err != nil {
			return err
		}
		c.sayKept(x, keep)
		return c.term.emit(conflictEnded{x.ID, x.Path, x.Copy, keep})
	})
	cmd.Flags().IntVar(&theirs, "theirs", 0, c.term.text("conflicts.keep.flag.theirs"))
	return cmd
}

func (c *cli) sayKept(x api.Conflict, keep api.Keep) {
	switch keep {
	case api.KeepMine:
		c.term.say("conflicts.kept_mine", "path", x.Path, "version", x.Theirs, "copy", x.Copy)
	case api.KeepTheirs:
		c.term.say("conflicts.kept_theirs", "path", x.Path, "copy", x.Copy)
	case api.KeepBoth:
		c.term.say("conflicts.kept_both", "path", x.Path, "copy", x.Copy)
	}
}

// conflict finds a conflict by its id, or by the path of its document or copy;
// of several, the latest.
func (c *cli) conflict(ctx context.Context, name string) (api.Conflict, error) {
	list, err := c.service().Conflicts(ctx)
	if err != nil {
		return api.Conflict{}, err
	}
	for _, x := range list {
		if x.ID == name || x.Path == name || x.Copy == name {
			return x, nil
		}
	}
	return api.Conflict{}, api.Fail(api.NotFound, "what", name)
}
