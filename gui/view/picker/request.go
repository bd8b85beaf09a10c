package picker

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view/browse"
)

// rest is how long a selection has to rest before its history is asked for.
const rest = 150 * time.Millisecond

// request is one application's question.
type request struct {
	room    *Room
	pick    api.Pick
	browser *browse.Browser

	// What follows is guarded by the room's lock.
	name      string // to save under, as typed
	confirm   string // the path whose overwriting is being asked about
	about     about  // what is known of the selected document
	answering bool   // the answer is on its way
	leaving   bool   // it is, and the window need not be seen meanwhile, or never again
	err       error  // why the last answer was refused
}

// about is what is known of a document beside its listing.
type about struct {
	path     string
	version  int // chosen; 0: the newest
	asked    int // the number of the question; answers to earlier ones are dropped
	loading  bool
	entry    *api.Entry // of what was used last, whose list says little
	versions []api.Version
	err      error
}

// known is what is known of a document already.
func (a about) known(path string) *api.Entry {
	if a.path != path {
		return nil
	}
	return a.entry
}

// selected hears that another entry is selected in the browser.
func (q *request) selected() {
	r := q.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.browser == nil {
		return // it is just being made
	}
	e, ok := q.browser.Selected()
	ok = ok && !e.Folder
	if !ok {
		if q.about.path != "" {
			q.about, q.confirm = about{asked: q.about.asked + 1}, ""
		}
		return
	}
	known := q.about.path == e.Path
	if !known {
		q.err, q.confirm = nil, ""
		if q.pick.Kind == api.PickSaveAs {
			q.name = e.Name
		}
	}
	if outdated := q.about.entry != nil && e.ID != "" && q.about.entry.Version != e.Version; !known || outdated {
		q.ask(e)
	}
}

// ask asks for the history of a document, once the selection rests. The lock
// is held.
func (q *request) ask(e api.Entry) {
	q.about = about{path: e.Path, asked: q.about.asked + 1, loading: true, entry: q.about.known(e.Path)}
	asked := q.about.asked
	var versions []api.Version
	var there *api.Entry
	q.room.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
		if !q.asks(asked) {
			return nil
		}
		var err error
		if e.ID == "" && !e.Pending { // of what was used last
			if there, err = find(ctx, s, e.Path); err != nil {
				return err
			}
		} else {
			there = &e
		}
		versions, err = s.History(ctx, e.Path)
		if e.Pending && errors.Is(err, api.NotFound) {
			return nil // not published yet
		}
		return err
	}, func(err error) {
		r := q.room
		r.mu.Lock()
		if q.about.asked == asked {
			q.about.loading, q.about.entry, q.about.versions, q.about.err = false, there, versions, err
		}
		r.mu.Unlock()
		r.refresh()
	})
}

// asks tells whether the answer to a question is still wanted.
func (q *request) asks(asked int) bool {
	q.room.mu.Lock()
	defer q.room.mu.Unlock()
	return !q.room.closed && q.about.asked == asked
}

// find gives the entry of a path.
func find(ctx context.Context, s desk.Service, p string) (*api.Entry, error) {
	l, err := s.List(ctx, path.Dir(p))
	if err != nil {
		return nil, err
	}
	for i := range l.Entries {
		if l.Entries[i].Path == p {
			return &l.Entries[i], nil
		}
	}
	return nil, api.Fail(api.NotFound, "what", p)
}

// target is the document that is selected, with what is known of it. The lock
// is held.
func (q *request) target() (e api.Entry, ok bool) {
	e, ok = q.browser.Selected()
	if ok && !e.Folder && e.ID == "" && q.about.path == e.Path && q.about.entry != nil {
		e = *q.about.entry
	}
	return e, ok
}

// setVersion takes the version that is to be opened.
func (q *request) setVersion(number int) {
	r := q.room
	r.mu.Lock()
	if len(q.about.versions) > 0 && q.about.versions[0].Number == number {
		number = 0
	}
	q.about.version = number
	r.mu.Unlock()
	r.refresh()
}

// setName takes what is typed as the name to save under.
func (q *request) setName(name string) {
	r := q.room
	r.mu.Lock()
	if q.name != name && !q.answering {
		q.name, q.confirm, q.err = name, "", nil
	}
	r.mu.Unlock()
	r.refresh()
}

// finalName is the name that is saved under: one without an ending gets that
// of what is saved.
func (q *request) finalName() string {
	name := strings.TrimSpace(q.name)
	if ext := path.Ext(q.pick.SuggestedName); name != "" && path.Ext(name) == "" && q.pick.DocumentKind != api.Assembly {
		return name + ext
	}
	return name
}

// saving is where the name and the folder lead.
type saving struct {
	path    string
	fault   string // why it cannot be saved there; empty: it can
	beside  bool   // fault is about the name and stands beside it
	there   *api.Entry
	hint    string
	confirm bool // overwriting it is asked about
}

