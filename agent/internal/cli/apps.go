package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) appsCommand() *cobra.Command {
	cmd := c.command("apps", "apps", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		apps, err := c.service().Apps(cmd.Context())
		if err == nil && len(apps) == 0 {
			apps, err = c.awaitCatalogue(cmd.Context())
		}
		if err != nil {
			return err
		}
		if len(apps) == 0 {
			c.term.say("apps.none")
		} else {
			c.term.table([]string{"column.product", "column.name", "column.installed", "column.latest", "column.state"}, c.appRows(apps))
		}
		return c.term.emit(listOf(apps))
	})
	cmd.AddCommand(c.installCommand(), c.upgradeAnswerCommand())
	return cmd
}

// catalogueLimit is how long 'apps' waits for a catalogue that is being fetched,
// as it is just after signing in.
const catalogueLimit = 3 * time.Second

// awaitCatalogue gives the applications as soon as there are any; none after a
// while is an answer too.
func (c *cli) awaitCatalogue(ctx context.Context) ([]api.App, error) {
	if err := c.needSignIn(ctx); err != nil {
		return nil, err
	}
	watch, err := c.service().Watch(ctx)
	if err != nil {
		return nil, err
	}
	defer watch.Close()
	limited, cancel := context.WithTimeout(ctx, catalogueLimit)
	defer cancel()
	for {
		m, err := watch.Next(limited)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil:
			return nil, nil
		case m.State != nil && len(m.State.Apps) > 0:
			return m.State.Apps, nil
		case m.Changed != nil && len(m.Changed.Apps) > 0:
			return m.Changed.Apps, nil
		}
	}
}

func (c *cli) appRows(apps []api.App) (rows [][]string) {
	p := c.term
	for _, a := range apps {
		state := p.word("app", a.State)
		if a.Forced && a.Installed != a.Latest {
			state += ", " + p.text("apps.forced")
		}
		if a.Reason != nil {
			state += ": " + p.reason(a.Reason)
		}
		rows = append(rows, []string{a.Product, a.Name, a.Installed, a.Latest, state})
	}
	return rows
}

func (c *cli) installCommand() *cobra.Command {
	var wait bool
	cmd := c.command("install PRODUCT", "apps.install", between(1, 1), func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		watch, err := c.service().Watch(ctx)
		if err != nil {
			return err
		}
		defer watch.Close()
		if err := c.service().Install(ctx, args[0]); err != nil {
			return err
		}
		if !wait {
			c.term.say("apps.install.started", "product", args[0])
			return c.term.emit(api.InstallProgress{Product: args[0], State: "downloading"})
		}
		done, err := c.awaitInstall(ctx, watch, args[0])
		if err != nil {
			return err
		}
		if err := c.term.emit(done); err != nil {
			return err
		}
		if done.Reason != nil {
			return done.Reason
		}
		c.term.say("apps.install.done", "product", done.Product, "version", done.Version)
		return nil
	})
	cmd.Flags().BoolVar(&wait, "wait", false, c.term.text("apps.install.flag.wait"))
	cmd.ValidArgsFunction = c.completeProducts
	return cmd
}

func (c *cli) awaitInstall(ctx context.Context, watch Watch, product string) (api.InstallProgress, error) {
	bar := c.bytes("progress.install")
	defer bar.Close()
	for first := true; ; first = false {
		m, err := watch.Next(ctx)
		if err != nil {
			return api.InstallProgress{}, err
		}
		p, ok := eventData[api.InstallProgress](m, api.EventInstallProgress)
		if m.State != nil && !first {
			p, ok = installState(m.State.Apps, product)
		}
		if !ok || p.Product != product {
			continue
		}
		bar.Set(p.Done, p.Total)
		if p.State == "installed" || p.State == "broken" || p.Reason != nil {
			return p, nil
		}
	}
}

// installState is where an installation stands, after the watch was
// interrupted and may have missed an event.
func installState(apps []api.App, product string) (api.InstallProgress, bool) {
	for _, a := range apps {
		if a.Product == product {
			return api.InstallProgress{Product: product, Version: a.Installed, State: a.State, Reason: a.Reason}, true
		}
	}
	return api.InstallProgress{}, false
}

func (c *cli) upgradeAnswerCommand() *cobra.Command {
	cmd := c.command("answer PRODUCT yes|no", "apps.answer", between(2, 2), func(cmd *cobra.Command, args []string) error {
		if args[1] != "yes" && args[1] != "no" {
			return wrong(cmd, "usage.choice", "argument", args[1], "choices", "yes, no")
		}
		answer := api.UserUpgradeAnswer{Product: args[0], Accept: args[1] == "yes"}
		if err := c.service().AnswerUpgrade(cmd.Context(), answer); err != nil {
			return err
		}
		c.term.say("apps.answered", "product", args[0])
		return c.term.emit(answer)
	})
	cmd.ValidArgsFunction = c.completeProducts
	return cmd
}
