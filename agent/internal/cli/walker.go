package cli

import (
	"context"
	"path"
	"strings"

	"iscdesk.dev/agent/api"
)

// walker is the picker: the folder that is shown, what of it matches the
// filter, and the line that the cursor is on. It knows no terminal.
type walker struct {
	pick api.Pick
	list func(context.Context, string) (api.Listing, error)
	term *printer

	folder    string
	entries   []api.Entry
	filter    string
	cursor    int
	checkout  bool
	problem   string     // what went wrong last, for the status line
	overwrite *api.Entry // the document that saving would give a new version
}

// item is one line that can be chosen.
type item struct {
	kind  itemKind
	entry api.Entry
}

type itemKind int

const (
	itemEntry itemKind = iota
	itemUp
	itemSaveHere
)

// items are the lines that are shown now.
func (w *walker) items() (items []item) {
	if w.folder != "/" {
		items = append(items, item{kind: itemUp})
		if w.pick.Kind == api.PickSaveAs {
			items = append(items, item{kind: itemSaveHere})
		}
	}
	for _, e := range w.entries {
		if strings.Contains(strings.ToLower(e.Name), strings.ToLower(w.filter)) {
			items = append(items, item{kind: itemEntry, entry: e})
		}
	}
	return items
}

// enter shows a folder.
func (w *walker) enter(ctx context.Context, folder string) error {
	listing, err := w.list(ctx, folder)
	if err != nil {
		return err
	}
	w.folder, w.entries = folder, listing.Entries
	w.filter, w.cursor, w.problem, w.overwrite = "", 0, "", nil
	return nil
}

// tryEnter shows a folder, or says why it cannot.
func (w *walker) tryEnter(ctx context.Context, folder string) {
	if err := w.enter(ctx, folder); err != nil {
		w.problem = w.term.reason(api.AsError(err))
	}
}

func (w *walker) up(ctx context.Context) {
	if w.folder != "/" {
		w.tryEnter(ctx, path.Dir(w.folder))
	}
}

// take chooses a line. done tells that the pick is answered.
func (w *walker) take(ctx context.Context, it item) (answer api.PickAnswer, done bool) {
	w.problem = ""
	switch {
	case it.kind == itemUp:
		w.up(ctx)
	case it.kind == itemSaveHere:
		return w.saveHere(w.pick.SuggestedName)
	case it.entry.Folder:
		w.tryEnter(ctx, w.at(it.entry.Name))
	case w.pick.Kind == api.PickSaveAs:
		return w.confirmOverwrite(it.entry)
	default:
		return api.PickAnswer{Path: w.at(it.entry.Name), Checkout: w.checkout}, true
	}
	return api.PickAnswer{}, false
}

// saveHere answers with a name in this folder, unless that name is taken.
func (w *walker) saveHere(name string) (api.PickAnswer, bool) {
	if name == "" || strings.ContainsAny(name, "/\x00") {
		w.problem = w.term.text("pick.bad_name")
		return api.PickAnswer{}, false
	}
	for _, e := range w.entries {
		if e.Name == name && !e.Folder {
			return w.confirmOverwrite(e)
		}
	}
	return api.PickAnswer{Path: w.at(name)}, true
}

// confirmOverwrite takes an existing document at the second time of asking.
func (w *walker) confirmOverwrite(e api.Entry) (api.PickAnswer, bool) {
	if w.overwrite != nil && w.overwrite.Name == e.Name {
		return api.PickAnswer{Path: w.at(e.Name), Overwrite: true}, true
	}
	w.overwrite = &e
	w.problem = w.term.text("pick.overwrite", "name", e.Name)
	return api.PickAnswer{}, false
}

func (w *walker) at(name string) string { return path.Join(w.folder, name) }

// label is the text of a line.
func (w *walker) label(it item) string {
	switch it.kind {
	case itemUp:
		return w.term.text("pick.up")
	case itemSaveHere:
		return w.term.text("pick.save_here", "name", w.pick.SuggestedName)
	}
	e := it.entry
	if e.Folder {
		return safe(e.Name) + "/"
	}
	label := w.term.text("pick.document", "name", e.Name, "version", e.Version, "size", w.term.size(e.Size), "author", e.Author)
	if e.CheckedOutBy != "" {
		label += " " + w.term.text("files.theirs", "who", e.CheckedOutBy)
	}
	return label
}

// heading says where the user is and what the keys do.
func (w *walker) heading() []string {
	mode := "pick.mode.open"
	switch {
	case w.pick.Kind == api.PickSaveAs:
		mode = "pick.mode.save"
	case w.checkout:
		mode = "pick.mode.checkout"
	}
	return []string{w.term.text("pick.where", "folder", w.folder, "mode", w.term.text(mode))}
}
