package policy

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"

	"iscdesk.dev/agent/api"
)

// registryKeys are keys below HKEY_LOCAL_MACHINE.
type registryKeys struct{ policy, installer string }

func (p Places) registry() registryKeys {
	if p.PolicyKey != "" {
		return registryKeys{policy: p.PolicyKey, installer: p.InstallerKey}
	}
	return registryKeys{policy: `SOFTWARE\Policies\iscdesk`, installer: `SOFTWARE\iscdesk`}
}

// DefaultFile is where the policy file of the machine lies; empty: nowhere.
const DefaultFile = ""

// machinePlaces are where the machine's policies are, for people.
func machinePlaces(p Places) []string {
	keys := p.registry()
	if p.File != "" {
		return []string{p.File}
	}
	return []string{`HKLM\` + keys.policy, `HKLM\` + keys.installer}
}

// readMachine reads the policies and what the installer wrote. A policy file
// that is named stands for both.
func readMachine(p Places) []Source {
	if p.File != "" {
		return []Source{readFile(p.File, p.Own)}
	}
	keys := p.registry()
	return []Source{
		readKey(api.FromPolicy, keys.policy, func(Setting) bool { return true }),
		readKey(api.FromInstaller, keys.installer, func(s Setting) bool { return s.Installer }),
	}
}

// readKey reads the values of a key. Below the installer's key lies more than
// settings, so only known names count there.
func readKey(kind api.PolicySource, path string, wanted func(Setting) bool) Source {
	source := Source{Kind: kind, Place: `HKLM\` + path, Given: map[string]Given{}}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return source
	}
	if err != nil {
		source.Refused = refused(source.Place, err)
		return source
	}
	defer func() { _ = key.Close() }() // it was only read
	names, err := key.ReadValueNames(0)
	if err != nil {
		source.Refused = refused(source.Place, err)
		return source
	}
	for _, name := range names {
		s, known := byRegistry(name)
		if kind == api.FromInstaller && (!known || !wanted(s)) {
			continue
		}
		full := name
		if known {
			full = s.Key
		}
		source.Given[full] = Given{Raw: readValue(key, name), Where: source.Place + `\` + name}
	}
	return source
}

// readValue gives a value in the types that the table knows. One that cannot
// be read gives an error, which no setting takes for a value.
func readValue(key registry.Key, name string) any {
	_, kind, err := key.GetValue(name, nil)
	if err != nil {
		return err
	}
	var value any
	switch kind {
	case registry.SZ:
		value, _, err = key.GetStringValue(name)
	case registry.EXPAND_SZ:
		var s string
		if s, _, err = key.GetStringValue(name); err == nil {
			value, err = registry.ExpandString(s)
		}
	case registry.MULTI_SZ:
		value, _, err = key.GetStringsValue(name)
	case registry.DWORD, registry.QWORD:
		value, _, err = key.GetIntegerValue(name)
	default:
		err = fmt.Errorf("registry type %d", kind)
	}
	if err != nil {
		return err
	}
	return value
}
