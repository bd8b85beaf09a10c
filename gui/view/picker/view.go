package picker

import (
	"errors"
	"image"
	"path"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
)

// View is the question that is shown; the zero value: none.
type View struct {
	// ID is the question's, Front a number that rises when the window has to
	// come to the front again.
	ID    string
	Front int
	// Title is the window's, Asks who asks and for what, Who tells the
	// application from others of its name.
	Title, Asks, Who string
	Browser          *browse.Browser
	// Banner is what the service said to the last answer, or that it is away.
	Banner view.Banner
	// About is the document that is selected; nil: none.
	About *About
	// Save is the name to save under; nil: something is to be opened.
	Save *Save
	// Buttons are the answers, the one that is meant first at the end. Keys says
	// what the keys do.
	Buttons []view.Action
	Keys    string
	// Others says that more applications wait; nil: none.
	Others *view.Action
}

// About is what is known of a document.
type About struct {
	Name string
	// Image is its picture; nil: Icon stands for it, and Picture says why.
	Image   image.Image
	Icon    view.Icon
	Picture string
	// Line is what is known of it in one line, State what others do with it;
	// empty: nothing.
	Line  string
	State view.Field
	// Title stands above the versions, newest first; a row's ID is what Pick
	// takes. Chosen is the row that would be opened; -1: there are none.
	Title    string
	Versions []view.Row
	Chosen   int
	// Note says what is wrong, or loading, or that an old version is chosen.
	Note view.Banner
}

// Save is the line of the name to save under.
type Save struct {
	Label, Name string
	// Fault says why that name cannot be, Hint what is worth knowing of it.
	Fault, Hint string
	// Overwrite asks about the document that bears the name; nil: nothing does,
	// or it is not asked yet.
	Overwrite *Overwrite
}

// Overwrite asks whether a document gets another version.
type Overwrite struct {
	Text string
	// Line is what is there, in one line.
	Line string
	// Keep takes the question back.
	Keep view.Action
}

// Title is the window's title; empty where nothing is asked.
func (r *Room) Title() string { return r.View().Title }

// View is what is to be seen now.
func (r *Room) View() View {
	w, s := r.env.Words(), r.env.Desk.Snapshot()
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.shown
	if q == nil || q.browser == nil {
		return View{Front: r.front}
	}
	product := view.ProductName(s.State, q.pick.Product)
	if product == "" {
		product = w.T("picker.someone")
	}
	v := View{ID: q.pick.ID, Front: r.front, Browser: q.browser, Who: who(w, s.State, q.pick)}
	e, ok := q.target()
	if q.pick.Kind == api.PickSaveAs {
		v.Title = w.T("picker.title_save", "product", product)
		v.Asks = w.T("picker.asks_save", "product", product, "name", q.pick.SuggestedName)
		v.Keys = w.T("picker.keys_save")
		q.saveView(&v, w)
	} else {
		v.Title = w.T("picker.title_open", "product", product)
		v.Asks = w.T("picker.asks_open", "product", product)
		v.Keys = w.T("picker.keys_open")
		v.Buttons = q.openButtons(w, s, e, ok)
	}
	if ok && !e.Folder {
		v.About = q.aboutView(w, e)
	}
	v.Banner = q.bannerView(w, s)
	v.Others = r.others(w, s.State)
	return v
}

// who tells one running application from another of its name.
func who(w *i18n.Words, s api.State, p api.Pick) string {
	session, ok := view.SessionOf(s, p.Session)
	if !ok || session.PID == 0 {
		if p.Kind == api.PickSaveAs {
			return w.T("picker.who_gone") // what it saved waits for its place all the same
		}
		return ""
	}
	if session.Version == "" {
		return w.T("picker.who_pid", "pid", session.PID)
	}
	return w.T("picker.who", "version", session.Version, "pid", session.PID)
}

// others says that more questions wait. The lock is held.
func (r *Room) others(w *i18n.Words, s api.State) *view.Action {
	var waiting []*request
	for _, q := range r.requests {
		if q != r.shown && !q.leaving {
			waiting = append(waiting, q)
		}
	}
	switch len(waiting) {
	case 0:
		return nil
	case 1:
		return &view.Action{Name: "next", Label: w.T("picker.one_more", "product", view.ProductName(s, waiting[0].pick.Product)), Do: r.next}
	}
	return &view.Action{Name: "next", Label: w.T("picker.more", "n", len(waiting)), Do: r.next}
}

// bannerView says how the answer stands.
func (q *request) bannerView(w *i18n.Words, s desk.Snapshot) view.Banner {
	switch {
	case q.answering && s.Link != desk.Connected:
		return view.Banner{Tone: view.Busy, Text: w.T("picker.answer_waits")}
	case s.Link != desk.Connected:
		return view.Banner{Tone: view.Busy, Text: w.T("picker.service_away")}
	case q.err != nil:
		return view.Banner{Tone: view.Trouble, Text: w.T("picker.refused", "reason", w.Error(q.err))}
	case q.answering:
		return view.Banner{Tone: view.Busy, Text: w.T("picker.answering")}
	case s.State.Account.State != api.AccountSignedIn:
		return view.Banner{Tone: view.Attention, Text: w.T("picker.signed_out"), Action: &view.Action{
			Name: "sign_in", Label: w.T("picker.sign_in"), Do: func() { q.room.env.Go(view.Place{Room: view.Home}) },
		}}
	case !s.State.Account.Online:
		return view.Banner{Tone: view.Attention, Text: w.T("picker.offline")}
	}
	return view.Banner{}
}

