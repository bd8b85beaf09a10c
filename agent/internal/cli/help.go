package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// help prints what a command does, its commands and its flags.
func (c *cli) help(cmd *cobra.Command) {
	p := c.term
	out := func(s string) { p.line(p.out, s) }
	out(cmd.Short)
	if cmd.Long != "" {
		out("")
		out(cmd.Long)
	}
	out("")
	out(p.text("help.usage"))
	out("  " + useLine(cmd))
	if rows := subcommands(cmd); len(rows) > 0 {
		out("")
		out(p.text("help.commands"))
		c.columns(rows)
	}
	if rows := flagRows(cmd.NonInheritedFlags()); len(rows) > 0 && cmd.HasParent() {
		out("")
		out(p.text("help.flags"))
		c.columns(rows)
	}
	out("")
	out(p.text("help.global"))
	c.columns(flagRows(cmd.Root().PersistentFlags()))
	if !cmd.HasParent() {
		out("")
		out(p.text("help.exit_codes"))
	}
}

func useLine(cmd *cobra.Command) string {
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() && !strings.Contains(cmd.Use, " ") {
		line += " COMMAND"
	}
	return line
}

func subcommands(cmd *cobra.Command) (rows [][]string) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			rows = append(rows, []string{"  " + sub.Name(), sub.Short})
		}
	}
	return rows
}

func flagRows(flags *pflag.FlagSet) (rows [][]string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "      --" + f.Name
		if f.Shorthand != "" {
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		value, usage := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + value
		}
		rows = append(rows, []string{name, usage})
	})
	return rows
}

func (c *cli) columns(rows [][]string) {
	width := columnWidths(rows)
	for _, row := range rows {
		c.term.line(c.term.out, formatRow(row, width))
	}
}

func (c *cli) helpCommand(root *cobra.Command) *cobra.Command {
	return c.command("help [COMMAND]", "help", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		target, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return wrong(root, "usage.unknown_command", "command", strings.Join(args, " "))
		}
		return target.Help()
	})
}

func (c *cli) completionCommand(root *cobra.Command) *cobra.Command {
	cmd := c.command("completion bash|zsh|fish|powershell", "completion", between(1, 1), func(cmd *cobra.Command, args []string) error {
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(c.term.out, true)
		case "zsh":
			return root.GenZshCompletion(c.term.out)
		case "fish":
			return root.GenFishCompletion(c.term.out, true)
		case "powershell":
			return root.GenPowerShellCompletionWithDesc(c.term.out)
		}
		return wrong(cmd, "usage.choice", "argument", args[0], "choices", "bash, zsh, fish, powershell")
	})
	cmd.ValidArgs = []string{"bash", "zsh", "fish", "powershell"}
	return cmd
}

func (c *cli) versionCommand() *cobra.Command {
	return c.command("version", "version", between(0, 0), func(*cobra.Command, []string) error {
		c.term.value("iscdesk " + c.env.Version)
		return c.term.emit(struct {
			Version string `json:"version"`
		}{c.env.Version})
	})
}
