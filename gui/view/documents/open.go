package documents

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// Content moves documents to and from the user's disk; content.Disk does.
type Content interface {
	Look(ctx context.Context, c content.Connector, o workspace.Order) (workspace.Found, error)
	Open(ctx context.Context, c content.Connector, o workspace.Order) (workspace.Opened, error)
	OpenVersion(ctx context.Context, c content.Connector, o workspace.Order) (workspace.Opened, error)
	CopyTo(ctx context.Context, c content.Connector, o workspace.Order, folder string) (workspace.Opened, error)
	Save(ctx context.Context, c content.Connector, p content.Put) (api.Saved, error)
	Origin(ctx context.Context, c content.Connector, local string) (api.OpenedDocument, bool)
	Sort(ctx context.Context, paths []string) []content.Item
	Files(ctx context.Context, folder string) []content.Item
}

// drawPause is how often progress is drawn.
const drawPause = 100 * time.Millisecond

// order is what brings a version (0: the newest) of a document to the disk.
func (r *Room) order(where string, version int, kind api.DocumentKind, mine bool) workspace.Order {
	o := workspace.Order{Root: r.env.Desk.Snapshot().State.Settings.Workspace}
	o.Path, o.Version, o.Kind, o.OpenType, o.WorkState = where, version, kind, api.OpenOnly, api.CheckedIn
	if mine {
		o.OpenType, o.WorkState = api.OpenAndCheckout, api.CheckedOut
	}
	return o
}

// begin tells that something is being done with a document, until end.
func (r *Room) begin(where, busy string) {
	r.change(func() { r.detail = detail{path: where, busy: busy} })
}

func (r *Room) end(where string, n *note) {
	r.change(func() {
		if r.detail.path != where {
			return
		}
		r.detail = detail{path: where, note: n}
		if r.entry != nil && r.entry.Path != where {
			r.detail.path = r.entry.Path
		}
	})
}

func (r *Room) failed(where string, err error) { r.end(where, &note{tone: view.Trouble, err: err}) }

// progress gives a function that shows how far a transfer is.
func (r *Room) progress(where string) func(done, total int64) {
	tell := r.pacer()
	return func(done, total int64) {
		if !tell(done == total) {
			return
		}
		r.change(func() {
			if r.detail.path == where && r.detail.busy != "" {
				r.detail.done, r.detail.total = done, total
			}
		})
	}
}

// Open brings a document to the disk, unless what lies there is it already, and
// opens it with the program that the desktop has for it. A copy with changes
// that were never saved is not put aside unasked.
func (r *Room) Open(e api.Entry) { r.open(e, r.env.Local.Open) }

// OpenFolder does the same and shows the folder that it lies in.
func (r *Room) OpenFolder(e api.Entry) {
	r.open(e, func(local string) { r.env.Local.Open(filepath.Dir(local)) })
}

func (r *Room) open(e api.Entry, show func(local string)) {
	r.begin(e.Path, "look")
	o := r.order(e.Path, 0, e.Kind, e.Mine)
	var found workspace.Found
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		found, err = r.content.Look(ctx, s, o)
		return err
	}, func(err error) {
		ours := found.Opened.Path == e.Path
		switch {
		case err != nil:
			r.failed(e.Path, err)
		case found.There && ours && found.Changed:
			r.ask(e.Path, question{key: "unsaved", answers: []answer{
				{name: "open_mine", primary: true, do: func() { r.end(e.Path, nil); show(found.LocalPath) }},
				{name: "save_mine", do: func() { r.saveLocal(e, found.LocalPath, nil) }},
				{name: "get_newest", do: func() { r.fetch(e, o, show) }},
			}})
		case found.There && ours && found.Opened.Version >= e.Version:
			r.end(e.Path, nil)
			show(found.LocalPath)
		default:
			r.fetch(e, o, show)
		}
	})
}

func (r *Room) ask(where string, q question) {
	r.change(func() { r.detail = detail{path: where, question: &q} })
}

func (r *Room) fetch(e api.Entry, o workspace.Order, show func(local string)) {
	r.begin(e.Path, "open")
	o.Progress = r.progress(e.Path)
	var opened workspace.Opened
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		opened, err = r.content.Open(ctx, s, o)
		return err
	}, func(err error) {
		if err != nil {
			r.failed(e.Path, err)
			return
		}
		var n *note
		if opened.Aside != "" {
			n = &note{tone: view.Attention, key: "aside", pairs: []any{"file", opened.Aside}}
		}
		r.end(e.Path, n)
		show(opened.LocalPath)
	})
}

// openVersion opens an old version as a copy of its own.
func (r *Room) openVersion(where string, version int, kind api.DocumentKind, tell func(note)) {
	o := r.order(where, version, kind, false)
	var opened workspace.Opened
	tell(note{key: "opening", pairs: []any{"version", version}})
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		opened, err = r.content.OpenVersion(ctx, s, o)
		return err
	}, func(err error) {
		if err != nil {
			tell(note{tone: view.Trouble, err: err})
			return
		}
		tell(note{tone: view.Good, key: "version_opened", pairs: []any{"version", version, "file", opened.LocalPath}})
		r.env.Local.Open(opened.LocalPath)
	})
}

