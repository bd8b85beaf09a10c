package documents

import (
	"path"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// Detail is what is known of the chosen document, and what can be done with it.
type Detail struct {
	// Empty is told where nothing is chosen.
	Empty string
	Title string
	Kind  string
	Facts []view.Field
	// Picture is what the document looks like.
	Picture Picture
	// State is told in a line of its own where it wants the eye: not published
	// yet, in conflict, checked out by somebody else.
	State string
	Tone  view.Tone
	// Lead leads to where State is dealt with; no Label: there is nothing.
	Lead    view.Action
	Actions []view.Action
	// Busy tells what is being done; Progress goes from 0 to 1, negative: not
	// known.
	Busy     string
	Progress float64
	// Question wants an answer before it goes on.
	Question *Question
	// Note tells how the last thing ended.
	Note *Note
}

// Question is asked beside the document, and answered by one of its actions.
type Question struct {
	Text    string
	Actions []view.Action
}

// Note is how something ended.
type Note struct {
	Text    string
	Tone    view.Tone
	Actions []view.Action
}

// detail is what the room knows of what is being done with the document at
// path.
type detail struct {
	path        string
	busy        string // key of the text
	done, total int64
	question    *question
	note        *note
}

// question is worded when it is drawn, so that it follows the language.
type question struct {
	key     string
	answers []answer
}

type answer struct {
	name    string // and key
	do      func()
	primary bool
}

// note is how something ended: a key with its pairs, or an error.
type note struct {
	tone  view.Tone
	key   string
	pairs []any
	err   error
	lead  *answer
}

// selected takes what is chosen in the list. Two that hear of it at once look
// one after the other: the later look is the truer one.
func (r *Room) selected() {
	r.selecting.Lock()
	defer r.selecting.Unlock()
	e, ok := r.browser.Selected()
	r.mu.Lock()
	r.entry = nil
	where := ""
	if ok {
		r.entry, where = &e, e.Path
	}
	if where != r.detail.path && r.detail.busy == "" {
		r.detail = detail{path: where}
	}
	if r.history != nil && r.history.path != where {
		r.history = nil
	}
	r.mu.Unlock()
	r.env.Refresh()
}

// detailView words the document. The caller holds mu.
func (r *Room) detailView(s desk.Snapshot) Detail {
	w := r.env.Words()
	if r.entry == nil {
		return Detail{Empty: w.T("documents.detail.empty"), Progress: -1, Note: r.noteView()}
	}
	e := *r.entry
	if e.Folder { // its name and its content are all that there is to know
		return Detail{Empty: w.T("documents.detail.empty"), Progress: -1, Note: r.noteView()}
	}
	d := Detail{Title: e.Name, Kind: w.T("documents.kind." + kindKey(e)), Progress: -1}
	d.Facts = r.facts(e)
	d.State, d.Tone, d.Lead = r.documentState(s, e)
	d.Actions = r.actions(s, e)
	if r.detail.busy != "" {
		d.Busy = w.T("documents.busy."+r.detail.busy, "name", path.Base(r.detail.path))
		if r.detail.total > 0 {
			d.Progress = min(1, float64(r.detail.done)/float64(r.detail.total))
			d.Busy = w.T("documents.busy.of", "what", d.Busy, "done", w.Bytes(r.detail.done), "total", w.Bytes(r.detail.total))
		}
	}
	if q := r.detail.question; q != nil {
		d.Question = &Question{Text: w.T("documents.question."+q.key, "name", e.Name)}
		for _, a := range append(q.answers, answer{name: "cancel", do: r.unask}) {
			d.Question.Actions = append(d.Question.Actions, r.answerAction(a))
		}
	}
	d.Note = r.noteView()
	return d
}

func kindKey(e api.Entry) string {
	if e.Kind == api.Assembly {
		return "assembly"
	}
	return "single"
}

func (r *Room) noteView() *Note {
	n, w := r.detail.note, r.env.Words()
	if n == nil {
		return nil
	}
	v := &Note{Tone: n.tone, Text: r.noteText(*n)}
	if n.lead != nil {
		v.Actions = append(v.Actions, r.answerAction(*n.lead))
	}
	v.Actions = append(v.Actions, view.Action{Name: "close_note", Label: w.T("documents.close"), Do: func() {
		r.change(func() { r.detail.note = nil })
	}})
	return v
}

func (r *Room) noteText(n note) string {
	w := r.env.Words()
	if n.err != nil {
		return w.Error(n.err)
	}
	return w.T("documents.note."+n.key, n.pairs...)
}

func (r *Room) answerAction(a answer) view.Action {
	return view.Action{Name: a.name, Label: r.env.Words().T("documents.answer." + a.name), Do: a.do, Primary: a.primary}
}

func (r *Room) unask() { r.change(func() { r.detail.question = nil }) }

func (r *Room) facts(e api.Entry) []view.Field {
	w := r.env.Words()
	facts := []view.Field{{Label: w.T("documents.fact.place"), Value: e.Path}}
	version := w.T("documents.fact.version_none")
	if e.Version > 0 {
		version = w.T("documents.version", "version", e.Version)
	}
	facts = append(facts, view.Field{Label: w.T("documents.fact.version"), Value: version})
	if e.Author != "" {
		facts = append(facts, view.Field{Label: w.T("documents.fact.author"), Value: e.Author})
	}
	if e.Modified != 0 {
		facts = append(facts, view.Field{Label: w.T("documents.fact.modified"), Value: w.Time(e.Modified)})
	}
	out := view.Field{Label: w.T("documents.fact.checkout"), Value: w.T("documents.checkout.free")}
	switch {
	case e.Mine:
		out.Value, out.Tone = w.T("documents.checkout.mine"), view.Good
	case e.CheckedOutBy != "":
		out.Value, out.Tone = w.T("documents.checkout.theirs", "owner", e.CheckedOutBy), view.Attention
	}
	return append(facts, view.Field{Label: w.T("documents.fact.size"), Value: w.Bytes(e.Size)}, out)
}

// documentState tells in words what about a document wants the eye.
func (r *Room) documentState(s desk.Snapshot, e api.Entry) (string, view.Tone, view.Action) {
	w := r.env.Words()
	for _, c := range s.State.Conflicts {
		if c.Path == e.Path || c.Copy == e.Path {
			lead := view.Action{Name: "conflict", Label: w.T("documents.detail.to_conflict"), Do: func() { r.Show(view.Place{Part: PartConflicts, Item: c.ID}) }}
			return w.T("documents.detail.conflict"), view.Attention, lead
		}
	}
	var latest *api.Transfer
	for i, t := range s.State.Transfers {
		if t.Path == e.Path {
			latest = &s.State.Transfers[i]
		}
	}
	if latest == nil && !e.Pending {
		if e.CheckedOutBy != "" && !e.Mine {
			return w.T("documents.detail.theirs", "owner", e.CheckedOutBy), view.Attention, view.Action{}
		}
		return w.T("documents.detail.published"), view.Good, view.Action{}
	}
	lead := view.Action{Name: "to_pending", Label: w.T("documents.detail.to_pending"), Do: func() { r.Show(view.Place{Part: PartPending}) }}
	if latest == nil {
		return w.T("documents.detail.pending"), view.Busy, lead
	}
	text, tone := r.pendingState(s, *latest, false)
	return text, tone, lead
}

func (r *Room) actions(s desk.Snapshot, e api.Entry) []view.Action {
	w := r.env.Words()
	label := func(name string) string { return w.T("documents.do." + name) }
	all := []view.Action{
		{Name: "open", Label: label("open"), Do: func() { r.Open(e) }, Primary: true},
		{Name: "open_folder", Label: label("open_folder"), Do: func() { r.OpenFolder(e) }},
		r.checkoutAction(s, e),
		{Name: "history", Label: label("history"), Do: func() { r.ShowHistory(e.Path, e.Kind) }},
		{Name: "save_copy", Label: label("save_copy"), Do: func() { r.saveCopy(e.Path, e.Kind) }},
		r.copyPath(e),
	}
	if e.Version == 0 {
		all[3].Do, all[3].Why = nil, w.T("documents.detail.unpublished")
	}
	if r.detail.busy == "" {
		return all
	}
	for i := range all[:5] {
		all[i].Do, all[i].Why = nil, w.T("documents.busy")
	}
	return all
}

func (r *Room) copyPath(e api.Entry) view.Action {
	return view.Action{Name: "copy_path", Label: r.env.Words().T("documents.do.copy_path"), Do: func() { r.env.Local.Copy(e.Path) }}
}

// Menu is what can be done with any entry of the list.
func (r *Room) Menu(e api.Entry) []view.Action {
	if e.Folder {
		return []view.Action{r.copyPath(e)}
	}
	s := r.env.Desk.Snapshot()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.actions(s, e)
}

func (r *Room) checkoutAction(s desk.Snapshot, e api.Entry) view.Action {
	w := r.env.Words()
	a := view.Action{Name: "checkout", Label: w.T("documents.do.checkout"), Do: func() { r.checkOut(e) }}
	switch {
	case e.Mine:
		a = view.Action{Name: "checkin", Label: w.T("documents.do.checkin"), Do: func() { r.CheckIn(e) }}
	case e.CheckedOutBy != "":
		a.Do, a.Why = nil, w.T("documents.checkout.theirs", "owner", e.CheckedOutBy)
	case e.Version == 0:
		a.Do, a.Why = nil, w.T("documents.detail.unpublished")
	}
	if a.Do != nil && s.Link == desk.Connected && !s.State.Account.Online {
		a.Do, a.Why = nil, w.T("documents.detail.offline")
	}
	return a
}
