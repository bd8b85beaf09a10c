package cli

import (
	"context"
	"strings"
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
	cmd.AddCommand(c.installCommand(), c.uninstallCommand(), c.appLogCommand(), c.upgradeAnswerCommand())
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

func (c *cli) uninstallCommand() *cobra.Command {
	var wait bool
	cmd := c.command("uninstall PRODUCT", "apps.uninstall", between(1, 1), func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		watch, err := c.service().Watch(ctx)
		if err != nil {
			return err
		}
		defer watch.Close()
		if err := c.service().Uninstall(ctx, args[0]); err != nil {
			return err
		}
		if !wait {
			c.term.say("apps.uninstall.started", "product", args[0])
			return c.term.emit(api.InstallProgress{Product: args[0], State: "uninstalling"})
		}
		done, err := c.awaitInstall(ctx, watch, args[0])
		if err != nil {
			return err
		}
		if err := c.term.emit(done); err != nil {
			return err
		}
		if done.State != "absent" && done.Reason != nil {
			return done.Reason
		}
		if done.Reason != nil { // it is gone, whatever its script said
			c.term.note("apps.uninstall.said", "text", c.term.reason(done.Reason))
		}
		c.term.say("apps.uninstall.done", "product", done.Product)
		return nil
	})
	cmd.Flags().BoolVar(&wait, "wait", false, c.term.text("apps.uninstall.flag.wait"))
	cmd.ValidArgsFunction = c.completeProducts
	return cmd
}

// appLogCommand shows what the scripts of an application wrote last.
func (c *cli) appLogCommand() *cobra.Command {
	cmd := c.command("log PRODUCT", "apps.log", between(1, 1), func(cmd *cobra.Command, args []string) error {
		apps, err := c.service().Apps(cmd.Context())
		if err != nil {
			return err
		}
		for _, a := range apps {
			if a.Product != args[0] {
				continue
			}
			if a.Log == "" {
				c.term.say("apps.log.none", "product", a.Product)
			}
			for line := range strings.Lines(a.Log) {
				c.term.value(strings.TrimRight(line, "\n"))
			}
			if a.LogPath != "" {
				c.term.note("apps.log.path", "path", a.LogPath)
			}
			return c.term.emit(appLog{a.Product, a.Log, a.LogPath})
		}
		return api.Fail(api.NotFound, "what", args[0])
	})
	cmd.ValidArgsFunction = c.completeProducts
	return cmd
}

// appLog is what 'apps log' prints with --json.
type appLog struct {
	Product string `json:"product"`
	Log     string `json:"log"`
	LogPath string `json:"logPath,omitempty"`
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
		if p.State == "installed" || p.State == "broken" || p.State == "absent" || p.Reason != nil {
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
