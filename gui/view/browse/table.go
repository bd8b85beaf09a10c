package browse

import (
	"cmp"
	"slices"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// Column names a column of the list.
type Column string

// The columns. The name is the title of a row and the state its status; the
// others are its cells, in this order.
const (
	ColumnName    Column = "name"
	ColumnVersion Column = "version"
	ColumnWho     Column = "who"
	ColumnWhere   Column = "where" // in place of who, where the rows come from many folders
	ColumnWhen    Column = "when"
	ColumnSize    Column = "size"
	ColumnState   Column = "state"
)

// Sort is an order of the list. Folders always go first.
type Sort struct {
	By      Column // ColumnName, ColumnWhen or ColumnSize
	Reverse bool
}

// table is a listing that is not changed any more: any number of views share
// it.
type table struct {
	entries []api.Entry
	folded  []string       // their names without case
	rank    []int32        // where each stands by its name
	place   map[string]int // the index of a path in entries
	// order and row are the order that is shown, and its inverse.
	order, row []int32
}

// newTable takes entries over. Several with one path count as one.
func newTable(entries []api.Entry, by Sort) *table {
	t := &table{entries: entries, place: make(map[string]int, len(entries))}
	t.entries = slices.DeleteFunc(t.entries, func(e api.Entry) bool {
		_, twice := t.place[e.Path]
		t.place[e.Path] = 0
		return twice
	})
	n := len(t.entries)
	t.folded, t.rank = make([]string, n), make([]int32, n)
	names := make([]int32, n)
	for i, e := range t.entries {
		t.place[e.Path], t.folded[i], names[i] = i, entry.Fold(e.Name), int32(i) //nolint:gosec // a listing is bounded by the size of an answer
	}
	slices.SortFunc(names, func(a, b int32) int {
		x, y := &t.entries[a], &t.entries[b]
		return cmp.Or(naturalFolded(t.folded[a], t.folded[b]), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Path, y.Path))
	})
	for at, i := range names {
		t.rank[i] = int32(at) //nolint:gosec // as above
	}
	return t.sorted(by)
}

// sorted is the same table in another order.
func (t *table) sorted(by Sort) *table {
	out := *t
	out.order, out.row = make([]int32, len(t.entries)), make([]int32, len(t.entries))
	for i := range out.order {
		out.order[i] = int32(i) //nolint:gosec // as above
	}
	slices.SortFunc(out.order, func(a, b int32) int {
		x, y := &t.entries[a], &t.entries[b]
		if x.Folder != y.Folder {
			if x.Folder {
				return -1
			}
			return 1
		}
		c := 0
		switch by.By {
		case ColumnWhen:
			c = cmp.Compare(x.Modified, y.Modified)
		case ColumnSize:
			c = cmp.Compare(x.Size, y.Size)
		}
		name := cmp.Compare(t.rank[a], t.rank[b])
		if by.Reverse && by.By == ColumnName {
			name = -name
		}
		if by.Reverse {
			c = -c
		}
		return cmp.Or(c, name)
	})
	for at, i := range out.order {
		out.row[i] = int32(at) //nolint:gosec // as above
	}
	return &out
}

// len is safe on nil, as are at and find.
func (t *table) len() int {
	if t == nil {
		return 0
	}
	return len(t.order)
}

// at is the entry of a row.
func (t *table) at(row int) (api.Entry, bool) {
	if row < 0 || row >= t.len() {
		return api.Entry{}, false
	}
	return t.entries[t.order[row]], true
}

// find is the row of a path, -1 where it is not there.
func (t *table) find(path string) int {
	if t == nil {
		return -1
	}
	i, ok := t.place[path]
	if !ok {
		return -1
	}
	return int(t.row[i])
}

// named is the entry of a name, as file systems that ignore case compare it.
func (t *table) named(name string) (api.Entry, bool) {
	if t == nil {
		return api.Entry{}, false
	}
	folded, found := entry.Fold(name), -1
	for i := range t.entries {
		if t.entries[i].Name == name {
			return t.entries[i], true
		}
		if t.folded[i] == folded {
			found = i
		}
	}
	if found < 0 {
		return api.Entry{}, false
	}
	return t.entries[found], true
}

// folders are the folders in it, by their names.
func (t *table) folders() []api.Entry {
	var out []api.Entry
	for i, e := range t.entries {
		if e.Folder {
			out = append(out, t.entries[i])
		}
	}
	slices.SortFunc(out, func(a, b api.Entry) int { return cmp.Compare(t.rank[t.place[a.Path]], t.rank[t.place[b.Path]]) })
	return out
}
