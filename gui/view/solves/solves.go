// Package solves is the room of the solves in the cloud: the jobs with what
// each is at, what can be done about it, and pictures of the results, which it
// fetches and draws away from the thread that draws the window.
package solves

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/plot"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// View is the room, fully worded.
type View struct {
	Title  string
	Notice string
	Empty  *view.Empty
	// Jobs are ordered: what goes on first, then the newest. Their ID is that of
	// the solve.
	Jobs []view.Row
	// Detail is the chosen job; nil: none.
	Detail *Detail
}

// Detail is one job.
type Detail struct {
	ID, Title string
	Status    string
	Tone      view.Tone
	Progress  float64
	Running   bool
	Fields    []view.Field
	// Message is what the solver said last, in its own words; Reason why it
	// failed, in ours.
	Message, Reason string
	Actions         []view.Action
	Plot            Plot
}

// Room is the room. It is safe for any number of goroutines.
type Room struct {
	env   view.Env
	hand  mend.Hand
	fonts func() *plot.Fonts

	mu     sync.Mutex // guards what follows
	chosen string
	asked  map[string]bool
	refuse map[string]*api.Error
	plot   drawing
}

// New makes the room. fonts are those of the pictures; nil: pictures have no
// text.
func New(env view.Env, hand mend.Hand, fonts func() *plot.Fonts) *Room {
	if fonts == nil {
		fonts = func() *plot.Fonts { return nil }
	}
	r := &Room{env: env, hand: hand, fonts: fonts, asked: map[string]bool{}, refuse: map[string]*api.Error{}}
	env.Desk.Listen(func(c desk.Change) {
		if slices.Contains(c.Sections, api.SectionSolves) {
			r.follow(c.Snapshot.State)
		}
	})
	return r
}

// Show chooses a job; empty: none. The pictures of one that has succeeded are
// made at once.
func (r *Room) Show(id string) {
	r.mu.Lock()
	r.chosen = id
	r.mu.Unlock()
	r.follow(r.env.Desk.Snapshot().State)
	r.env.Refresh()
}

// follow begins the pictures of the chosen job as soon as it has results.
func (r *Room) follow(s api.State) {
	r.mu.Lock()
	chosen := r.chosen
	r.mu.Unlock()
	if job, ok := find(s, chosen); ok && job.State == "succeeded" && job.Result != "" {
		r.load(job, false)
	}
}

func find(s api.State, id string) (api.Solve, bool) {
	at := slices.IndexFunc(s.Solves, func(j api.Solve) bool { return j.ID == id })
	if id == "" || at < 0 {
		return api.Solve{}, false
	}
	return s.Solves[at], true
}

// look is what a state of api.Solve looks like. Its words stand under
// solves.state.<state>.
type look struct {
	state string
	tone  view.Tone
	// goes: it is under way and can be cancelled.
	goes bool
}

func looks() []look {
	return []look{
		{"saved", view.Busy, true},
		{"queued", view.Busy, true},
		{"running", view.Busy, true},
		{"succeeded", view.Good, false},
		{"failed", view.Trouble, false},
		{"cancelled", view.Quiet, false},
	}
}

func lookOf(state string) look {
	for _, l := range looks() {
		if l.state == state {
			return l
		}
	}
	return look{state: state, tone: view.Quiet}
}

