package browse

import (
	"path"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// treeLine is a line of the tree: what was used last, all spaces, or a folder.
type treeLine struct {
	path  string
	name  string
	depth int
}

// Toggle folds or unfolds a folder of the tree. One that could not be listed
// is asked for again.
func (b *Browser) Toggle(path string) {
	b.change(func() {
		f := b.folder(path)
		f.open, b.tree = !f.open, nil
		if f.open && (!f.known || f.err != nil) {
			b.load(path)
		}
	})
}

// unfold opens the way to a folder in the tree, and asks for what is not known
// of it.
func (b *Browser) unfold(to string) {
	b.tree = nil
	for p := path.Clean("/" + to); ; p = path.Dir(p) {
		f := b.folder(p)
		if p != to || p == "/" {
			f.open = true
		}
		if f.open && !f.known && !f.loading {
			b.load(p)
		}
		if p == "/" {
			return
		}
	}
}

// lines lays the tree out, with the lock held.
func (b *Browser) lines() []treeLine {
	if b.tree != nil {
		return b.tree
	}
	lines := []treeLine{{path: RecentID}, {path: "/"}}
	var below func(path string, depth int)
	below = func(path string, depth int) {
		f, ok := b.folders[path]
		if !ok || !f.open {
			return
		}
		for _, e := range f.folders {
			if len(e.Path) <= len(path) {
				continue // nothing lies in itself, whoever says so
			}
			lines = append(lines, treeLine{path: e.Path, name: e.Name, depth: depth})
			below(e.Path, depth+1)
		}
	}
	below("/", 1)
	b.tree = lines
	return lines
}

// Tree is the tree, laid out line by line. It is not changed any more: another
// one follows it.
type Tree struct {
	lines  []treeLine
	states map[string]treeState
	words  *i18n.Words
	// Selected is the line of what the list shows; -1: none.
	Selected int
}

// treeState is what a line says beside its name. Most say nothing.
type treeState struct {
	open, leaf, loading bool
	err                 error
}

// treeView is the tree as it is now, with the lock held.
func (b *Browser) treeView(w *i18n.Words) Tree {
	t := Tree{lines: b.lines(), states: make(map[string]treeState, len(b.folders)), words: w, Selected: -1}
	for p, f := range b.folders {
		t.states[p] = treeState{open: f.open, leaf: f.known && len(f.folders) == 0, loading: f.loading && !f.known, err: f.err}
	}
	id := b.at.path
	if b.at.kind == inRecent {
		id = RecentID
	}
	if b.search.text == "" {
		t.Selected = slices.IndexFunc(t.lines, func(l treeLine) bool { return l.path == id })
	}
	return t
}

// Len is the number of lines.
func (t Tree) Len() int { return len(t.lines) }

// Row is a line. Its ID is what Go and Toggle take.
func (t Tree) Row(i int) view.Row {
	if i < 0 || i >= len(t.lines) {
		return view.Row{}
	}
	l := t.lines[i]
	switch l.path {
	case RecentID:
		return view.Row{ID: RecentID, Icon: view.IconClock, Title: t.words.T("browse.recent")}
	case "/":
		l.name = t.words.T("browse.spaces")
	}
	s := t.states[l.path]
	row := view.Row{
		ID: l.path, Icon: Icon(api.Entry{Path: l.path, Name: l.name, Folder: true}), Title: l.name,
		Depth: l.depth, Branch: !s.leaf, Expanded: s.open && !s.leaf,
	}
	if l.path == "/" {
		row.Icon, row.Branch = view.IconCloud, true
	}
	switch {
	case s.loading:
		row.Status, row.Tone = t.words.T("browse.loading"), view.Busy
	case s.err != nil && s.open:
		row.Status, row.Tone = t.words.Error(s.err), view.Trouble
	}
	return row
}

// Beside is the line to which the arrow keys lead from a line: left closes a
// folder or goes to the one above, right opens it or goes into it. toggle tells
// that the line itself is to be folded or unfolded instead.
func (t Tree) Beside(i int, right bool) (line int, toggle bool) {
	if i < 0 || i >= len(t.lines) {
		return i, false
	}
	row := t.Row(i)
	switch {
	case right && row.Branch && !row.Expanded, !right && row.Expanded && row.ID != "/":
		return i, true
	case right && row.Expanded && i+1 < len(t.lines) && t.lines[i+1].depth > row.Depth:
		return i + 1, false
	case !right:
		above := path.Dir(row.ID)
		if at := slices.IndexFunc(t.lines, func(l treeLine) bool { return l.path == above }); at >= 0 && strings.HasPrefix(row.ID, "/") {
			return at, false
		}
	}
	return i, false
}