// saveTo decides where a save would go, with the lock held.
func (q *request) saveTo(w *i18n.Words) saving {
	folder, name := q.browser.Folder(), q.finalName()
	s := saving{path: path.Join(folder, name), beside: true}
	e, found, _ := q.browser.Named(name)
	switch problem := browse.NameFault(w, name); {
	case name == "":
		s.fault = w.T("picker.name_empty")
	case problem != "":
		s.fault = problem
	case folder == "":
		s.fault, s.beside = w.T("picker.no_folder"), false
	case entry.CheckCloudPath(s.path) != nil:
		s.fault = w.Error(entry.CheckCloudPath(s.path))
	case found && e.Folder:
		s.fault = w.T("picker.name_folder", "name", e.Name)
	case found && e.CheckedOutBy != "" && !e.Mine:
		s.fault = w.T("picker.name_checked_out", "name", e.Name, "who", e.CheckedOutBy)
	case found:
		s.path, s.there = e.Path, &e
	}
	s.confirm = s.fault == "" && q.confirm == s.path
	if s.fault == "" {
		s.hint = q.nameHint(w, name)
	}
	return s
}

// nameHint says what is worth knowing of a name that is allowed.
func (q *request) nameHint(w *i18n.Words, name string) string {
	ext := path.Ext(q.pick.SuggestedName)
	if fault := entry.WindowsFault(name); fault != "" {
		return w.T("picker.name_elsewhere", "reason", w.Error(api.Fail(api.NameInvalid, "name", name).Why(api.Explain(fault))))
	}
	switch {
	case name != strings.TrimSpace(q.name):
		return w.T("picker.name_full", "name", name)
	case ext != "" && q.pick.DocumentKind != api.Assembly && !strings.EqualFold(path.Ext(name), ext):
		return w.T("picker.name_ending", "ending", ext)
	}
	return ""
}

// answer presses the first button: to open, a selected folder is shown and a
// selected document picked; to save, the name is saved under, after asking
// where a document bears it.
func (q *request) answer() {
	r := q.room
	w := r.env.Words()
	if q.pick.Kind == api.PickOpen {
		if e, ok := q.browser.Selected(); ok && e.Folder {
			q.browser.Go(e.Path)
			return
		}
		q.pickOpen(false)
		return
	}
	r.mu.Lock()
	s := q.saveTo(w)
	if s.fault != "" || q.answering {
		r.mu.Unlock()
		return
	}
	if s.there != nil && !s.confirm {
		q.confirm = s.path
		r.mu.Unlock()
		r.refresh()
		return
	}
	r.mu.Unlock()
	q.send(api.PickAnswer{Path: s.path, Overwrite: s.confirm})
}

// pickOpen answers with the selected document, where that is possible.
func (q *request) pickOpen(checkout bool) {
	r := q.room
	w, s := r.env.Words(), r.env.Desk.Snapshot()
	r.mu.Lock()
	e, ok := q.target()
	why := q.whyNot(w, s, e, ok, checkout)
	version := q.about.version
	r.mu.Unlock()
	if why == "" && q.pick.Kind == api.PickOpen && ok && !e.Folder {
		q.send(api.PickAnswer{Path: e.Path, Version: version, Checkout: checkout})
	}
}

// keep takes back that something is to be overwritten.
func (q *request) keep() {
	r := q.room
	r.mu.Lock()
	q.confirm = ""
	r.mu.Unlock()
	r.refresh()
}

// cancel answers with nothing; the window goes at once.
func (q *request) cancel() { q.send(api.PickAnswer{Cancelled: true}) }

// send gives the answer, once. The window comes back where it is refused.
func (q *request) send(a api.PickAnswer) {
	r := q.room
	r.mu.Lock()
	if q.answering || q.leaving {
		r.mu.Unlock()
		return
	}
	q.answering, q.err, q.leaving = true, nil, a.Cancelled
	r.choose()
	r.mu.Unlock()
	r.refresh()
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.AnswerPick(ctx, q.pick.ID, a) },
		func(err error) { q.sent(a, err) })
}

// sent takes what came of the answer.
func (q *request) sent(a api.PickAnswer, err error) {
	r, again := q.room, false
	r.mu.Lock()
	e := api.AsError(err)
	ended := e != nil && e.Code == api.NotFound && e.Params["what"] == q.pick.ID
	q.answering, q.leaving = false, err == nil || ended
	if !q.leaving {
		q.err = err
		r.front++
		if e.Code == api.Exists && q.pick.Kind == api.PickSaveAs && !a.Cancelled && !a.Overwrite {
			q.err, q.confirm = nil, a.Path // it came to be there since the listing
			again = true
		}
	}
	r.choose()
	r.mu.Unlock()
	if again {
		q.browser.Reload()
	}
	r.refresh()
}
