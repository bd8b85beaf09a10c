package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
)

// Source is one place that settings come from, as it was read.
type Source struct {
	Kind api.PolicySource
	// Place names it for people: a path, a registry key.
	Place string
	// Given are the values that it gives, by key of the table or whatever
	// unknown name stands there.
	Given map[string]Given
	// Refused is why nothing of it can be used although it is there.
	Refused *api.Error
	// Kept tells that Given is what could be read before it was refused.
	Kept bool
}

// Given is one value of a source.
type Given struct {
	Raw any
	// Where it stands: "/etc/iscdesk/policy.toml:7", "--marketplace".
	Where string
	// Misnamed, where not nil, is why it does not count although it is clear
	// which setting it was meant for.
	Misnamed *api.Error
}

// Effective is what is in force.
type Effective struct {
	Values Values
	// Settings is every row of the table as it is in force, in its order.
	Settings []api.PolicySetting
	// Problems is all that is wrong with the sources.
	Problems []*api.Error
	// Held, where not nil, is why nothing may be sent to any network.
	Held *api.Error
}

// Problem tells the problem of a key, nil if there is none.
func (e Effective) Problem(key string) *api.Error {
	for _, p := range e.Problems {
		if p.Params["key"] == key {
			return p
		}
	}
	return nil
}

// order gives how the kinds rank, the strongest first. In a user's own agent
// the user's word goes before the policy, except for what is locked.
func order(own, locked bool) []api.PolicySource {
	if own && !locked {
		return []api.PolicySource{api.FromCommandLine, api.FromEnvironment, api.FromPolicy, api.FromInstaller}
	}
	return []api.PolicySource{api.FromPolicy, api.FromCommandLine, api.FromEnvironment, api.FromInstaller}
}

// resolution is a Resolve under way.
type resolution struct {
	sources []Source
	own     bool
	locked  map[string]bool
	out     Effective
}

// Resolve finds what is in force. own tells that the agent is a user's own and
// not the machine's.
func Resolve(sources []Source, own bool) Effective {
	r := &resolution{sources: sources, own: own, locked: map[string]bool{}}
	r.out.Values.OfflineDays = -1
	for _, s := range sources {
		if s.Refused == nil {
			continue
		}
		r.out.Problems = append(r.out.Problems, s.Refused)
		if s.Kind == api.FromPolicy && !s.Kept {
			r.out.Held = s.Refused
		}
	}
	for i := range r.sources {
		r.unknown(&r.sources[i])
	}
	r.lock()
	for _, s := range Settings() {
		r.settle(s)
	}
	return r.out
}

