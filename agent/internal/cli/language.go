package cli

import (
	"strings"

	"iscdesk.dev/agent/api"
)

// language decides in which language to speak: what flag says unless the
// policy locks it, what the policy says, else the locale of the environment in
// the order that POSIX gives it. flag is what --lang says, or else what the user
// has set.
func language(flag string, getenv func(string) string, set func(flag string) string) api.Language {
	if v := set(flag); v != "" {
		return api.ParseLanguage(v)
	}
	if flag != "" {
		return api.ParseLanguage(flag)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return api.ParseLanguage(v)
		}
	}
	return api.English
}

// langFlag reads --lang before the command line is parsed, because the texts
// of the commands depend on it.
func langFlag(args []string) string { return flagValue(args, "lang") }

// flagValue reads a flag before the command line is parsed.
func flagValue(args []string, name string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if v, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return v
		}
		if arg == "--"+name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}
