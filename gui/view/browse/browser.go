package browse

import (
	"path"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// RecentID is the ID of the line of the tree that stands for what was used
// last. It is no path of the cloud.
const RecentID = "recent"

// Bounds of what is kept.
const (
	keptTables = 8
	keptPlaces = 50
	restTyping = 250 * time.Millisecond // before a search is asked for
	restFind   = time.Second            // after which typing in the list begins anew
)

// Options say where a browser begins and what it tells.
type Options struct {
	// At is the folder that is shown first; empty: all spaces. Recent shows what
	// was used last instead.
	At     string
	Recent bool
	// Chosen hears of a document that was opened in the list; nil: nobody.
	Chosen func(api.Entry)
	// Selected hears that another entry, or none, is selected; nil: nobody.
	Selected func()
	// Rest is how long typing has to rest before a search is asked for; 0: 250 ms.
	Rest time.Duration
	// Mend gives the button that mends a failure, where there is one; nil: none.
	Mend func(error) *view.Action
}

// kind is what the list shows.
type kind int

const (
	inFolder kind = iota
	inRecent
	inSearch
)

// place is something that the list can show.
type place struct {
	kind kind
	path string // of a folder
}

// folder is what is known of a folder of the cloud.
type folder struct {
	table   *table // nil: not known (any more)
	stale   bool
	err     error // why it could not be listed last
	loading bool
	again   bool // something changed while it was loading
	used    int  // when it was shown last, in Browser.clock

	known   bool        // that it has these folders
	folders []api.Entry // for the tree
	open    bool        // in the tree
}

// Browser is the model of one browser. Its methods return at once and are safe
// for any number of goroutines.
type Browser struct {
	env  view.Env
	opts Options
	stop func()

	mu       sync.Mutex // guards what follows
	closed   bool
	clock    int
	at       place
	back     []place
	folders  map[string]*folder
	sorts    map[kind]Sort
	selected string
	search   search
	recent   *table
	make     maker
	find     finder
	tree     []treeLine // nil: to be laid out anew
	account  string     // whose cloud it is
	online   bool
	lost     bool   // the service was out of reach since it said something last
	waits    string // what is on its way, to tell whether a listing is out of date
}

// finder is what was typed in the list.
type finder struct {
	text string
	last time.Time
}

// New makes a browser and begins to load what it shows. The caller closes it.
func New(env view.Env, o Options) *Browser {
	if o.Rest == 0 {
		o.Rest = restTyping
	}
	b := &Browser{
		env: env, opts: o, folders: map[string]*folder{},
		sorts: map[kind]Sort{inFolder: {By: ColumnName}, inSearch: {By: ColumnName}, inRecent: {By: ColumnWhen, Reverse: true}},
	}
	if o.At == "" {
		o.At = "/"
	}
	b.at = place{kind: inFolder, path: o.At}
	if o.Recent {
		b.at = place{kind: inRecent}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop = env.Desk.Listen(b.hear)
	if s := env.Desk.Snapshot(); s.Link == desk.Connected {
		b.note(s.State)
	}
	b.enter(b.at)
	b.unfold("/")
	return b
}

// Close ends it: answers that are still out are dropped.
func (b *Browser) Close() {
	b.stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

// changed asks for the room to be drawn.
func (b *Browser) changed() {
	if b.env.Refresh != nil {
		b.env.Refresh()
	}
}

// Go shows a folder, "/" for all spaces, or what was used last (RecentID).
func (b *Browser) Go(path string) {
	b.change(func() {
		if path == RecentID {
			b.visit(place{kind: inRecent})
			return
		}
		b.visit(place{kind: inFolder, path: path})
	})
}

// change does something under the lock and says what came of it.
func (b *Browser) change(do func()) {
	b.mu.Lock()
	before := b.selected
	do()
	other := before != b.selected
	b.mu.Unlock()
	if other && b.opts.Selected != nil {
		b.opts.Selected()
	}
	b.changed()
}

// visit shows a place and remembers the one before. Paths come from messages
// and command lines too: whatever they are, they lead somewhere below "/".
func (b *Browser) visit(p place) {
	if p.kind == inFolder {
		p.path = path.Clean("/" + p.path)
	}
	if p != b.at {
		b.back = append(b.back, b.at)
		if len(b.back) > keptPlaces {
			b.back = b.back[1:]
		}
	}
	b.enter(p)
}

// enter shows a place, with nothing selected and nothing searched.
func (b *Browser) enter(p place) {
	from := b.at
	b.at, b.selected, b.find = p, "", finder{}
	b.search.end()
	b.make = maker{}
	if p.kind != inFolder {
		return
	}
	if p.path == "/" || strings.HasPrefix(from.path, strings.TrimSuffix(p.path, "/")+"/") {
		b.selected = childOf(p.path, from.path)
	}
	b.load(p.path)
	b.unfold(p.path)
}

// childOf is the entry of the folder above that leads to path.
func childOf(above, path string) string {
	prefix := strings.TrimSuffix(above, "/") + "/"
	rest, ok := strings.CutPrefix(path, prefix)
	if !ok || rest == "" {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return prefix + name
}

// Up shows the folder above, and from a search or the recent documents the
// folder of what is selected there.
func (b *Browser) Up() {
	b.change(func() {
		switch {
		case b.search.text != "":
			b.search.end()
			b.selected = ""
		case b.at.kind == inFolder && b.at.path != "/":
			b.visit(place{kind: inFolder, path: path.Dir(b.at.path)})
		case b.at.kind == inRecent:
			b.visit(place{kind: inFolder, path: "/"})
		}
	})
}

// Back shows what was shown before.
func (b *Browser) Back() {
	b.change(func() {
		if n := len(b.back); n > 0 {
			p := b.back[n-1]
			b.back = b.back[:n-1]
			b.enter(p)
		}
	})
}

// Reveal shows the folder of a path and selects it there.
func (b *Browser) Reveal(p string) {
	b.change(func() {
		b.visit(place{kind: inFolder, path: path.Dir(p)})
		b.selected = p
	})
}

// Select selects the entry of a path; empty: none.
func (b *Browser) Select(path string) {
	b.change(func() { b.selected = path })
}

// Move moves the selection by so many rows. Where nothing is selected it
// begins at the first row.
func (b *Browser) Move(by int) {
	b.change(func() {
		t := b.shown()
		row := t.find(b.selected)
		switch {
		case t.len() == 0:
			return
		case row < 0:
			row = 0
		default:
			row = min(max(row+by, 0), t.len()-1)
		}
		e, _ := t.at(row)
		b.selected = e.Path
	})
}

// Open opens what is selected: a folder is shown, a document is Chosen.
func (b *Browser) Open() {
	e, ok := b.Selected()
	switch {
	case !ok:
	case e.Folder:
		b.Go(e.Path)
	case b.opts.Chosen != nil:
		b.opts.Chosen(e)
	}
}

// Type is a character typed in the list: it selects the next entry whose name
// begins with what was typed, without case. Characters that follow each other
// within a second belong together; one that is typed again and again goes
// from entry to entry.
func (b *Browser) Type(r rune) {
	now := b.env.Now()
	b.change(func() {
		if now.Sub(b.find.last) > restFind {
			b.find.text = ""
		}
		b.find.last = now
		typed := entry.Fold(string(r))
		if b.find.text != typed {
			b.find.text += typed
		}
		t := b.shown()
		from := t.find(b.selected)
		if utf8.RuneCountInString(b.find.text) > 1 {
			from-- // what is selected may go on to be it
		}
		for i := range t.len() {
			row := (max(from, -1) + 1 + i) % t.len()
			if strings.HasPrefix(t.folded[t.order[row]], b.find.text) {
				b.selected = t.entries[t.order[row]].Path
				return
			}
		}
	})
}

// SortBy orders the list by a column; by the same once more: the other way
// round.
func (b *Browser) SortBy(c Column) {
	if c != ColumnName && c != ColumnWhen && c != ColumnSize {
		return
	}
	b.change(func() {
		k := b.showing()
		by := Sort{By: c, Reverse: c != ColumnName}
		if b.sorts[k].By == c {
			by.Reverse = !b.sorts[k].Reverse
		}
		b.sorts[k] = by
		switch k {
		case inSearch:
			b.search.table = b.search.table.resorted(by)
		case inRecent:
			b.recent = b.recent.resorted(by)
		case inFolder:
			for _, f := range b.folders {
				f.table = f.table.resorted(by)
			}
		}
	})
}

// Reload asks for what is shown again.
func (b *Browser) Reload() {
	b.change(func() { b.reload() })
}

// reload is Reload under the lock.
func (b *Browser) reload() {
	if b.search.text != "" {
		b.ask(0)
		return
	}
	if b.at.kind == inFolder {
		b.load(b.at.path)
	}
	for p, f := range b.folders {
		if f.open && f.err != nil {
			b.load(p)
		}
	}
}

// Selected is what is selected, where it is in the list.
func (b *Browser) Selected() (api.Entry, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.shown()
	return t.at(t.find(b.selected))
}

// Folder is the folder in which something new would lie: the one that is
// shown; empty where that is none, or the spaces.
func (b *Browser) Folder() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.kind != inFolder || b.at.path == "/" || b.search.text != "" {
		return ""
	}
	return b.at.path
}

// Named is the entry of the folder that is shown that bears a name; case does
// not count. known tells whether its content is known at all.
func (b *Browser) Named(name string) (e api.Entry, found, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.kind != inFolder {
		return api.Entry{}, false, false
	}
	t := b.folder(b.at.path).table
	e, found = t.named(name)
	return e, found, t != nil
}

// showing is what the list shows now.
func (b *Browser) showing() kind {
	if b.search.text != "" {
		return inSearch
	}
	return b.at.kind
}

// shown is the table of the list; nil: not known.
func (b *Browser) shown() *table {
	switch b.showing() {
	case inSearch:
		return b.search.table
	case inRecent:
		return b.recent
	}
	return b.folder(b.at.path).table
}

// folder is what is known of a folder, made where nothing is.
func (b *Browser) folder(path string) *folder {
	f, ok := b.folders[path]
	if !ok {
		f = &folder{}
		b.folders[path] = f
	}
	return f
}

// hear takes what the service says.
func (b *Browser) hear(c desk.Change) {
	if b.learn(c) {
		b.changed()
	}
}
