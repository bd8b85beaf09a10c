//go:build !windows

package policy

// DefaultFile is where the policy file of the machine lies.
const DefaultFile = "/etc/iscdesk/policy.toml"

func (p Places) file() string {
	if p.File != "" {
		return p.File
	}
	return DefaultFile
}

// machinePlaces are where the machine's policies are, for people.
func machinePlaces(p Places) []string { return []string{p.file()} }

// readMachine reads the policy file.
func readMachine(p Places) []Source { return []Source{readFile(p.file(), p.Own)} }
