package api

// State is the whole state of one user, as the watch sends it first and as
// 'iscdesk status' prints it. Later messages replace sections of it.
type State struct {
	Service   ServiceInfo `json:"service"`
	Account   Account     `json:"account"`
	Licenses  []License   `json:"licenses"`
	Transfers []Transfer  `json:"transfers"`
	Uploads   Uploads     `json:"uploads"` // belongs to SectionTransfers
	Conflicts []Conflict  `json:"conflicts"`
	Recent    []Recent    `json:"recent"`
	Picks     []Pick      `json:"picks"`
	Apps      []App       `json:"apps"`
	Solves    []Solve     `json:"solves"`
	Sessions  []Session   `json:"sessions"`
	Health    []Warning   `json:"health"`
	Messages  []Message   `json:"messages"`
	Settings  Settings    `json:"settings"`
}

// The names of the sections of State, as they stand in its JSON.
const (
	SectionAccount   = "account"
	SectionLicenses  = "licenses"
	SectionTransfers = "transfers"
	SectionPicks     = "picks"
	SectionApps      = "apps"
	SectionSolves    = "solves"
	SectionSessions  = "sessions"
	SectionHealth    = "health"
	SectionConflicts = "conflicts"
	SectionRecent    = "recent"
	SectionMessages  = "messages"
	SectionSettings  = "settings"
)

// ServiceInfo describes the running service.
type ServiceInfo struct {
	Version  string `json:"version"`
	Protocol int    `json:"protocol"`
	Started  int64  `json:"started"`
	// PerUser tells that the service runs as the user himself.
	PerUser bool `json:"perUser"`
}

// Session is an application that is connected.
type Session struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Version string `json:"version"`
	PID     int    `json:"pid"`
	Since   int64  `json:"since"`
}

// Warning is lasting trouble, with the one action that mends it.
type Warning struct {
	// Code is the code of Reason: what is to be done follows from it.
	Code   string `json:"code"`
	Reason *Error `json:"reason"`
	Since  int64  `json:"since"`
	// Product is what a licence or an application is called by the service,
	// where it is about one; Reason may say its name for people.
	Product string `json:"product,omitempty"`
	// Action is the command that mends it, where there is one.
	Action string `json:"action,omitempty"`
}

// WatchMessage is one message of the watch. The first carries State; later
// ones a changed section, or an event. Skipped tells a client that fell
// behind how many messages it missed; State follows in the same message.
type WatchMessage struct {
	State   *State `json:"state,omitempty"`
	Changed *State `json:"changed,omitempty"`
	// Sections names the members of Changed that are meant.
	Sections []string `json:"sections,omitempty"`
	Event    *Event   `json:"event,omitempty"`
	Skipped  int      `json:"skipped,omitempty"`
}

// Check is one line of 'iscdesk doctor'.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
	// Told is Detail as a row of Reasons with what its text names, where Detail
	// is a sentence; Text puts it into the reader's language.
	Told   Reason            `json:"told,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	Reason *Error            `json:"reason,omitempty"`
}

// Tell gives a check a detail that can be told in every language.
func (c Check) Tell(told Reason, pairs ...string) Check {
	c.Told, c.Params = told, Fail("", pairs...).Params
	c.Detail = c.Text(English)
	return c
}

// Text is the detail in a language.
func (c Check) Text(lang Language) string {
	if c.Told == "" {
		return c.Detail
	}
	if text := reasonText(string(c.Told), c.Params, lang); text != string(c.Told) {
		return text
	}
	return c.Detail // told by a newer service
}

// Logs is the end of the service's log as one user may see it: his own lines,
// and those that belong to nobody; administrators see every line.
type Logs struct {
	Lines []string `json:"lines"` // the oldest first
	// Cut tells that older lines were left out.
	Cut bool `json:"cut,omitempty"`
}
