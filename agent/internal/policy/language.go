package policy

import "iscdesk.dev/agent/api"

// FileEnv names another policy file than the machine's to the iscdesk command.
const FileEnv = "ISCDESK_POLICY_FILE"

// Language is the language that the machine's policy wants for a program of a
// user who asked for flag on its command line, empty: none. file is another
// policy file than the machine's; it is for tests.
func Language(file, flag string) string {
	places := Places{File: file, Own: true}
	sources := readMachine(places)
	if flag != "" {
		// The command line takes any locale, the setting two languages.
		sources = append(sources, Source{Kind: api.FromCommandLine, Given: map[string]Given{
			"language": {Raw: string(api.ParseLanguage(flag)), Where: "--lang"},
		}})
	}
	return Resolve(sources, true).Values.Language
}
