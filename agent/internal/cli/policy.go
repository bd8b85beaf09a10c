package cli

import (
	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/policy"
)

func (c *cli) policyCommand() *cobra.Command {
	cmd := group(c.command("policy", "policy", nil, nil))
	cmd.AddCommand(c.command("show", "policy.show", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		p, err := c.service().Policy(cmd.Context())
		if err != nil {
			return err
		}
		c.sayPolicy(p)
		if err := c.term.emit(p); err != nil {
			return err
		}
		if len(p.Problems) > 0 {
			return silent(ExitFailed)
		}
		return nil
	}))
	return cmd
}

// sayPolicy prints every setting with where it comes from, then all that is
// wrong.
func (c *cli) sayPolicy(p api.Policy) {
	t := c.term
	for _, place := range p.Places {
		t.say("policy.place", "place", place)
	}
	rows := make([][]string, 0, len(p.Settings))
	for _, s := range p.Settings {
		value, locked := s.Value, ""
		if value == "" {
			value = t.text("policy.unset")
		}
		if s.Locked {
			locked = t.text("policy.locked")
		}
		title := s.Key
		if row, known := policy.Lookup(s.Key); known {
			title = row.Title.In(t.lang)
		}
		source := t.word("policy_source", string(s.Source))
		if s.Where != "" {
			source += " (" + s.Where + ")"
		}
		if len(s.Problems) > 0 {
			locked = t.text("policy.wrong") + " " + locked
		}
		rows = append(rows, []string{s.Key, title, value, source, locked})
	}
	t.table([]string{"column.setting", "column.meaning", "column.value", "column.source", "column.note"}, rows)
	if len(p.Problems) == 0 {
		t.say("policy.good")
		return
	}
	t.say("policy.problems", "count", len(p.Problems))
	for _, problem := range p.Problems {
		t.say("policy.problem", "text", t.reason(problem))
	}
}
