// Package about is the room that tells what runs here and with whose code,
// examines it on demand, and writes what support needs into one file.
package about

import (
	"cmp"
	"context"
	"strconv"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/bugreport"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// View is the room, fully worded.
type View struct {
	Title, Name, Text string
	Versions          []view.Field
	Links             []view.Action
	Checks            Checks
	Bundle            Bundle
	Licenses          Licenses
	// Chosen is the part that the user was led to: "checks", "bundle",
	// "licences"; empty: none.
	Chosen string
}

// Checks are what the service found when it examined itself and what it needs.
type Checks struct {
	Title, Text string
	// Rows are one for each check; none before the first run.
	Rows    []view.Row
	Running bool
	// Summary says what came of it, and when; empty before the first run.
	Summary string
	Tone    view.Tone
	Actions []view.Action
}

// Bundle is the file for support.
type Bundle struct {
	Title, Text string
	// Holds says what is in it, line by line.
	Holds   []string
	Running bool
	// Status says what came of the last one; Path is where it lies.
	Status  string
	Tone    view.Tone
	Path    string
	Actions []view.Action
}

// Licenses are the libraries and the font that the program was built with.
type Licenses struct {
	Title, Text string
	Rows        []view.Row
	Actions     []view.Action
}

// Config is what the room needs beside its environment.
type Config struct {
	// Version is that of the tray app.
	Version string
	// Source is where a report's facts come from; nil: the desk's service.
	Source bugreport.Source
	// Checks are what the tray app examines by itself; nil: nothing.
	Checks func(context.Context) []api.Check
	// Folder is where reports go unless the user says otherwise; nil: Downloads.
	Folder func() string
	// Log is the end of what the tray app wrote by itself, its crashes
	// included; nil: nothing.
	Log func() string
	// LicenseTexts is the file with the texts of all licences; empty: none is
	// installed.
	LicenseTexts string
}

// Room is the room. It is safe for any number of goroutines.
type Room struct {
	env    view.Env
	hand   mend.Hand
	config Config

	mu      sync.Mutex // guards what follows
	chosen  string
	checks  []api.Check
	checked time.Time // zero: never
	failed  error     // of the last run
	running bool
	listed  bool // the licences are
	report  report
}

// The parts of the room.
const (
	PartChecks   = "checks"
	PartBundle   = "bundle"
	PartLicenses = "licences"
)

// New makes the room.
func New(env view.Env, hand mend.Hand, config Config) *Room {
	if config.Folder == nil {
		config.Folder = Downloads
	}
	return &Room{env: env, hand: hand, config: config}
}

// Show leads to a part; empty: to the top. Who is led to the checks wants them
// run.
func (r *Room) Show(part string) {
	r.mu.Lock()
	r.chosen = part
	r.listed = r.listed || part == PartLicenses
	fresh := part == PartChecks && !r.running && r.env.Now().Sub(r.checked) > time.Minute
	r.mu.Unlock()
	if fresh {
		r.Examine()
	}
	r.env.Refresh()
}

// Examine has the service examine itself.
func (r *Room) Examine() {
	r.mu.Lock()
	if r.running {
		r.mu.Unlock()
		return
	}
	r.running = true
	r.mu.Unlock()
	r.env.Refresh()
	var found []api.Check
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		found = r.own(ctx)
		more, err := s.Doctor(ctx)
		found = append(found, more...)
		return err
	}, func(err error) {
		r.mu.Lock()
		r.running, r.checks, r.failed, r.checked = false, found, err, r.env.Now()
		r.mu.Unlock()
		r.env.Refresh()
	})
}

func (r *Room) own(ctx context.Context) []api.Check {
	if r.config.Checks == nil {
		return nil
	}
	return r.config.Checks(ctx)
}

// View is the room as it is now.
func (r *Room) View() View {
	s, w := r.env.Desk.Snapshot(), r.env.Words()
	r.mu.Lock()
	defer r.mu.Unlock()
	return View{
		Title: w.T("about.title"), Name: w.T("app.name"), Text: w.T("about.text"), Chosen: r.chosen,
		Versions: r.versions(s, w), Links: r.links(s, w), Checks: r.checksView(w), Bundle: r.bundleView(w), Licenses: r.licenses(w),
	}
}

