package browse

import (
	"path"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// View is what is to be seen of a browser. It is not changed any more.
type View struct {
	Crumbs []Crumb
	// Search is the text of the search field, SearchHint what stands in it while
	// it is empty.
	Search, SearchHint string
	Columns            []ColumnHead
	Rows               Rows
	// Selected is the row that is selected; -1: none.
	Selected int
	Tree     Tree
	// Loading tells that an answer is awaited; what is known is shown meanwhile.
	Loading bool
	// Banner stands above the list: a listing that is old, an error.
	Banner view.Banner
	// Empty stands in place of the list; nil: there are rows.
	Empty *view.Empty
	// Summary says in words what the list holds.
	Summary string
	// NewFolder is the line in which a new folder is named; nil: closed.
	NewFolder *NewFolder
	// AddFolder, Refresh, Up and Back are buttons.
	AddFolder, Refresh, Up, Back view.Action
}

// Crumb is a part of the way to the folder that is shown. Go takes its Path.
type Crumb struct{ Label, Path string }

// ColumnHead is the head of a column.
type ColumnHead struct {
	Column Column
	Title  string
	// Sortable tells that SortBy takes it; Sorted and Reverse how it is sorted now.
	Sortable, Sorted, Reverse bool
	// Spoken is what the order is in words.
	Spoken string
}

// Rows are the rows of the list. They are worded when they are drawn.
type Rows struct {
	table  *table
	words  *i18n.Words
	where  bool // the rows come from many folders
	recent bool
	failed map[string]*api.Error // saves that could not be published, by path
}

// View is what is to be seen now.
func (b *Browser) View() View {
	w := b.env.Words()
	snapshot := b.env.Desk.Snapshot()
	b.mu.Lock()
	defer b.mu.Unlock()
	t, k := b.shown(), b.showing()
	v := View{
		Crumbs: b.crumbs(w), Search: b.search.text, SearchHint: w.T("browse.search"), Columns: heads(w, k, b.sorts[k]),
		Rows:     Rows{table: t, words: w, where: k != inFolder, recent: k == inRecent, failed: failures(snapshot.State.Transfers)},
		Selected: t.find(b.selected), Tree: b.treeView(w), NewFolder: b.newFolderView(w),
	}
	b.tell(&v, w, k, t)
	v.buttons(b, w)
	return v
}

// failures are the saves that could not be published.
func failures(transfers []api.Transfer) map[string]*api.Error {
	var out map[string]*api.Error
	for _, t := range transfers {
		if t.State == "failed" {
			if out == nil {
				out = map[string]*api.Error{}
			}
			out[t.Path] = t.Reason
		}
	}
	return out
}

// tell says how the list stands.
func (b *Browser) tell(v *View, w *i18n.Words, k kind, t *table) {
	var err error
	var stale bool
	retry := &view.Action{Name: "retry", Label: w.T("browse.retry"), Do: b.Reload}
	switch k {
	case inFolder:
		f := b.folder(b.at.path)
		v.Loading, err, stale = f.loading, f.err, f.stale
	case inSearch:
		v.Loading, err, stale = b.search.loading, b.search.err, b.search.stale
	case inRecent:
		v.Loading = t == nil
	}
	if err != nil && b.opts.Mend != nil {
		if a := b.opts.Mend(err); a != nil {
			retry = a
		}
	}
	switch {
	case t == nil && err != nil && !v.Loading:
		v.Empty = &view.Empty{Icon: view.IconTrouble, Title: w.T("browse.not_listed"), Text: w.Error(err), Action: retry}
	case t == nil:
		v.Empty = &view.Empty{Icon: view.IconBusy, Title: w.T("browse.loading")}
	case t.len() == 0 && err == nil:
		v.Empty = b.nothing(w, k)
	}
	switch {
	case t == nil:
	case err != nil:
		v.Banner = view.Banner{Tone: view.Trouble, Text: w.Error(err), Action: retry}
	case stale:
		v.Banner = view.Banner{Tone: view.Attention, Text: w.T("browse.stale"), Action: retry}
	case k == inSearch && b.search.more:
		v.Banner = view.Banner{Tone: view.Quiet, Text: w.T("browse.more", "n", w.Number(t.len()))}
	}
	if t != nil {
		v.Summary = count(w, k, t.len())
	}
}

// count says how much the list holds.
func count(w *i18n.Words, k kind, n int) string {
	key := "browse.count"
	if k == inSearch {
		key = "browse.found"
	}
	if n == 1 {
		return w.T(key + "_one")
	}
	return w.T(key, "n", w.Number(n))
}

// nothing is what an empty list says.
func (b *Browser) nothing(w *i18n.Words, k kind) *view.Empty {
	switch {
	case k == inSearch:
		return &view.Empty{Icon: view.IconSearch, Title: w.T("browse.none_found", "text", brief(strings.TrimSpace(b.search.text))), Text: w.T("browse.none_found_hint")}
	case k == inRecent:
		return &view.Empty{Icon: view.IconClock, Title: w.T("browse.none_recent"), Text: w.T("browse.none_recent_hint")}
	case b.at.path == "/":
		return &view.Empty{Icon: view.IconSpace, Title: w.T("browse.no_space"), Text: w.T("browse.no_space_hint")}
	}
	return &view.Empty{Icon: view.IconFolder, Title: w.T("browse.empty"), Text: w.T("browse.empty_hint")}
}

// crumbs are the way to what is shown.
func (b *Browser) crumbs(w *i18n.Words) []Crumb {
	if b.at.kind == inRecent {
		return []Crumb{{Label: w.T("browse.recent"), Path: RecentID}}
	}
	crumbs := []Crumb{{Label: w.T("browse.spaces"), Path: "/"}}
	at := "/"
	for name := range strings.SplitSeq(strings.Trim(b.at.path, "/"), "/") {
		if name != "" {
			at = path.Join(at, name)
			crumbs = append(crumbs, Crumb{Label: name, Path: at})
		}
	}
	return crumbs
}

// heads are the columns of a list.
func heads(w *i18n.Words, k kind, by Sort) []ColumnHead {
	when, who := "browse.column.when", ColumnHead{Column: ColumnWho, Title: w.T("browse.column.who")}
	if k == inRecent {
		when = "browse.column.used"
	}
	if k != inFolder {
		who = ColumnHead{Column: ColumnWhere, Title: w.T("browse.column.where")}
	}
	out := []ColumnHead{
		{Column: ColumnName, Title: w.T("browse.column.name"), Sortable: true},
		{Column: ColumnVersion, Title: w.T("browse.column.version")},
		who,
		{Column: ColumnWhen, Title: w.T(when), Sortable: true},
		{Column: ColumnSize, Title: w.T("browse.column.size"), Sortable: true},
		{Column: ColumnState, Title: w.T("browse.column.state")},
	}
	for i := range out {
		if out[i].Column != by.By {
			continue
		}
		out[i].Sorted, out[i].Reverse = true, by.Reverse
		out[i].Spoken = w.T("browse.rising")
		if by.Reverse {
			out[i].Spoken = w.T("browse.falling")
		}
	}
	return out
}

// buttons are the buttons that every browser has. The lock is held.
func (v *View) buttons(b *Browser, w *i18n.Words) {
	v.AddFolder = view.Action{Name: "new_folder", Label: w.T("browse.new_folder"), Do: b.BeginFolder}
	if b.at.kind != inFolder || b.at.path == "/" || b.search.text != "" {
		v.AddFolder.Do, v.AddFolder.Why = nil, w.T("browse.no_folder_here")
	}
	v.Refresh = view.Action{Name: "refresh", Label: w.T("browse.refresh"), Do: b.Reload}
	v.Up = view.Action{Name: "up", Label: w.T("browse.up"), Do: b.Up}
	if b.search.text == "" && b.at.kind == inFolder && b.at.path == "/" {
		v.Up.Do, v.Up.Why = nil, w.T("browse.at_top")
	}
	v.Back = view.Action{Name: "back", Label: w.T("browse.back"), Do: b.Back}
	if len(b.back) == 0 {
		v.Back.Do, v.Back.Why = nil, w.T("browse.nothing_before")
	}
}

// Len is the number of rows.
func (r Rows) Len() int { return r.table.len() }

// Entry is the entry of a row.
func (r Rows) Entry(i int) (api.Entry, bool) { return r.table.at(i) }

// Row is a row: ID is its path, Cells are version, who (in a search
// and in what was used last: where), when and size.
func (r Rows) Row(i int) view.Row {
	e, ok := r.table.at(i)
	if !ok {
		return view.Row{}
	}
	row := view.Row{ID: e.Path, Icon: Icon(e), Title: e.Name, Cells: make([]string, 4)}
	if r.where {
		row.Cells[1] = path.Dir(e.Path)
	}
	if e.Modified != 0 {
		row.Cells[2] = r.words.Time(e.Modified)
	}
	if e.Folder {
		return row
	}
	if e.Version > 0 {
		row.Cells[0] = strconv.Itoa(e.Version)
	}
	if !r.where {
		row.Cells[1] = e.Author
	}
	if !r.recent {
		row.Cells[3] = r.words.Bytes(e.Size)
	}
	row.Status, row.Tone = State(r.words, e)
	if reason := r.failed[e.Path]; reason != nil {
		row.Status, row.Tone = r.words.T("browse.failed", "reason", r.words.Error(reason)), view.Trouble
	}
	return row
}

// State says what a colleague has to know of a document before he opens it.
func State(w *i18n.Words, e api.Entry) (string, view.Tone) {
	switch {
	case e.Pending && e.Mine:
		return w.T("browse.pending_mine"), view.Busy
	case e.Pending && e.CheckedOutBy != "":
		return w.T("browse.pending_theirs", "who", e.CheckedOutBy), view.Attention
	case e.Pending:
		return w.T("browse.pending"), view.Busy
	case e.Mine:
		return w.T("browse.mine"), view.Good
	case e.CheckedOutBy != "":
		return w.T("browse.theirs", "who", e.CheckedOutBy), view.Attention
	}
	return "", view.Quiet
}
