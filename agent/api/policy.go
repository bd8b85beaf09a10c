package api

// PolicySource is where the value of a setting comes from.
type PolicySource string

// The sources of settings.
const (
	FromPolicy      PolicySource = "policy"
	FromCommandLine PolicySource = "command_line"
	FromEnvironment PolicySource = "environment"
	FromInstaller   PolicySource = "installer"
	FromDefault     PolicySource = "default"
)

// Policy is what is in force on this machine, as 'iscdesk policy show' prints
// it. It holds no secret: any user may read it.
type Policy struct {
	Settings []PolicySetting `json:"settings"`
	// Problems is all that is wrong, each with the way out.
	Problems []*Error `json:"problems"`
	// Places are where policies are looked for.
	Places []string `json:"places"`
	// Loaded is when they were last read, in Unix seconds.
	Loaded int64 `json:"loaded"`
}

// PolicySetting is one setting in force.
type PolicySetting struct {
	Key string `json:"key"`
	// Title and Help say what it is for.
	Title  Words        `json:"title"`
	Help   Words        `json:"help"`
	Value  string       `json:"value"`
	Source PolicySource `json:"source"`
	// Where the value stands: a file and line, a registry value, a flag.
	Where    string   `json:"where,omitempty"`
	Locked   bool     `json:"locked"`
	Problems []*Error `json:"problems,omitempty"`
}

// Words is a text in both languages.
type Words struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// In gives the text in a language.
func (w Words) In(lang Language) string {
	if lang == Chinese {
		return w.ZH
	}
	return w.EN
}
