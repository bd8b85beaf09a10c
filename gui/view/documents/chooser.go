package documents

import (
	"context"
	"path"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
)

// Chooser lets the user choose another place for a save: a folder and a name.
type Chooser struct {
	Title     string
	Folder    string // the path of the folder shown
	Up        view.Action
	Folders   []view.Action // each opens one
	Empty     string        // told where there are no folders
	Loading   string        // told while the folder is being listed
	NameLabel string
	Name      string
	// Fault tells what is wrong with the name, Note what there is already.
	Fault, Note string
	Error       string
	OK, Cancel  view.Action
}

type chooser struct {
	operation, folder, name string
	entries                 []api.Entry
	loading, sending        bool
	err                     error
}

// choosePlace opens the chooser at the place that the save was meant for, or
// as far up from it as there is something.
func (r *Room) choosePlace(t api.Transfer) {
	r.change(func() { r.chooser = &chooser{operation: t.Operation, folder: "/", name: path.Base(t.Path)} })
	folder := path.Dir(t.Path)
	if t.Path == "" || (t.Reason != nil && t.Reason.Code == api.NotFound) {
		folder = "/"
	}
	r.chooserOpen(folder)
}

// ChooserName takes what the user types as the name.
func (r *Room) ChooserName(name string) {
	r.change(func() {
		if r.chooser != nil {
			r.chooser.name = name
		}
	})
}

// CloseChooser leaves the save where it is.
func (r *Room) CloseChooser() { r.change(func() { r.chooser = nil }) }

func (r *Room) chooserOpen(folder string) {
	var operation string
	r.change(func() {
		if r.chooser == nil {
			return
		}
		operation = r.chooser.operation
		r.chooser.folder, r.chooser.entries, r.chooser.loading, r.chooser.err = folder, nil, true, nil
	})
	var listing api.Listing
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		listing, err = s.List(ctx, folder)
		return err
	}, func(err error) {
		r.change(func() {
			if r.chooser != nil && r.chooser.operation == operation && r.chooser.folder == folder {
				r.chooser.loading, r.chooser.entries, r.chooser.err = false, listing.Entries, err
			}
		})
	})
}

// chooserView words the chooser; nil where it is closed. The caller holds mu.
func (r *Room) chooserView(s desk.Snapshot) *Chooser {
	c, w := r.chooser, r.env.Words()
	if c == nil || !transferThere(s.State.Transfers, c.operation) {
		return nil
	}
	v := &Chooser{
		Title: w.T("documents.chooser.title"), Folder: c.folder, NameLabel: w.T("documents.chooser.name"), Name: c.name,
		Error:  w.Error(c.err),
		Up:     view.Action{Name: "up", Label: w.T("documents.chooser.up")},
		OK:     view.Action{Name: "ok", Label: w.T("documents.chooser.ok"), Primary: true},
		Cancel: view.Action{Name: "cancel", Label: w.T("documents.cancel"), Do: r.CloseChooser},
	}
	if c.folder != "/" {
		v.Up.Do = func() { r.chooserOpen(path.Dir(c.folder)) }
	}
	var taken *api.Entry
	for i, e := range c.entries {
		if e.Folder {
			v.Folders = append(v.Folders, view.Action{Name: e.Path, Label: e.Name, Do: func() { r.chooserOpen(e.Path) }})
		}
		if entry.Fold(e.Name) == entry.Fold(c.name) {
			taken = &c.entries[i]
		}
	}
	if c.loading {
		v.Loading = w.T("documents.loading")
	} else if len(v.Folders) == 0 {
		v.Empty = w.T("documents.chooser.no_folders")
	}
	r.chooserVerdict(c, v, taken)
	return v
}

// chooserVerdict decides whether the place can be taken, and what that means.
func (r *Room) chooserVerdict(c *chooser, v *Chooser, taken *api.Entry) {
	w := r.env.Words()
	to := api.Redirect{Path: path.Join(c.folder, c.name)}
	v.Fault = nameFault(w, c.name)
	switch {
	case v.Fault != "":
	case c.folder == "/":
		v.Note = w.T("documents.chooser.space")
	case taken != nil && taken.Folder:
		v.Fault = w.T("documents.name.folder", "name", taken.Name)
	case taken != nil && taken.CheckedOutBy != "" && !taken.Mine:
		v.Fault = w.T("documents.name.checked_out", "name", taken.Name, "owner", taken.CheckedOutBy)
	case taken != nil:
		to = api.Redirect{Path: taken.Path, Overwrite: true}
		v.Note = w.T("documents.chooser.taken", "name", taken.Name)
		v.OK.Label = w.T("documents.chooser.new_version")
	}
	v.OK.Why = v.Fault
	if v.Fault == "" && c.folder == "/" {
		v.OK.Why = v.Note
	}
	if v.OK.Why == "" && !c.loading && !c.sending {
		v.OK.Do = func() { r.chosen(c.operation, to) }
	}
}

func (r *Room) chosen(operation string, to api.Redirect) {
	r.change(func() {
		if r.chooser != nil {
			r.chooser.sending, r.chooser.err = true, nil
		}
	})
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.Redirect(ctx, operation, to) }, func(err error) {
		r.change(func() {
			switch {
			case r.chooser == nil || r.chooser.operation != operation:
			case err == nil:
				r.chooser = nil
			default:
				r.chooser.sending, r.chooser.err = false, err
			}
		})
	})
}

func transferThere(list []api.Transfer, operation string) bool {
	for _, t := range list {
		if t.Operation == operation {
			return true
		}
	}
	return false
}

// nameFault tells why a name should not be that of a document; empty: it can
// be. A name that only Windows refuses is refused too: colleagues open it there.
func nameFault(w *i18n.Words, name string) string {
	if strings.TrimSpace(name) == "" {
		return w.T("documents.name.empty")
	}
	if fault := browse.NameFault(w, name); fault != "" {
		return fault
	}
	if reason := entry.WindowsFault(name); reason != "" {
		return w.Error(api.Fail(api.NameInvalid, "name", name).Why(api.Explain(reason)))
	}
	return ""
}