// saveLocal saves the copy on the disk, then goes on.
func (r *Room) saveLocal(e api.Entry, local string, then func()) {
	r.begin(e.Path, "save")
	put := content.Put{Operation: uuid.NewString(), Local: local, Assembly: e.Kind == api.Assembly || isZip(e.Name), Progress: r.progress(e.Path)}
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		_, err := r.content.Save(ctx, s, put)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			r.failed(e.Path, err)
		case then != nil:
			then()
		default:
			r.end(e.Path, &note{tone: view.Good, key: "saved", pairs: []any{"name", e.Name}})
		}
	})
}

func isZip(name string) bool { return path.Ext(name) == ".zip" }

// saveCopy writes a document into a folder of the user's choice.
func (r *Room) saveCopy(where string, kind api.DocumentKind) {
	r.env.Local.ChooseFolder(r.env.Words().T("documents.choose.copy", "name", path.Base(where)), func(folder string) {
		if folder == "" {
			return
		}
		r.begin(where, "copy")
		o := r.order(where, 0, kind, false)
		o.Progress = r.progress(where)
		var opened workspace.Opened
		r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
			opened, err = r.content.CopyTo(ctx, s, o, folder)
			return err
		}, func(err error) {
			if err != nil {
				r.failed(where, err)
				r.onCopyFailed(where, err)
				return
			}
			shown := &answer{name: "show", do: func() { r.env.Local.Open(filepath.Dir(opened.LocalPath)) }}
			r.end(where, &note{tone: view.Good, key: "copied", pairs: []any{"file", opened.LocalPath}, lead: shown})
		})
	})
}

// onCopyFailed tells of a failure that the detail does not show, because it is
// not about the document chosen there.
func (r *Room) onCopyFailed(where string, err error) {
	r.mu.Lock()
	shown := r.part == PartBrowse && r.entry != nil && r.entry.Path == where
	r.mu.Unlock()
	if !shown {
		r.env.Tell(err)
	}
}

// copyPending saves a copy of what is saved here and cannot be published.
func (r *Room) copyPending(t api.Transfer) { r.saveCopy(t.Path, "") }

// checkOut reserves a document.
func (r *Room) checkOut(e api.Entry) {
	r.begin(e.Path, "checkout")
	var now api.Entry
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		now, err = s.CheckOut(ctx, e.Path)
		return err
	}, func(err error) {
		r.moved(e, now, err, "checked_out")
	})
}

// CheckIn gives a document back. What is changed on the disk and was never
// saved is asked about first; saves on their way go first.
func (r *Room) CheckIn(e api.Entry) {
	r.begin(e.Path, "look")
	o := r.order(e.Path, 0, e.Kind, true)
	var found workspace.Found
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		found, err = r.content.Look(ctx, s, o)
		return err
	}, func(err error) {
		if err == nil && found.There && found.Changed && found.Opened.Path == e.Path {
			r.ask(e.Path, question{key: "checkin_unsaved", answers: []answer{
				{name: "save_and_checkin", primary: true, do: func() { r.saveLocal(e, found.LocalPath, func() { r.checkIn(e) }) }},
				{name: "only_checkin", do: func() { r.checkIn(e) }},
			}})
			return
		}
		r.checkIn(e)
	})
}

func (r *Room) checkIn(e api.Entry) {
	s := r.env.Desk.Snapshot()
	busy := "checkin"
	for _, t := range s.State.Transfers {
		if t.Path != e.Path {
			continue
		}
		if s.State.Uploads.Paused {
			r.ask(e.Path, r.pausedQuestion(e))
			return
		}
		busy = "checkin_waits"
	}
	r.begin(e.Path, busy)
	var now api.Entry
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		now, err = s.CheckIn(ctx, e.Path)
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, api.UploadsPaused):
			r.ask(e.Path, r.pausedQuestion(e))
		case errors.Is(err, api.SavesWaiting), errors.Is(err, api.Timeout):
			lead := &answer{name: "pending", do: func() { r.Show(view.Place{Part: PartPending}) }}
			r.end(e.Path, &note{tone: view.Attention, key: "checkin_waits", pairs: []any{"name", e.Name}, lead: lead})
		default:
			r.moved(e, now, err, "checked_in")
		}
	})
}

// pausedQuestion is for a document that cannot be checked in because the user
// has paused the uploads that have to go first.
func (r *Room) pausedQuestion(e api.Entry) question {
	return question{key: "checkin_paused", answers: []answer{{name: "resume_and_checkin", primary: true, do: func() {
		r.begin(e.Path, "checkin_waits")
		r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.PauseUploads(ctx, false) }, func(err error) {
			if err != nil {
				r.failed(e.Path, err)
				return
			}
			r.afterResume(e)
		})
	}}}}
}

// afterResume checks in without looking at the state again, which may not
// have heard yet that uploads go on.
func (r *Room) afterResume(e api.Entry) {
	var now api.Entry
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		now, err = s.CheckIn(ctx, e.Path)
		return err
	}, func(err error) { r.moved(e, now, err, "checked_in") })
}

// moved shows the outcome of a check-out or check-in.
func (r *Room) moved(e, now api.Entry, err error, key string) {
	if err != nil {
		r.failed(e.Path, err)
		return
	}
	r.change(func() {
		if r.entry != nil && r.entry.Path == e.Path {
			r.entry.CheckedOutBy, r.entry.Mine = now.CheckedOutBy, now.Mine
		}
	})
	r.end(e.Path, &note{tone: view.Good, key: key, pairs: []any{"name", e.Name}})
	r.browser.Reload()
}
