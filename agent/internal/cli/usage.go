package cli

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"iscdesk.dev/agent/api"
)

// usageError is a mistake on the command line, as a text of the catalogue.
type usageError struct {
	key     string
	pairs   []any
	command string
}

// Error is for the log alone; people read the text of key.
func (e *usageError) Error() string { return "usage: " + e.key }

// Unwrap gives the error code that a usage error has in JSON.
func (e *usageError) Unwrap() error { return api.InvalidArgument }

func asUsage(err error) (*usageError, bool) { return errors.AsType[*usageError](err) }

func wrong(cmd *cobra.Command, key string, pairs ...any) error {
	return &usageError{key: key, pairs: pairs, command: cmd.CommandPath()}
}

// flagError turns what the flag parser says into a text of ours.
func flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return wrong(cmd, "usage.unknown_flag", "flag", e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return wrong(cmd, "usage.flag_needs_value", "flag", e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return wrong(cmd, "usage.flag_value", "flag", e.GetFlag().Name, "value", e.GetValue())
	}
	return wrong(cmd, "usage.flag_syntax")
}

// between accepts from low to high arguments.
func between(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return wrong(cmd, "usage.too_few")
		case len(args) > high:
			return wrong(cmd, "usage.too_many", "argument", args[high])
		}
		return nil
	}
}

// allText refuses what is not UTF-8: the service takes names as text, and
// would take another name.
func allText(cmd *cobra.Command, args []string) error {
	var err error
	check := func(value string) {
		if err == nil && !utf8.ValidString(value) {
			err = wrong(cmd, "usage.not_text", "argument", strings.ToValidUTF8(value, "\uFFFD"))
		}
	}
	for _, arg := range args {
		check(arg)
	}
	cmd.Flags().Visit(func(f *pflag.Flag) { check(f.Value.String()) })
	return err
}

// group is a command that only holds others.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return wrong(cmd, "usage.unknown_command_near", "command", args[0], "near", near[0])
		}
		return wrong(cmd, "usage.unknown_command", "command", args[0])
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}
