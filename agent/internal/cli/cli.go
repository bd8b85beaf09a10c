package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

// Env is what the commands get from the process they run in.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	// Version is the version of this program.
	Version string
	// Interruptible gives the interrupt signal its default effect back; called
	// before the program waits for a person's key.
	Interruptible func()
	// Language gives the language that the machine's policy wants beside what
	// --lang says, empty: none; nil: there is no policy.
	Language func(flag string) string
	// Connect makes the client of the service behind socket; empty: the
	// default socket. It does not connect before the first call.
	Connect func(socket string) Service
}

func (e Env) language(flag string) string {
	if e.Language == nil {
		return ""
	}
	return e.Language(flag)
}

type cli struct {
	env    Env
	term   *printer
	socket string
}

// Run runs one command line and returns the exit code.
func Run(ctx context.Context, env Env, args []string) int {
	flag := langFlag(args)
	if flag == "" {
		flag = chosenLanguage(ctx, env, args)
	}
	lang := language(flag, env.Getenv, env.language)
	texts, err := locale.CLI(string(lang))
	if err != nil {
		return ExitFailed // the texts are embedded; a test reads both
	}
	c := &cli{env: env, term: &printer{out: env.Out, err: env.Err, lang: lang, texts: texts}}
	root := c.root()
	root.SetArgs(args)
	err = root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	if ctx.Err() != nil {
		c.term.fail(api.Fail(api.Cancelled).Because(err))
		return ExitInterrupted
	}
	if quiet, ok := errors.AsType[silent](err); ok {
		return int(quiet)
	}
	c.term.fail(err)
	return ExitCode(err)
}

// silent is an exit code whose reason the command has printed itself.
type silent int

// Error says nothing: it has been said.
func (silent) Error() string { return "" }

func (c *cli) service() Service { return c.env.Connect(c.socket) }

func (c *cli) root() *cobra.Command {
	root := group(c.command("iscdesk", "root", nil, nil))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(c.env.In)
	root.SetOut(c.env.Out)
	root.SetErr(c.env.Err)
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = allText
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { c.help(cmd) })
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.PersistentFlags()
	flags.BoolVar(&c.term.json, "json", false, c.term.text("flag.json"))
	flags.String("lang", "", c.term.text("flag.lang"))
	flags.StringVar(&c.socket, "socket", "", c.term.text("flag.socket"))
	flags.BoolP("help", "h", false, c.term.text("flag.help"))
	root.SetHelpCommand(c.helpCommand(root))
	root.AddCommand(
		c.loginCommand(), c.logoutCommand(), c.statusCommand(), c.licensesCommand(), c.filesCommand(),
		c.pickCommand(), c.transfersCommand(), c.conflictsCommand(), c.appsCommand(), c.solveCommand(), c.eventsCommand(),
		c.messagesCommand(), c.settingsCommand(), c.doctorCommand(), c.policyCommand(), c.bugreportCommand(), c.versionCommand(), c.completionCommand(root),
		c.manpageCommand(root),
	)
	return root
}

// command makes a command whose texts have the keys key.short and key.long.
func (c *cli) command(use, key string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: c.term.text(key + ".short"), Args: args, RunE: run, DisableFlagsInUseLine: true}
	if c.term.has(key + ".long") {
		cmd.Long = c.term.text(key + ".long")
	}
	return cmd
}