func (r *Room) versions(s desk.Snapshot, w *i18n.Words) []view.Field {
	fields := []view.Field{{Label: w.T("about.version.app"), Value: cmp.Or(r.config.Version, w.T("about.version.unknown"))}}
	if !s.Known() {
		return append(fields, view.Field{Label: w.T("about.version.service"), Value: w.T("about.version.away"), Tone: view.Attention})
	}
	service := s.State.Service
	version := view.Field{Label: w.T("about.version.service"), Value: service.Version}
	switch {
	case s.Link != desk.Connected:
		version.Value, version.Tone = w.T("about.version.last", "version", service.Version), view.Attention
	case r.config.Version != "" && service.Version != r.config.Version:
		version.Value, version.Tone = w.T("about.version.other", "version", service.Version), view.Attention
	}
	fields = append(fields, version, view.Field{Label: w.T("about.version.protocol"), Value: strconv.Itoa(service.Protocol)})
	kind := "about.version.machine"
	if service.PerUser {
		kind = "about.version.user"
	}
	fields = append(fields, view.Field{Label: w.T("about.version.runs"), Value: w.T(kind)})
	if service.Started > 0 {
		fields = append(fields, view.Field{Label: w.T("about.version.started"), Value: w.Time(service.Started)})
	}
	return fields
}

func (r *Room) links(s desk.Snapshot, w *i18n.Words) []view.Action {
	var list []view.Action
	if address := s.State.Account.Marketplace; address != "" {
		list = append(list, view.Action{Name: "marketplace", Label: w.T("about.link.marketplace"), Do: func() { r.env.Local.Browse(address) }})
	}
	return list
}

func (r *Room) checksView(w *i18n.Words) Checks {
	c := Checks{Title: w.T("about.checks"), Text: w.T("about.checks.text"), Running: r.running}
	run := view.Action{Name: "run", Label: w.T("about.checks.run"), Do: r.Examine, Primary: r.checked.IsZero()}
	if r.running {
		run.Do, run.Why = nil, w.T("about.checks.running")
	}
	c.Actions = []view.Action{run}
	if r.checked.IsZero() {
		return c
	}
	bad, seen := 0, map[string]bool{}
	for _, check := range r.checks {
		if seen[check.Name] {
			continue
		}
		seen[check.Name] = true
		row := r.check(check, w)
		if !check.OK && check.Reason != nil {
			bad++
		}
		c.Rows = append(c.Rows, row)
	}
	at := w.Time(r.checked.Unix())
	switch {
	case r.failed != nil:
		c.Summary, c.Tone = w.T("about.checks.failed", "reason", w.Error(r.failed)), view.Trouble
	case bad > 0:
		c.Summary, c.Tone = w.T("about.checks.bad", "count", bad, "time", at), view.Attention
	default:
		c.Summary, c.Tone = w.T("about.checks.good", "time", at), view.Good
	}
	text := c.plain()
	c.Actions = append(c.Actions, view.Action{Name: "copy", Label: w.T("about.checks.copy"), Do: func() { r.env.Local.Copy(text) }})
	return c
}

// plain is what is copied: the checks as text.
func (c Checks) plain() string {
	text := c.Summary + "\n"
	for _, row := range c.Rows {
		text += row.Title + ": " + row.Status
		if row.Detail != "" {
			text += " (" + row.Detail + ")"
		}
		text += "\n"
	}
	return text
}

func (r *Room) check(check api.Check, w *i18n.Words) view.Row {
	row := view.Row{ID: check.Name, Title: check.Name, Detail: check.Text(w.Language())}
	if key := "about.check." + check.Name; w.Has(key) {
		row.Title = w.T(key)
	}
	switch {
	case check.OK:
		row.Tone, row.Status = view.Good, w.T("about.checks.ok")
	case check.Reason == nil:
		row.Tone, row.Status = view.Quiet, w.T("about.checks.open")
	default:
		row.Tone, row.Status = view.Trouble, w.T("about.checks.trouble")
		if row.Detail != "" {
			row.Detail += "\n"
		}
		row.Detail += w.Error(check.Reason)
		if a, ok := r.hand.Action(check.Reason, mend.Subject{Retry: r.Examine}); ok && a.Name != string(mend.Check) && a.Name != string(mend.Checks) {
			row.Actions = []view.Action{a}
		}
	}
	return row
}