// unknown reports the names that no row has. Where one is that of a setting
// which protects, but for its case or the table it stands in, that setting
// counts as given a wrong value: else a proxy below [limits] would be none.
func (r *resolution) unknown(source *Source) {
	var names []string
	for name := range source.Given {
		if _, known := Lookup(name); !known && name != LockedKey {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		problem := api.Fail(api.PolicyUnknown, "key", name, "where", source.Given[name].Where, "near", near(name, source.Place))
		r.wrong(problem)
		meant, ok := meant(name)
		if _, given := source.Given[meant.Key]; ok && meant.Guarded && !given {
			source.Given = maps.Clone(source.Given)
			source.Given[meant.Key] = Given{Where: source.Given[name].Where, Misnamed: problem}
		}
	}
}

// meant is the setting whose name this is, but for case, hyphens and the table
// that it stands in.
func meant(name string) (Setting, bool) {
	name = strings.ReplaceAll(name[strings.LastIndex(name, ".")+1:], "-", "_")
	for _, s := range Settings() {
		if strings.EqualFold(s.Key, name) || strings.EqualFold(s.Registry, name) || strings.EqualFold(s.Key[strings.LastIndex(s.Key, ".")+1:], name) {
			return s, true
		}
	}
	return Setting{}, false
}

func (r *resolution) wrong(e *api.Error) { r.out.Problems = append(r.out.Problems, e) }

// lock reads which settings are locked. A list that is not one locks
// everything: whoever wrote it meant to keep something.
func (r *resolution) lock() {
	for _, source := range r.sources {
		given, ok := source.Given[LockedKey]
		if !ok || source.Kind != api.FromPolicy {
			continue
		}
		parsed, good := parseList(Setting{}, given.Raw)
		names, _ := parsed.([]string)
		if !good {
			r.wrong(bad(LockedKey, `["marketplace", "proxy"]`, given))
			names = []string{"*"}
		}
		for _, name := range names {
			if name == "*" {
				for _, s := range Settings() {
					r.locked[s.Key] = true
				}
				continue
			}
			if _, known := Lookup(name); !known {
				r.wrong(api.Fail(api.PolicyUnknown, "key", name, "where", given.Where, "near", near(name, "")))
				continue
			}
			r.locked[name] = true
		}
	}
}

// settle finds the value of one setting.
func (r *resolution) settle(s Setting) {
	out := api.PolicySetting{Key: s.Key, Title: s.Title, Help: s.Help, Source: api.FromDefault, Locked: r.locked[s.Key]}
	if s.Default != "" {
		parsed, _ := s.parse(s, defaultOf(s))
		s.apply(&r.out.Values, parsed)
		out.Value = s.Default
	}
	defer func() { r.out.Settings = append(r.out.Settings, out) }()
	decided := false
	for _, kind := range order(r.own, r.locked[s.Key]) {
		given, ok := r.given(kind, s.Key)
		switch {
		case !ok:
			continue
		case decided:
			if r.locked[s.Key] && kind != api.FromInstaller {
				problem := api.Fail(api.PolicyOverruled, "key", s.Key, "where", given.Where, "by", out.Where)
				r.wrong(problem)
				out.Problems = append(out.Problems, problem)
			}
			continue
		}
		parsed, good := s.parse(s, given.Raw)
		if good && given.Misnamed == nil {
			s.apply(&r.out.Values, parsed)
			out.Value, out.Source, out.Where, decided = show(s, parsed, given.Raw), kind, given.Where, true
			continue
		}
		problem := given.Misnamed
		if problem == nil {
			problem = bad(s.Key, s.Expect, given)
			r.wrong(problem)
		}
		out.Problems = append(out.Problems, problem)
		if s.Guarded {
			r.protect(s, problem)
			out.Value, out.Source, out.Where, decided = s.Safe, kind, given.Where, true
		}
	}
}

// protect puts the safe value of a guarded setting in force.
func (r *resolution) protect(s Setting, problem *api.Error) {
	if s.Safe != "" {
		if parsed, ok := s.parse(s, s.Safe); ok {
			s.apply(&r.out.Values, parsed)
		}
	}
	if s.Holds && r.out.Held == nil {
		r.out.Held = problem
	}
}

func (r *resolution) given(kind api.PolicySource, key string) (Given, bool) {
	for _, s := range r.sources {
		if s.Kind != kind || s.Refused != nil && !s.Kept {
			continue
		}
		given, ok := s.Given[key]
		// What an installer or an environment leaves empty says nothing.
		if text, isText := given.Raw.(string); isText && strings.TrimSpace(text) == "" && kind != api.FromPolicy {
			continue
		}
		if ok {
			return given, true
		}
	}
	return Given{}, false
}

func bad(key, expect string, given Given) *api.Error {
	return api.Fail(api.PolicyValue, "key", key, "where", given.Where, "value", excerpt(given.Raw), "expected", expect)
}

func defaultOf(s Setting) any {
	if s.Type == Switch {
		return s.Default == "true"
	}
	return s.Default
}

// show is a value for people: as it was written, where that says more.
func show(s Setting, parsed, raw any) string {
	switch s.Type {
	case Rate, Size:
		return fmt.Sprint(raw)
	case List:
		list, _ := parsed.([]string)
		return strings.Join(list, ", ")
	case Text, Path, URL, Number, Switch, Choice:
	}
	return fmt.Sprint(parsed)
}

// excerpt shows a wrong value without what may be a secret in it: somebody may
// have written a password into an address.
func excerpt(raw any) string {
	s := fmt.Sprint(raw)
	if at := strings.LastIndex(s, "@"); at >= 0 {
		s = "…" + s[at:]
	}
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return s
}

// nameAt is the setting's name in the file or the registry key at a place.
func (s Setting) nameAt(place string) string {
	if strings.HasPrefix(place, `HKLM\`) {
		return s.Registry
	}
	return s.Key
}

// near is the name that was probably meant, as it is at a place; "-": none.
func near(name, place string) string {
	if s, ok := meant(name); ok {
		return s.nameAt(place)
	}
	best, distance := "-", 4
	for _, s := range Settings() {
		for _, known := range []string{s.Key, s.Registry} {
			if d := edits(strings.ToLower(name), strings.ToLower(known)); d < distance {
				best, distance = s.nameAt(place), d
			}
		}
	}
	return best
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