// openButtons are the answers to a question for a document. The lock is held.
func (q *request) openButtons(w *i18n.Words, s desk.Snapshot, e api.Entry, ok bool) []view.Action {
	open := view.Action{Name: "open", Label: w.T("picker.open"), Primary: true, Do: q.answer}
	out := view.Action{Name: "open_and_check_out", Label: w.T("picker.open_and_check_out"), Do: func() { q.pickOpen(true) }}
	if ok && e.Folder {
		open.Label = w.T("picker.open_folder")
	} else if why := q.whyNot(w, s, e, ok, false); why != "" {
		open.Do, open.Why = nil, why
	}
	if why := q.whyNot(w, s, e, ok, true); why != "" {
		out.Do, out.Why = nil, why
	}
	return []view.Action{q.cancelButton(w), out, open}
}

func (q *request) cancelButton(w *i18n.Words) view.Action {
	a := view.Action{Name: "cancel", Label: w.T("picker.cancel"), Do: q.cancel}
	if q.answering {
		a.Do, a.Why = nil, w.T("picker.answering")
	}
	return a
}

// whyNot says why what is selected cannot be opened, or opened and checked
// out; empty: it can. The lock is held.
func (q *request) whyNot(w *i18n.Words, s desk.Snapshot, e api.Entry, selected, checkout bool) string {
	online := s.Link != desk.Connected || s.State.Account.Online
	newest := len(q.about.versions) == 0 || q.about.version == 0
	switch {
	case q.answering:
		return w.T("picker.answering")
	case !selected || e.Folder:
		return w.T("picker.choose")
	case q.about.path == e.Path && errors.Is(q.about.err, api.NotFound):
		return w.T("picker.gone", "name", e.Name)
	case !online && (!e.Pending || checkout || !newest):
		return w.T("picker.out_of_reach", "name", e.Name)
	case checkout && e.CheckedOutBy != "" && !e.Mine:
		return w.T("picker.checked_out", "who", e.CheckedOutBy)
	case checkout && !newest:
		return w.T("picker.old_version")
	}
	return ""
}

// saveView words the name to save under. The lock is held.
func (q *request) saveView(v *View, w *i18n.Words) {
	s := q.saveTo(w)
	v.Save = &Save{Label: w.T("picker.name"), Name: q.name, Hint: s.hint}
	if s.beside {
		v.Save.Fault = s.fault
	}
	save := view.Action{Name: "save", Label: w.T("picker.save"), Primary: true, Do: q.answer}
	switch {
	case q.answering:
		save.Do, save.Why = nil, w.T("picker.answering")
	case s.fault != "":
		save.Do, save.Why = nil, s.fault
	}
	if s.confirm {
		save.Name, save.Label = "overwrite", w.T("picker.save_version")
		v.Save.Overwrite = &Overwrite{
			Text: w.T("picker.overwrite", "name", path.Base(s.path)),
			Keep: view.Action{Name: "keep", Label: w.T("picker.other_name"), Do: q.keep},
		}
		if s.there != nil {
			v.Save.Overwrite.Line = line(w, *s.there)
		}
	}
	v.Buttons = []view.Action{q.cancelButton(w), save}
}

// line is what a user has to know of a document.
func line(w *i18n.Words, e api.Entry) string {
	var parts []string
	if e.Version > 0 {
		parts = append(parts, w.T("picker.version_n", "version", e.Version))
	}
	if e.Author != "" {
		parts = append(parts, e.Author)
	}
	if e.Modified > 0 {
		parts = append(parts, w.Time(e.Modified))
	}
	if e.Size > 0 {
		parts = append(parts, w.Bytes(e.Size))
	}
	return strings.Join(parts, w.T("picker.between"))
}

// aboutView words what is known of the selected document. The lock is held.
func (q *request) aboutView(w *i18n.Words, e api.Entry) *About {
	a := q.about
	v := &About{Name: e.Name, Icon: browse.Icon(e), Line: line(w, e), Chosen: -1}
	v.State.Value, v.State.Tone = browse.State(w, e)
	waiting := false
	if q.room.cfg.Pictures != nil && (e.ID != "" || e.Pending) {
		v.Image, waiting = q.room.cfg.Pictures.Picture(e, a.version, q.room.refresh)
	}
	switch {
	case waiting:
		v.Picture = w.T("picker.picture_waits")
	case v.Image == nil:
		v.Picture = w.T("picker.no_picture")
	}
	if a.path != e.Path {
		return v
	}
	switch {
	case a.loading:
		v.Note = view.Banner{Tone: view.Busy, Text: w.T("picker.history_waits")}
	case a.err != nil:
		v.Note = view.Banner{Tone: view.Attention, Text: w.Error(a.err)}
	case a.version != 0 && q.pick.Kind == api.PickOpen:
		v.Note = view.Banner{Tone: view.Attention, Text: w.T("picker.old_chosen", "version", a.version)}
	}
	if len(a.versions) == 0 {
		return v
	}
	v.Title = w.T("picker.versions")
	for i, x := range a.versions {
		row := view.Row{ID: strconv.Itoa(x.Number), Icon: view.IconHistory, Title: w.T("picker.version_n", "version", x.Number)}
		row.Detail = w.T("picker.version_by", "author", x.Author, "time", w.Time(x.Created))
		if x.Comment != "" {
			row.Detail += "  " + i18n.Prose(x.Comment)
		}
		if i == 0 {
			row.Status, row.Tone = w.T("picker.newest"), view.Good
		}
		if x.Number == a.version || a.version == 0 && i == 0 {
			v.Chosen = i
		}
		v.Versions = append(v.Versions, row)
	}
	return v
}
