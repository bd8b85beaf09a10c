package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

// eventData gives the data of a message that is an event of the given name.
func eventData[T any](m api.WatchMessage, name string) (data T, ok bool) {
	if m.Event == nil || m.Event.Name != name {
		return data, false
	}
	return data, json.Unmarshal(m.Event.Data, &data) == nil
}

type eventFlags struct {
	follow  bool
	until   string
	timeout time.Duration
}

func (c *cli) eventsCommand() *cobra.Command {
	var flags eventFlags
	cmd := c.command("events", "events", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		if flags.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, flags.timeout)
			defer cancel()
		}
		err := c.events(ctx, flags)
		if ctx.Err() != nil && cmd.Context().Err() == nil {
			return api.Fail(api.Timeout).Because(err)
		}
		return err
	})
	cmd.Flags().BoolVarP(&flags.follow, "follow", "f", false, c.term.text("events.flag.follow"))
	cmd.Flags().StringVar(&flags.until, "until", "", c.term.text("events.flag.until"))
	cmd.Flags().DurationVar(&flags.timeout, "timeout", 0, c.term.text("events.flag.timeout"))
	return cmd
}

// events prints what happens: the first event, or all of them with --follow,
// or all up to one of the given name.
func (c *cli) events(ctx context.Context, flags eventFlags) error {
	watch, err := c.service().Watch(ctx)
	if err != nil {
		return err
	}
	defer watch.Close()
	for {
		m, err := watch.Next(ctx)
		if err != nil {
			return err
		}
		if m.Skipped > 0 {
			c.term.note("events.skipped", "count", m.Skipped)
		}
		if m.State != nil {
			c.term.note("events.watching")
		}
		if m.Event == nil {
			continue
		}
		if err := c.sayEvent(*m.Event); err != nil {
			return err
		}
		if m.Event.Name == flags.until || (flags.until == "" && !flags.follow) {
			return nil
		}
	}
}

func (c *cli) sayEvent(e api.Event) error {
	at := time.UnixMilli(e.Time).Format("15:04:05")
	c.term.say("events.line", "time", at, "name", e.Name, "product", e.Product, "data", string(e.Data))
	return c.term.emitLine(e)
}
