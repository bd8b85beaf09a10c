package cli

import (
	"strings"

	"iscdesk.dev/agent/api"
)

// language decides in which language to speak: what --lang says unless the
// policy locks it, what the policy says, else the locale of the environment in
// the order that POSIX gives it.
func language(args []string, getenv func(string) string, set func(flag string) string) api.Language {
	flag := langFlag(args)
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
func langFlag(args []string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if v, ok := strings.CutPrefix(arg, "--lang="); ok {
			return v
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}
