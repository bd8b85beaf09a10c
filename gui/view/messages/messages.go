// Package messages is the room that lists what happened: the latest first,
// with a mark on what has not been read, and a click that leads to what it is
// about. The texts are those of the service (api.Message.Text).
//
// To add a kind of message: add its row to Looks; a test walks the kinds.
package messages

import (
	"context"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// Filter chooses messages.
type Filter string

// The filters.
const (
	All      Filter = "all"
	Unread   Filter = "unread"
	Problems Filter = "problems"
)

// View is the room, fully worded.
type View struct {
	Title   string
	Filters []view.Segment
	Filter  Filter
	// ReadAll marks everything as read; it cannot be done where nothing is
	// unread.
	ReadAll view.Action
	Rows    []view.Row
	Empty   *view.Empty
}

// Room lists the messages. It is safe for any number of goroutines.
type Room struct {
	env view.Env

	mu     sync.Mutex // guards what follows
	filter Filter
	// fresh are the messages that were unread when they were shown: they keep
	// their mark until the user leaves the room.
	fresh map[string]bool
	// asked are those whose reading was told to the service.
	asked map[string]bool
}

// New makes the room.
func New(env view.Env) *Room {
	return &Room{env: env, filter: All, fresh: map[string]bool{}, asked: map[string]bool{}}
}

// Leave is called when another room is shown: the marks go.
func (r *Room) Leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh = map[string]bool{}
}

// SetFilter chooses which messages are listed.
func (r *Room) SetFilter(f Filter) {
	r.mu.Lock()
	r.filter = f
	r.mu.Unlock()
	r.env.Refresh()
}

// Seen is called when rows are drawn: they count as read. That is told quietly:
// a failure is tried again when the list is drawn the next time, and nobody is
// told.
func (r *Room) Seen(rows []view.Row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	drawn := make(map[string]bool, len(rows))
	for _, row := range rows {
		drawn[row.ID] = true
	}
	here := map[string]bool{}
	var ids []string
	for _, m := range r.env.Desk.Snapshot().State.Messages {
		here[m.ID] = true
		if m.Read || !drawn[m.ID] || r.asked[m.ID] {
			continue
		}
		r.fresh[m.ID], r.asked[m.ID] = true, true
		ids = append(ids, m.ID)
	}
	for id := range r.asked {
		if !here[id] {
			delete(r.asked, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.ReadMessages(ctx, ids...) }, func(err error) {
		if err == nil {
			return
		}
		r.mu.Lock()
		for _, id := range ids {
			delete(r.asked, id)
		}
		r.mu.Unlock()
	})
}

// readAll marks all messages as read.
func (r *Room) readAll() {
	r.mu.Lock()
	r.fresh = map[string]bool{}
	r.mu.Unlock()
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.ReadMessages(ctx) }, func(err error) {
		if err != nil {
			r.env.Tell(err)
		}
	})
	r.env.Refresh()
}

// View is the room as it is now.
func (r *Room) View() View {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, w := r.env.Desk.Snapshot(), r.env.Words()
	v := View{Title: w.T("messages.title"), Filter: r.filter}
	unread, problems := 0, 0
	for _, m := range s.State.Messages {
		isFresh := !m.Read || r.fresh[m.ID]
		if isFresh {
			unread++
		}
		if m.Level == api.MessageProblem {
			problems++
		}
		if r.filter == Unread && !isFresh || r.filter == Problems && m.Level != api.MessageProblem {
			continue
		}
		row := Row(r.env, m)
		row.Fresh = isFresh
		v.Rows = append(v.Rows, row)
	}
	v.Filters = []view.Segment{
		{Name: string(All), Label: w.T("messages.filter.all")},
		{Name: string(Unread), Label: w.T("messages.filter.unread"), Badge: unread},
		{Name: string(Problems), Label: w.T("messages.filter.problems"), Badge: problems},
	}
	v.ReadAll = view.Action{Name: "read_all", Label: w.T("messages.read_all"), Why: w.T("messages.all_read")}
	if unread > 0 {
		v.ReadAll.Do = r.readAll
	}
	if len(v.Rows) == 0 {
		v.Empty = &view.Empty{Icon: view.IconMessages, Title: w.T("messages.none." + string(r.filter)), Text: w.T("messages.none.text")}
	}
	return v
}

// Row is a message as a line of a list. Its first action leads to what it is
// about, where that is known; its menu copies its text.
func Row(env view.Env, m api.Message) view.Row {
	w, look := env.Words(), lookOf(m)
	row := view.Row{
		ID: m.ID, Icon: look.Icon, Title: m.Text(w.Language()), Tone: look.Tone,
		Cells: []string{w.Time(m.Time / 1000)}, Fresh: !m.Read,
	}
	if key := "messages.level." + string(m.Level); w.Has(key) { // what is only to be known needs no mark
		row.Status = w.T(key)
	}
	if m.Reason != nil {
		row.Detail = w.Error(m.Reason)
	}
	text := row.Title
	if row.Detail != "" {
		text += "\n" + row.Detail
	}
	if place, ok := look.place(m); ok {
		row.Actions = []view.Action{{
			Name: "show", Label: w.T(look.label()), Do: func() { env.Go(place) },
		}}
	}
	row.Menu = []view.Action{{Name: "copy", Label: w.T("messages.copy"), Do: func() { env.Local.Copy(text) }}}
	return row
}
