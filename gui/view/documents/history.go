package documents

import (
	"context"
	"path"

	"github.com/google/uuid"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// History is the versions of one document, newest first.
type History struct {
	Title   string
	Path    string
	Loading string
	Empty   string
	Error   string
	Retry   view.Action // beside Error
	// Note tells how the last thing ended that was done with a version.
	Note     string
	NoteTone view.Tone
	Rows     []VersionRow
	Close    view.Action
}

// VersionRow is one version.
type VersionRow struct {
	Number  int
	Title   string
	Newest  string // told of the newest alone
	Details string // author, time, size
	Comment string
	Open    view.Action
	Restore view.Action // no Label: it is the newest
}

type history struct {
	path      string
	kind      api.DocumentKind
	versions  []api.Version
	loading   bool
	restoring int // the version that is being restored
	err       error
	note      *note
}

// ShowHistory shows the versions of a document.
func (r *Room) ShowHistory(where string, kind api.DocumentKind) {
	r.change(func() { r.history = &history{path: where, kind: kind, loading: true} })
	r.loadHistory(where)
}

// CloseHistory goes back to the facts of the document.
func (r *Room) CloseHistory() { r.change(func() { r.history = nil }) }

func (r *Room) loadHistory(where string) {
	var versions []api.Version
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		versions, err = s.History(ctx, where)
		return err
	}, func(err error) {
		r.change(func() {
			if h := r.history; h != nil && h.path == where {
				h.loading, h.err = false, err
				if err == nil {
					h.versions = versions
				}
			}
		})
	})
}

// historyView words the versions; nil where none are shown. The caller holds mu.
func (r *Room) historyView() *History {
	h, w := r.history, r.env.Words()
	if h == nil {
		return nil
	}
	v := &History{
		Title: w.T("documents.history.title", "name", path.Base(h.path)), Path: h.path,
		Close: view.Action{Name: "close_history", Label: w.T("documents.history.close"), Do: r.CloseHistory},
	}
	if h.note != nil {
		v.Note, v.NoteTone = r.noteText(*h.note), h.note.tone
	}
	switch {
	case h.err != nil:
		v.Error = w.Error(h.err)
		v.Retry = view.Action{Name: "reload_history", Label: w.T("documents.retry"), Do: func() { r.ShowHistory(h.path, h.kind) }}
	case h.loading && len(h.versions) == 0:
		v.Loading = w.T("documents.loading")
	case len(h.versions) == 0:
		v.Empty = w.T("documents.history.none")
	}
	for i, version := range h.versions {
		v.Rows = append(v.Rows, r.versionRow(h, version, i == 0))
	}
	return v
}

func (r *Room) versionRow(h *history, version api.Version, newest bool) VersionRow {
	w := r.env.Words()
	row := VersionRow{
		Number: version.Number, Title: w.T("documents.version", "version", version.Number), Comment: i18n.Prose(version.Comment),
		Details: w.T("documents.history.details", "author", version.Author, "time", w.Time(version.Created), "size", w.Bytes(version.Size)),
		Open: view.Action{
			Name: "open_version", Label: w.T("documents.history.open"),
			Do: func() { r.openVersion(h.path, version.Number, h.kind, r.historyNote) },
		},
	}
	if newest {
		row.Newest = w.T("documents.history.newest")
		return row
	}
	row.Restore = view.Action{
		Name: "restore", Label: w.T("documents.history.restore"),
		Confirm: w.T("documents.history.restore_confirm", "version", version.Number, "newest", h.versions[0].Number),
	}
	if h.restoring != 0 {
		row.Restore.Why = w.T("documents.busy")
	} else {
		row.Restore.Do = func() { r.restore(h.path, version.Number) }
	}
	return row
}

// restore publishes an old version as the newest. Its operation stays the same
// when the call is made again, so that it makes one version only.
func (r *Room) restore(where string, version int) {
	r.inHistory(where, func(h *history) { h.restoring, h.note, h.err = version, nil, nil })
	request := api.RestoreRequest{Path: where, Version: version, Operation: uuid.NewString()}
	var made api.Version
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		made, err = s.Restore(ctx, request)
		return err
	}, func(err error) {
		r.inHistory(where, func(h *history) {
			h.restoring = 0
			h.note = &note{tone: view.Good, key: "restored", pairs: []any{"version", version, "number", made.Number}}
			if err != nil {
				h.note = &note{tone: view.Trouble, err: err}
			}
		})
		r.loadHistory(where)
		r.browser.Reload()
	})
}

func (r *Room) inHistory(where string, f func(*history)) {
	r.change(func() {
		if r.history != nil && r.history.path == where {
			f(r.history)
		}
	})
}

// historyNote shows below the title how opening a version ended.
func (r *Room) historyNote(n note) {
	r.change(func() {
		if r.history != nil {
			r.history.note = &n
		}
	})
}
