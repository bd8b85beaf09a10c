package documents

import (
	"context"
	"errors"
	"path"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// Conflicts are the saves that met a newer version and wait for a choice.
type Conflicts struct {
	Empty *view.Empty // nil: there are some
	Intro string
	Items []Conflict
}

// Conflict is one of them: what others published, beside what this user saved.
type Conflict struct {
	ID   string
	Name string
	// Text says in one sentence what happened.
	Text         string
	Theirs, Mine Side
	// Choices are keep mine, keep theirs, keep both, each with what it does.
	Choices []Choice
	// News tells that the document has moved on since the user looked, Error
	// why his choice could not be carried out.
	News, Error string
	Busy        bool
}

// Side is one of the two versions.
type Side struct {
	Title   string
	Heading string // who, in the largest letters
	Facts   []view.Field
	// Path and Version name what a preview shows.
	Path    string
	Version int
	Kind    api.DocumentKind
	Picture Picture
	Open    view.Action

	size int64
}

// Choice is a button and what it does.
type Choice struct {
	Action  view.Action
	Explain string
}

// conflictState is what the room knows of a conflict beyond what the service
// says. moved tells that the last choice was made on facts that had changed.
type conflictState struct {
	busy  bool
	err   error
	moved bool
}

// conflictsView words the list. The caller holds mu.
func (r *Room) conflictsView(s desk.Snapshot) Conflicts {
	w := r.env.Words()
	if len(s.State.Conflicts) == 0 {
		return Conflicts{Empty: &view.Empty{Icon: view.IconGood, Title: w.T("documents.conflicts.none"), Text: w.T("documents.conflicts.none_hint")}}
	}
	v := Conflicts{Intro: w.T("documents.conflicts.intro", "count", len(s.State.Conflicts))}
	for _, c := range s.State.Conflicts {
		v.Items = append(v.Items, r.conflictView(c, s.State.Account))
	}
	return v
}

func (r *Room) conflictView(c api.Conflict, me api.Account) Conflict {
	w := r.env.Words()
	author := c.TheirAuthor
	if author == "" {
		author = w.T("documents.conflicts.somebody")
	}
	v := Conflict{ID: c.ID, Name: path.Base(c.Path)}
	key := "documents.conflicts.text"
	if c.Base == 0 {
		key = "documents.conflicts.text_new"
	}
	v.Text = w.T(key, "name", v.Name, "author", author, "theirs", c.Theirs, "base", c.Base)
	v.Theirs = Side{
		Title: w.T("documents.conflicts.theirs"), Heading: author, Path: c.Path, Version: c.Theirs, Kind: c.DocumentKind, size: c.TheirSize,
		Facts: r.sideFacts(c.Path, c.TheirTime, "documents.fact.published_at", c.TheirSize, c.Theirs, c.Base),
		Open:  r.openSide("open_theirs", c.Path, c.Theirs, c.DocumentKind),
	}
	mine := me.Name
	if mine == "" {
		mine = w.T("documents.conflicts.you")
	}
	v.Mine = Side{
		Title: w.T("documents.conflicts.mine"), Heading: mine, Path: c.Copy, Version: c.Mine, Kind: c.DocumentKind, size: c.MineSize,
		Facts: r.sideFacts(c.Copy, c.MineTime, "documents.fact.saved_at", c.MineSize, c.Mine, c.Base),
		Open:  r.openSide("open_mine", c.Copy, c.Mine, c.DocumentKind),
	}
	state := r.conflicts[c.ID]
	v.Busy = state.busy
	if state.moved {
		v.News = w.T("documents.conflicts.moved", "author", author, "theirs", c.Theirs)
	} else {
		v.Error = w.Error(state.err)
	}
	v.Choices = r.choices(c, author, state.busy)
	return v
}

func (r *Room) sideFacts(where string, when int64, whenKey string, size int64, version, base int) []view.Field {
	w := r.env.Words()
	facts := []view.Field{{Label: w.T("documents.fact.place"), Value: where}}
	if when != 0 {
		facts = append(facts, view.Field{Label: w.T(whenKey), Value: w.Time(when)})
	}
	facts = append(facts,
		view.Field{Label: w.T("documents.fact.size"), Value: w.Bytes(size)},
		view.Field{Label: w.T("documents.fact.version"), Value: w.T("documents.version", "version", version)})
	if base > 0 {
		facts = append(facts, view.Field{Label: w.T("documents.fact.base"), Value: w.T("documents.version", "version", base)})
	}
	return facts
}

func (r *Room) openSide(name, where string, version int, kind api.DocumentKind) view.Action {
	return view.Action{
		Name: name, Label: r.env.Words().T("documents.conflicts.open"),
		Do: func() { r.openVersion(where, version, kind, r.tell) },
	}
}

func (r *Room) choices(c api.Conflict, author string, busy bool) []Choice {
	w := r.env.Words()
	name := path.Base(c.Path)
	all := []Choice{}
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs, api.KeepBoth} {
		key := "documents.conflicts.keep_" + string(keep)
		a := view.Action{Name: "keep_" + string(keep), Label: w.T(key), Do: func() { r.endConflict(c, keep) }}
		if busy {
			a.Do, a.Why = nil, w.T("documents.busy")
		}
		all = append(all, Choice{Action: a, Explain: w.T(key+"_does", "name", name, "copy", path.Base(c.Copy), "author", author, "theirs", c.Theirs)})
	}
	return all
}

// endConflict hands in a choice, made on the facts that were shown. Where the
// document has moved on the conflict stays, and the new facts are looked at.
func (r *Room) endConflict(c api.Conflict, keep api.Keep) {
	r.change(func() { r.conflicts[c.ID] = conflictState{busy: true} })
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		return s.EndConflict(ctx, c.ID, api.ConflictAnswer{Keep: keep, Theirs: c.Theirs, Mine: c.Mine})
	}, func(err error) {
		r.change(func() {
			if err == nil {
				delete(r.conflicts, c.ID)
				return
			}
			r.conflicts[c.ID] = conflictState{err: err, moved: errors.Is(err, api.DocumentConflict) || errors.Is(err, api.DocumentChanged)}
		})
	})
}
