package documents

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// DragOut follows the drag of a row that leads out of the window: the document
// is fetched meanwhile and dropped when it is there, an assembly as its folder.
// Where that cannot be, the room says what can be done in its place.
func (r *Room) DragOut(e api.Entry) {
	r.mu.Lock()
	busy := r.detail.busy != ""
	r.mu.Unlock()
	switch {
	case busy: // what is shown as being done goes first
		return
	case e.Folder:
		r.noted(e.Path, &note{tone: view.Attention, key: "drag_folder"})
		return
	case r.env.DragOut == nil:
		r.noted(e.Path, r.instead("drag_none", e))
		return
	}
	var end view.DragEnd
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		end, err = r.env.DragOut(ctx, content.CopyName(e.Path, e.Kind), func(ctx context.Context, folder string) error {
			r.begin(e.Path, "drag")
			o := r.order(e.Path, 0, e.Kind, false)
			o.Progress = r.progress(e.Path)
			_, err := r.content.CopyTo(ctx, s, o, folder)
			return err
		})
		return err
	}, func(err error) { r.dragged(e, end, err) })
}

// dragged tells how a drag ended, where that wants words.
func (r *Room) dragged(e api.Entry, end view.DragEnd, err error) {
	r.mu.Lock()
	fetched := r.detail.path == e.Path && r.detail.busy == "drag"
	r.mu.Unlock()
	if fetched {
		r.end(e.Path, nil)
	}
	switch {
	case err != nil:
		r.env.Tell(err)
	case end == view.DragLate:
		r.noted(e.Path, r.instead("drag_late", e))
	case end == view.DragSilent:
		r.noted(e.Path, r.instead("drag_silent", e))
	}
}

// instead is a note that offers to save a copy.
func (r *Room) instead(key string, e api.Entry) *note {
	lead := &answer{name: "save_copy", do: func() { r.saveCopy(e.Path, e.Kind) }}
	return &note{tone: view.Attention, key: key, pairs: []any{"name", e.Name}, lead: lead}
}

// noted shows a note beside what is dragged.
func (r *Room) noted(where string, n *note) {
	r.change(func() { r.detail = detail{path: where, note: n} })
}
