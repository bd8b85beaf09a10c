package browse

import (
	"context"
	"path"
	"strings"

	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
)

// maker is a folder that is being made.
type maker struct {
	open   bool
	in     string // the folder above
	name   string
	typed  bool // the user has typed something
	making bool
	err    error
}

// NewFolder is the line in which a new folder is named.
type NewFolder struct {
	Title       string
	Placeholder string
	Name        string
	// Problem says why the name cannot be; empty: nothing is wrong with it so far.
	Problem string
	// Ready tells that Make may be pressed.
	Ready        bool
	Make, Cancel string
}

// BeginFolder opens the line for a new folder in the folder that is shown.
func (b *Browser) BeginFolder() {
	in := b.Folder()
	if in == "" {
		return
	}
	b.change(func() { b.make = maker{open: true, in: in} })
}

// NameFolder takes what is typed as the name of the new folder.
func (b *Browser) NameFolder(name string) {
	b.change(func() {
		if b.make.open && !b.make.making && b.make.name != name {
			b.make.name, b.make.typed, b.make.err = name, true, nil
		}
	})
}

// CancelFolder closes the line.
func (b *Browser) CancelFolder() {
	b.change(func() {
		if !b.make.making {
			b.make = maker{}
		}
	})
}

// MakeFolder makes the folder and shows it.
func (b *Browser) MakeFolder() {
	b.change(func() {
		m := &b.make
		m.typed = true
		if !m.open || m.making || b.folderFault(b.env.Words()) != "" {
			return
		}
		m.making = true
		made := path.Join(m.in, strings.TrimSpace(m.name))
		b.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.CreateFolder(ctx, made) },
			func(err error) { b.madeFolder(made, err) })
	})
}

// madeFolder takes the outcome of MakeFolder.
func (b *Browser) madeFolder(made string, err error) {
	b.change(func() {
		above := path.Dir(made)
		if f, ok := b.folders[above]; ok && err == nil && !b.closed {
			f.known = f.known && f.loading
			b.load(above)
		}
		if !b.make.making || b.closed {
			return
		}
		if err != nil {
			b.make.making, b.make.err = false, err
			return
		}
		b.visit(place{kind: inFolder, path: made})
	})
}

// folderFault says why the new folder cannot bear its name, with the lock held.
func (b *Browser) folderFault(w *i18n.Words) string {
	name := strings.TrimSpace(b.make.name)
	if b.make.err != nil {
		return w.Error(b.make.err)
	}
	if name == "" {
		return w.T("browse.name_empty")
	}
	if problem := NameFault(w, name); problem != "" {
		return problem
	}
	if e, found := b.folder(b.make.in).table.named(name); found {
		if e.Folder {
			return w.T("browse.folder_exists", "name", e.Name)
		}
		return w.T("browse.document_exists", "name", e.Name)
	}
	return ""
}

// NameFault says why something in the cloud cannot bear a name; empty: it can.
func NameFault(w *i18n.Words, name string) string {
	if err := entry.CheckName(name); err != nil {
		return w.Error(err)
	}
	return ""
}

// newFolderView is the line for a new folder; nil: it is closed.
func (b *Browser) newFolderView(w *i18n.Words) *NewFolder {
	if !b.make.open {
		return nil
	}
	fault := b.folderFault(w)
	v := &NewFolder{
		Title: w.T("browse.new_folder_in", "folder", b.make.in), Placeholder: w.T("browse.new_folder_name"), Name: b.make.name,
		Ready: fault == "" && !b.make.making, Make: w.T("browse.make_folder"), Cancel: w.T("browse.cancel"),
	}
	if b.make.typed {
		v.Problem = fault
	}
	return v
}
