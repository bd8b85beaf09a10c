package cli

import (
	"context"
	"os"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

type pickFlags struct {
	id, path, name         string
	checkout, wait, cancel bool
	overwrite              bool
	version                int
	timeout                time.Duration
}

func (c *cli) pickCommand() *cobra.Command {
	var flags pickFlags
	cmd := c.command("pick", "pick", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		if flags.path != "" && flags.cancel {
			return wrong(cmd, "usage.not_both", "one", "path", "other", "cancel")
		}
		if flags.version < 0 {
			return wrong(cmd, "usage.flag_value", "flag", "version", "value", flags.version)
		}
		return c.pick(cmd.Context(), flags)
	})
	f, p := cmd.Flags(), c.term
	f.StringVar(&flags.path, "path", "", p.text("pick.flag.path"))
	f.StringVar(&flags.name, "name", "", p.text("pick.flag.name"))
	f.StringVar(&flags.id, "id", "", p.text("pick.flag.id"))
	f.IntVar(&flags.version, "version", 0, p.text("pick.flag.version"))
	f.BoolVar(&flags.checkout, "checkout", false, p.text("pick.flag.checkout"))
	f.BoolVar(&flags.overwrite, "overwrite", false, p.text("pick.flag.overwrite"))
	f.BoolVar(&flags.wait, "wait", false, p.text("pick.flag.wait"))
	f.BoolVar(&flags.cancel, "cancel", false, p.text("pick.flag.cancel"))
	f.DurationVar(&flags.timeout, "timeout", 0, p.text("pick.flag.timeout"))
	_ = cmd.RegisterFlagCompletionFunc("path", func(cmd *cobra.Command, _ []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return c.cloudCompletions(cmd.Context(), prefix, anyEntry)
	}) // fails only for a flag that does not exist
	return cmd
}

func (c *cli) pick(ctx context.Context, flags pickFlags) error {
	interactive := flags.path == "" && !flags.cancel
	pick, err := c.awaitPick(ctx, flags, flags.wait || interactive)
	if err != nil {
		return err
	}
	c.term.note("pick.asks", "product", pick.Product, "what", c.term.word("pick", string(pick.Kind)), "name", pick.SuggestedName)
	answer := api.PickAnswer{Cancelled: flags.cancel, Version: flags.version, Checkout: flags.checkout, Overwrite: flags.overwrite}
	switch {
	case interactive:
		answer, err = c.choose(ctx, pick)
	case !flags.cancel:
		answer.Path, err = c.pickTarget(ctx, pick, flags)
	}
	if err != nil {
		return err
	}
	if err := c.service().AnswerPick(ctx, pick.ID, answer); err != nil {
		return err
	}
	if err := c.term.emit(answer); err != nil {
		return err
	}
	if answer.Cancelled {
		c.term.say("pick.cancelled")
		if interactive {
			return silent(ExitCancelled)
		}
		return nil
	}
	c.term.say("pick.answered", "path", answer.Path)
	return nil
}

// awaitPick is the oldest pick that waits for an answer, or the one of the
// given id. It waits for one where wait is set.
func (c *cli) awaitPick(ctx context.Context, flags pickFlags, wait bool) (api.Pick, error) {
	if flags.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, flags.timeout)
		defer cancel()
	}
	watch, err := c.service().Watch(ctx)
	if err != nil {
		return api.Pick{}, err
	}
	defer watch.Close()
	told := false
	for {
		m, err := watch.Next(ctx)
		if err != nil {
			if ctx.Err() == context.DeadlineExceeded {
				return api.Pick{}, api.Fail(api.Timeout).Because(err)
			}
			return api.Pick{}, err
		}
		picks, known := picksOf(m)
		if pick, ok := firstPick(picks, flags.id); ok {
			return pick, nil
		}
		if known && !wait {
			return api.Pick{}, api.Fail(api.NotFound, "what", c.term.text("pick.nobody"))
		}
		if known && !told {
			told = true
			c.term.note("pick.waiting")
		}
	}
}

// picksOf gives the picks of a message, if it speaks of them.
func picksOf(m api.WatchMessage) (picks []api.Pick, known bool) {
	if m.State != nil {
		return m.State.Picks, true
	}
	if m.Changed == nil {
		return nil, false
	}
	for _, section := range m.Sections {
		known = known || section == api.SectionPicks
	}
	return m.Changed.Picks, known
}

func firstPick(picks []api.Pick, id string) (oldest api.Pick, found bool) {
	for _, p := range picks {
		if (id == "" || p.ID == id) && (!found || p.Created < oldest.Created) {
			oldest, found = p, true
		}
	}
	return oldest, found
}

// pickTarget is the path that --path and --name mean. To save, a folder takes
// the name that was given, else the one that the application suggests.
func (c *cli) pickTarget(ctx context.Context, pick api.Pick, flags pickFlags) (string, error) {
	full := cloudPath(flags.path)
	if pick.Kind != api.PickSaveAs {
		return path.Clean(full), nil
	}
	name := flags.name
	if name == "" && strings.HasSuffix(full, "/") {
		name = pick.SuggestedName
	}
	if name != "" {
		return path.Join(full, name), nil
	}
	entry, found, err := c.entry(ctx, full)
	if err == nil && found && entry.Folder {
		return path.Join(full, pick.SuggestedName), nil
	}
	return full, nil
}

// choose lets the user walk the folders: with keys on a terminal that can
// draw, with numbers elsewhere.
func (c *cli) choose(ctx context.Context, pick api.Pick) (api.PickAnswer, error) {
	w := &walker{pick: pick, list: c.service().List, term: c.term}
	if err := w.enter(ctx, "/"); err != nil {
		return api.PickAnswer{}, err
	}
	c.env.Interruptible() // nothing is lost when the user ends it here
	in, isFile := c.env.In.(*os.File)
	if isFile && isTerminal(in) && isTerminal(c.env.Err) && c.env.Getenv("TERM") != "dumb" {
		return w.runKeys(ctx, in, c.env.Err)
	}
	return w.runNumbers(ctx, c.env.In)
}
