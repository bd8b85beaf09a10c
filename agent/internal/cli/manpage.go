package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manpageCommand prints the manual page of the whole command line, in mdoc, in
// the language of the texts. Packages are built with it; it is not shown.
func (c *cli) manpageCommand(root *cobra.Command) *cobra.Command {
	cmd := c.command("manpage", "manpage", between(0, 0), func(*cobra.Command, []string) error {
		c.term.line(c.term.out, strings.TrimSuffix(c.manpage(root), "\n"))
		return nil
	})
	cmd.Hidden = true
	return cmd
}

func (c *cli) manpage(root *cobra.Command) string {
	m := &mdoc{}
	title := root.Name()
	about := strings.TrimLeft(strings.TrimPrefix(root.Short, title), ":\uff1a ")
	m.macro("Dd", "$Mdocdate$")
	m.macro("Dt", strings.ToUpper(title), "1")
	m.macro("Os", "iscdesk", c.env.Version)
	m.macro("Sh", "NAME")
	m.macro("Nm", title)
	m.macro("Nd", about)
	m.macro("Sh", "SYNOPSIS")
	m.macro("Nm")
	m.macro("Ar", "COMMAND")
	m.macro("Op", "Ar ARGUMENTS")
	m.macro("Sh", "DESCRIPTION")
	m.text(root.Long)
	m.macro("Pp")
	m.text(c.term.text("help.global"))
	m.flags(root.PersistentFlags())
	m.macro("Sh", "COMMANDS")
	m.commands(root)
	m.macro("Sh", "EXIT STATUS")
	m.literal(c.term.text("help.exit_codes"))
	m.macro("Sh", "SEE ALSO")
	m.macro("Xr", "iscdesk-policy.toml", "5", ",")
	m.macro("Xr", "iscdeskd", "8")
	return m.String()
}

// mdoc collects the source of a manual page.
type mdoc struct{ strings.Builder }

// macro writes a request with its arguments.
func (m *mdoc) macro(name string, args ...string) {
	m.WriteString("." + name)
	for _, arg := range args {
		m.WriteString(" " + escape(arg))
	}
	m.WriteString("\n")
}

// text writes running text; a blank line begins a paragraph.
func (m *mdoc) text(s string) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ". ", ".\n") // each sentence has a line of its own
	for line := range strings.Lines(s) {
		switch line = strings.TrimSpace(line); {
		case line == "":
			m.macro("Pp")
		case line[0] == '.' || line[0] == '\'':
			m.WriteString(`\&` + escape(line) + "\n")
		default:
			m.WriteString(escape(line) + "\n")
		}
	}
}

// literal writes lines as they are.
func (m *mdoc) literal(s string) {
	m.macro("Bd", "-literal")
	m.WriteString(escape(strings.TrimRight(s, "\n")) + "\n")
	m.macro("Ed")
}

// commands writes the commands below parent, each with those below it.
func (m *mdoc) commands(parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		if !cmd.IsAvailableCommand() {
			continue
		}
		m.macro("Ss", useLine(cmd))
		m.text(cmd.Short)
		if cmd.Long != "" {
			m.macro("Pp")
			m.text(cmd.Long)
		}
		m.flags(cmd.NonInheritedFlags())
		m.commands(cmd)
	}
}

func (m *mdoc) flags(flags *pflag.FlagSet) {
	rows := flagRows(flags)
	if len(rows) == 0 {
		return
	}
	m.macro("Bl", "-tag", "-width", "Ds")
	for _, row := range rows {
		m.macro("It", strings.TrimSpace(row[0]))
		m.text(row[1])
	}
	m.macro("El")
}

// escape takes their meaning from the characters of the language.
func escape(s string) string {
	return strings.ReplaceAll(s, `\`, `\e`)
}
