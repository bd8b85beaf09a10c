package documents

import (
	"path"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/pictures"
)

// shownConflicts bounds how many conflicts are shown with pictures at a time.
const shownConflicts = 8

// illustrate adds the pictures to what is to be seen. The caller holds mu.
func (r *Room) illustrate(v *View) {
	var wishes []pictures.Wish
	var places []*Picture
	add := func(e api.Entry, version int, p *Picture) {
		p.Icon = browse.Icon(e)
		wishes, places = append(wishes, pictures.Wish{Entry: e, Version: version}), append(places, p)
	}
	switch {
	case v.Part == PartConflicts:
		for i := range v.Conflicts.Items {
			if c := &v.Conflicts.Items[i]; i < shownConflicts {
				add(c.Theirs.entry(), c.Theirs.Version, &c.Theirs.Picture)
				add(c.Mine.entry(), c.Mine.Version, &c.Mine.Picture)
			}
		}
	case v.Part == PartBrowse && v.Detail.Title != "" && v.History == nil:
		add(*r.entry, 0, &v.Detail.Picture)
	}
	if r.cfg.Pictures == nil || len(wishes) == 0 {
		return
	}
	w := r.env.Words()
	for i, shown := range r.cfg.Pictures.Pictures(r.env.Refresh, wishes...) {
		p := places[i]
		p.Image = shown.Image
		switch {
		case shown.Waiting:
			p.Text = w.T("documents.picture.waits")
		case shown.Image == nil:
			p.Text, p.None = w.T("documents.picture.none"), true
		}
	}
}

// entry is the document of a side, as the browser would list it.
func (s Side) entry() api.Entry {
	return api.Entry{Path: s.Path, Name: path.Base(s.Path), Kind: s.Kind, Size: s.size, Version: s.Version}
}
