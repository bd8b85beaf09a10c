package policy

import (
	"os"

	"iscdesk.dev/agent/api"
)

// Places are where policies are looked for, and what was said to this very
// process.
type Places struct {
	// File is the policy file. Empty: the machine's, which on Windows is the
	// registry. Tests name one, so that they do not see the machine's.
	File string
	// Flags are the values of the command line, by key of the table.
	Flags map[string]string
	// Getenv reads the environment; nil: os.Getenv.
	Getenv func(string) string
	// Own tells that the agent is a user's own.
	Own bool
	// PolicyKey and InstallerKey are registry keys below HKEY_LOCAL_MACHINE, on
	// Windows. Empty: the machine's; tests name some.
	PolicyKey, InstallerKey string
}

// Read gathers what all the sources say.
func Read(p Places) []Source {
	return append(readMachine(p), fromFlags(p.Flags), fromEnvironment(p.Getenv))
}

func fromFlags(flags map[string]string) Source {
	source := Source{Kind: api.FromCommandLine, Place: "iscdeskd", Given: map[string]Given{}}
	for _, s := range Settings() {
		if value := flags[s.Key]; value != "" {
			source.Given[s.Key] = Given{Raw: value, Where: "--" + s.Flag}
		}
	}
	return source
}

func fromEnvironment(getenv func(string) string) Source {
	if getenv == nil {
		getenv = os.Getenv
	}
	source := Source{Kind: api.FromEnvironment, Place: "environment", Given: map[string]Given{}}
	for _, s := range Settings() {
		if s.Env == "" {
			continue
		}
		if value := getenv(s.Env); value != "" {
			source.Given[s.Key] = Given{Raw: value, Where: s.Env}
		}
	}
	return source
}