// View is the room as it is now.
func (r *Room) View() View {
	r.draw() // the language may be another
	s, w := r.env.Desk.Snapshot(), r.env.Words()
	r.mu.Lock()
	defer r.mu.Unlock()
	v := View{Title: w.T("solves.title")}
	if s.Link != desk.Connected && s.Known() {
		v.Notice = w.T("solves.stale", "time", w.Time(s.Since.Unix()))
	}
	jobs := slices.Clone(s.State.Solves)
	slices.SortStableFunc(jobs, func(a, b api.Solve) int {
		goes := func(j api.Solve) int {
			if lookOf(j.State).goes {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(goes(a), goes(b)), cmp.Compare(b.Created, a.Created), strings.Compare(a.ID, b.ID))
	})
	for _, j := range jobs {
		v.Jobs = append(v.Jobs, r.row(j, w))
	}
	if job, ok := find(s.State, r.chosen); ok {
		v.Detail = r.detail(job, w)
	}
	if len(jobs) == 0 {
		v.Empty = r.empty(s, w)
	}
	return v
}

func (r *Room) empty(s desk.Snapshot, w *i18n.Words) *view.Empty {
	e := &view.Empty{Icon: view.IconSolves, Title: w.T("solves.none"), Text: w.T("solves.none.text")}
	switch {
	case !s.Known():
		return &view.Empty{Icon: view.IconSolves, Title: w.T("solves.connecting")}
	case s.State.Account.State != api.AccountSignedIn:
		e.Title, e.Text = w.T("solves.signed_out"), w.T("solves.signed_out.text")
		if a, ok := r.hand.Action(api.Fail(api.SignedOut), mend.Subject{}); ok {
			a.Primary = true
			e.Action = &a
		}
	}
	return e
}

func name(j api.Solve) string { return path.Base(j.Path) }

func status(j api.Solve, w *i18n.Words) string {
	key := "solves.state." + j.State
	if !w.Has(key) {
		return j.State
	}
	return w.T(key, "percent", strconv.Itoa(percent(j)))
}

func percent(j api.Solve) int { return min(100, max(0, j.Percent)) }

// created tells when a job began.
func created(j api.Solve, w *i18n.Words) string {
	if j.Created == 0 {
		return ""
	}
	return w.Time(j.Created)
}

func (r *Room) row(j api.Solve, w *i18n.Words) view.Row {
	l := lookOf(j.State)
	row := view.Row{
		ID: j.ID, Icon: view.IconSolves, Title: name(j), Detail: cmp.Or(r.trouble(j, w), created(j, w)), Status: status(j, w), Tone: l.tone,
		Running: l.goes, Progress: float64(percent(j)) / 100,
	}
	row.Menu = r.actions(j, w)
	return row
}

// trouble is why a job failed, or why the last order about it was refused.
func (r *Room) trouble(j api.Solve, w *i18n.Words) string {
	if e := r.refuse[j.ID]; e != nil {
		return w.Error(e)
	}
	if j.Reason != nil && j.State != "cancelled" {
		return w.Error(j.Reason)
	}
	return ""
}

func (r *Room) detail(j api.Solve, w *i18n.Words) *Detail {
	row := r.row(j, w)
	d := &Detail{
		ID: j.ID, Title: row.Title, Status: row.Status, Tone: row.Tone, Progress: row.Progress, Running: row.Running,
		Message: strings.TrimSpace(j.Message), Reason: r.trouble(j, w), Actions: r.actions(j, w), Plot: r.picture(j, w),
	}
	add := func(key, value string) {
		if value != "" {
			d.Fields = append(d.Fields, view.Field{Label: w.T("solves.field." + key), Value: value})
		}
	}
	add("model", j.Path)
	add("created", created(j, w))
	result := j.Result
	if result != "" && j.ResultVersion > 0 {
		result = w.T("solves.result", "path", j.Result, "version", strconv.Itoa(j.ResultVersion))
	}
	add("result", result)
	for _, session := range r.env.Desk.Snapshot().State.Sessions {
		if session.ID == j.Session {
			add("application", view.ProductName(r.env.Desk.Snapshot().State, session.Product))
		}
	}
	add("number", j.ID)
	return d
}

// actions are what can be done about a job.
func (r *Room) actions(j api.Solve, w *i18n.Words) []view.Action {
	var list []view.Action
	show := func(name, document string, primary bool) {
		if document != "" {
			list = append(list, view.Action{Name: name, Label: w.T("solves." + name), Primary: primary, Do: func() {
				r.env.Go(view.Place{Room: view.Documents, Item: document})
			}})
		}
	}
	show("results", j.Result, j.State == "succeeded")
	show("model", j.Path, false)
	if lookOf(j.State).goes {
		cancel := view.Action{
			Name: "cancel", Label: w.T("solves.cancel"), Danger: true, Confirm: w.T("solves.cancel.confirm", "name", name(j)), Do: r.cancel(j.ID),
		}
		if r.asked[j.ID] {
			cancel.Do, cancel.Why = nil, w.T("solves.cancelling")
		}
		list = append(list, cancel)
	}
	if reason := r.refuse[j.ID]; reason != nil {
		if a, ok := r.hand.Action(reason, mend.Subject{Path: j.Path}); ok {
			list = append(list, a)
		}
	}
	return list
}

func (r *Room) cancel(id string) func() {
	return func() {
		r.mu.Lock()
		r.asked[id] = true
		delete(r.refuse, id)
		r.mu.Unlock()
		r.env.Refresh()
		r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.CancelSolve(ctx, id) }, func(err error) {
			r.mu.Lock()
			delete(r.asked, id)
			if err != nil {
				r.refuse[id] = api.AsError(err)
			}
			r.mu.Unlock()
			r.env.Refresh()
		})
	}
}
