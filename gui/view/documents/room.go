package documents

import (
	"image"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/pictures"
)

// The parts of the room, as view.Place names them.
const (
	PartBrowse    = "browse"
	PartPending   = "pending"
	PartConflicts = "conflicts"
)

// View is everything that is to be seen beside the browser.
type View struct {
	Title string
	Parts []view.Segment
	Part  string
	// Bar are the actions on the folder shown.
	Bar       []view.Action
	Detail    Detail
	History   *History
	Incoming  *Incoming
	Pending   Pending
	Conflicts Conflicts
	// Focus is the save or the conflict that a click elsewhere has led to.
	Focus string
}

// Pictures draws documents, off the thread that asks.
type Pictures interface {
	// Pictures are those of the wishes, in their order, as far as they are
	// known; done is called on any goroutine when more of them are.
	Pictures(done func(), wishes ...pictures.Wish) []pictures.Shown
}

// Picture is what a document looks like.
type Picture struct {
	Image image.Image // nil: there is none, or not yet
	Icon  view.Icon   // in its place
	// Text tells that the picture is being made, or that there is none.
	Text string
	// None tells that none will come.
	None bool
}

// Config is what the room is made of.
type Config struct {
	Env      view.Env
	Content  Content
	Pictures Pictures // nil: documents are shown by their icons
	// SignIn begins to sign in.
	SignIn func()
	// Pick shows the picker with what is to be saved.
	Pick func()
	// Mend gives the button that mends a failure, where there is one; nil: none.
	Mend func(error) *view.Action
}

// Room is the state of the room. It is safe for any number of goroutines.
type Room struct {
	cfg     Config
	env     view.Env
	content Content
	browser *browse.Browser
	stop    func()

	selecting sync.Mutex // held while the selection is looked at

	mu        sync.Mutex // guards what follows
	part      string
	focus     string
	entry     *api.Entry // what is chosen in the browser
	detail    detail
	history   *history
	incoming  *incoming
	chooser   *chooser
	rows      map[string]rowState      // by operation
	conflicts map[string]conflictState // by id
}

// New makes the room. The caller closes it.
func New(cfg Config) *Room {
	r := &Room{
		cfg: cfg, env: cfg.Env, content: cfg.Content, part: PartBrowse,
		rows: map[string]rowState{}, conflicts: map[string]conflictState{},
	}
	made := make(chan struct{})
	r.browser = browse.New(cfg.Env, browse.Options{
		Selected: func() { <-made; r.selected() }, Chosen: r.Open, Mend: cfg.Mend,
	})
	close(made)
	r.stop = cfg.Env.Desk.Listen(r.hear)
	return r
}

// Close ends it.
func (r *Room) Close() {
	r.stop()
	r.browser.Close()
}

// Browser is the tree and the list.
func (r *Room) Browser() *browse.Browser { return r.browser }

// change changes the state and has the room drawn again.
func (r *Room) change(f func()) {
	r.mu.Lock()
	f()
	r.mu.Unlock()
	r.env.Refresh()
}

// View is what is to be seen now.
func (r *Room) View() View {
	s, into := r.env.Desk.Snapshot(), r.browser.Folder()
	r.mu.Lock()
	defer r.mu.Unlock()
	v := View{
		Title: r.env.Words().T("documents.title"), Part: r.part, Parts: r.parts(s), Focus: r.focus,
		Bar: r.bar(into), Detail: r.detailView(s), History: r.historyView(), Incoming: r.incomingView(s),
		Pending: r.pending(s), Conflicts: r.conflictsView(s),
	}
	r.illustrate(&v)
	return v
}

func (r *Room) parts(s desk.Snapshot) []view.Segment {
	w := r.env.Words()
	return []view.Segment{
		{Name: PartBrowse, Label: w.T("documents.part.browse")},
		{Name: PartPending, Label: w.T("documents.part.pending"), Badge: len(s.State.Transfers)},
		{Name: PartConflicts, Label: w.T("documents.part.conflicts"), Badge: len(s.State.Conflicts)},
	}
}

// bar are the actions on the folder that is shown. Where none is, nothing can be
// added; saying so would move the list under the pointer of who opens a space.
func (r *Room) bar(into string) []view.Action {
	if into == "" {
		return nil
	}
	w := r.env.Words()
	return []view.Action{
		{Name: "add_files", Label: w.T("documents.do.add_files"), Do: r.addFiles},
		{Name: "add_folder", Label: w.T("documents.do.add_folder"), Do: r.addFolder},
	}
}

func (r *Room) addFiles() {
	r.env.Local.ChooseFiles(r.env.Words().T("documents.choose.files"), r.Drop)
}

func (r *Room) addFolder() {
	r.env.Local.ChooseFolder(r.env.Words().T("documents.choose.folder"), func(folder string) {
		if folder != "" {
			r.Drop([]string{folder})
		}
	})
}

// Show shows a part of the room, and in it what Item names: a save by its
// operation, a conflict by its id, a document by its path.
func (r *Room) Show(p view.Place) {
	r.change(func() {
		r.focus, r.part = p.Item, PartBrowse
		if p.Part == PartPending || p.Part == PartConflicts {
			r.part = p.Part
		}
	})
	if p.Part != PartPending && p.Part != PartConflicts && p.Item != "" {
		r.browser.Reveal(p.Item)
	}
}

// Reload asks anew for what is shown; the service tells the rest by itself.
func (r *Room) Reload() {
	r.mu.Lock()
	where := ""
	if r.history != nil {
		where = r.history.path
	}
	r.mu.Unlock()
	if where != "" {
		r.loadHistory(where)
	}
	r.browser.Reload()
}

// Back is what Esc does: it closes what lies over the rest; false: nothing did.
func (r *Room) Back() bool {
	r.mu.Lock()
	closed := true
	switch {
	case r.chooser != nil:
		r.chooser = nil
	case r.detail.question != nil:
		r.detail.question = nil
	case r.history != nil:
		r.history = nil
	case r.incoming != nil && r.incoming.finished():
		r.incoming = nil
	default:
		closed = false
	}
	r.mu.Unlock()
	if closed {
		r.env.Refresh()
	}
	return closed
}

func (r *Room) tell(n note) {
	if n.err != nil {
		r.env.Tell(n.err)
	}
}
