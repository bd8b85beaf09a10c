package cli

import (
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) messagesCommand() *cobra.Command {
	var all bool
	cmd := c.command("messages", "messages", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		list, err := c.service().Messages(cmd.Context())
		if err != nil {
			return err
		}
		shown := []api.Message{}
		for _, m := range list {
			if all || !m.Read {
				shown = append(shown, m)
			}
		}
		c.sayMessages(shown, len(list))
		return c.term.emit(shown)
	})
	cmd.Flags().BoolVar(&all, "all", false, c.term.text("messages.flag.all"))
	cmd.AddCommand(c.command("read [ID...]", "messages.read", nil, func(cmd *cobra.Command, args []string) error {
		if err := c.service().ReadMessages(cmd.Context(), args...); err != nil {
			return err
		}
		c.term.say("messages.marked")
		return c.term.emit(api.MessagesRead{IDs: args})
	}))
	return cmd
}

func (c *cli) sayMessages(shown []api.Message, kept int) {
	p := c.term
	switch {
	case len(shown) == 0 && kept > 0:
		p.say("messages.all_read")
	case len(shown) == 0:
		p.say("messages.none")
	}
	for _, m := range shown {
		clean := api.Message{Kind: m.Kind, Params: make(map[string]string, len(m.Params))}
		for k, v := range m.Params {
			clean.Params[k] = safe(v)
		}
		p.say("messages.line", "id", m.ID, "time", time.UnixMilli(m.Time).Format("2006-01-02 15:04"),
			"level", p.word("message", string(m.Level)), "text", clean.Text(p.lang))
		if m.Reason != nil {
			p.say("messages.reason", "text", p.reason(m.Reason))
		}
	}
}
