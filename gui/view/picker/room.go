// Package picker answers applications that ask their user for a document of
// the cloud: one to open, or a place to save to. Each question has a browser
// of its own, one is shown at a time, and each is answered once: cancelling is
// an answer too. What the service refuses stands in the window, and the
// question stays.
package picker

import (
	"image"
	"path"
	"slices"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
)

// Pictures draws documents, off the thread that asks.
type Pictures interface {
	// Picture is the picture of a version (0: the newest) as far as it is known:
	// nil while it is not, or where there will be none; waiting tells which. When
	// it is known, done is called, on any goroutine; nil: nobody wants to know.
	Picture(e api.Entry, version int, done func()) (img image.Image, waiting bool)
}

// Config is what a Room is made of.
type Config struct {
	Env      view.Env
	Pictures Pictures // nil: documents are shown by their icons
	// Mend gives the button that mends a failure of a listing; nil: none.
	Mend func(error) *view.Action
}

// Room holds the questions that wait. Its methods return at once and are safe
// for any number of goroutines.
type Room struct {
	cfg  Config
	env  view.Env
	stop func()

	following sync.Mutex // held by follow: one at a time

	mu       sync.Mutex // guards what follows
	closed   bool
	requests []*request // oldest first
	shown    *request   // nil: none
	front    int        // rises when an application asks
}

// New makes the room and follows the service.
func New(cfg Config) *Room {
	r := &Room{cfg: cfg, env: cfg.Env}
	r.stop = cfg.Env.Desk.Listen(r.hear)
	r.follow(cfg.Env.Desk.Snapshot())
	return r
}

// Close ends the room without answering anything.
func (r *Room) Close() {
	r.stop()
	r.mu.Lock()
	gone := r.requests
	r.closed, r.requests, r.shown = true, nil, nil
	r.mu.Unlock()
	for _, q := range gone {
		q.browser.Close()
	}
}

// hear takes what the service says.
func (r *Room) hear(c desk.Change) {
	if c.Event == nil {
		r.follow(c.Snapshot)
	}
}

// follow makes the questions those that wait. While the service cannot be
// reached they stay as they were.
func (r *Room) follow(s desk.Snapshot) {
	if s.Link != desk.Connected {
		r.refresh()
		return
	}
	r.following.Lock()
	defer r.following.Unlock()
	picks := slices.Clone(s.State.Picks)
	slices.SortStableFunc(picks, func(a, b api.Pick) int { return int(a.Created - b.Created) })
	fresh, gone := r.compare(picks)
	for _, q := range fresh {
		q.open(s.State)
	}
	r.mu.Lock()
	r.requests = append(r.requests, fresh...)
	if len(fresh) > 0 {
		r.front++
	}
	r.choose()
	r.mu.Unlock()
	for _, q := range gone {
		q.browser.Close()
	}
	r.refresh()
}

// compare takes out the questions that wait no more, and makes those that are
// new.
func (r *Room) compare(picks []api.Pick) (fresh, gone []*request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waits := make(map[string]bool, len(picks))
	for _, p := range picks {
		waits[p.ID] = true
	}
	known := make(map[string]bool, len(r.requests))
	r.requests = slices.DeleteFunc(r.requests, func(q *request) bool {
		known[q.pick.ID] = true
		if !waits[q.pick.ID] {
			gone = append(gone, q)
		}
		return !waits[q.pick.ID]
	})
	for _, p := range picks {
		if !known[p.ID] && !r.closed {
			fresh = append(fresh, &request{room: r, pick: p, name: p.SuggestedName})
		}
	}
	return fresh, gone
}

// choose keeps the question that is shown while it waits, else takes the
// oldest. The lock is held.
func (r *Room) choose() {
	if slices.Contains(r.requests, r.shown) && !r.shown.leaving {
		return
	}
	r.shown = nil
	for _, q := range r.requests {
		if !q.leaving {
			r.shown = q
			return
		}
	}
}

// Show shows the question of an id, as from a notification, or where id is
// empty the one that is shown already, in front of the other windows.
func (r *Room) Show(id string) {
	r.mu.Lock()
	for _, q := range r.requests {
		if q.pick.ID == id && !q.leaving {
			r.shown = q
		}
	}
	r.front++
	r.mu.Unlock()
	r.refresh()
}

// next shows the question after the one that is shown.
func (r *Room) next() {
	r.mu.Lock()
	if at := slices.Index(r.requests, r.shown); at >= 0 {
		for i := range r.requests {
			if q := r.requests[(at+1+i)%len(r.requests)]; !q.leaving {
				r.shown = q
				break
			}
		}
	}
	r.mu.Unlock()
	r.refresh()
}

// Wanted tells whether a question is to be shown.
func (r *Room) Wanted() bool { return r.current() != nil }

// Cancel answers the question that is shown with nothing.
func (r *Room) Cancel() {
	if q := r.current(); q != nil {
		q.cancel()
	}
}

// Answer presses the first button.
func (r *Room) Answer() {
	if q := r.current(); q != nil {
		q.answer()
	}
}

// CheckOut presses the button that opens and checks out.
func (r *Room) CheckOut() {
	if q := r.current(); q != nil {
		q.pickOpen(true)
	}
}

// Name takes what is typed as the name to save under.
func (r *Room) Name(name string) {
	if q := r.current(); q != nil {
		q.setName(name)
	}
}

// Version takes the version that is to be opened; 0: the newest.
func (r *Room) Version(number int) {
	if q := r.current(); q != nil {
		q.setVersion(number)
	}
}

func (r *Room) current() *request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shown
}

func (r *Room) refresh() {
	if r.env.Refresh != nil {
		r.env.Refresh()
	}
}

// lastFolder is where a question begins: for a save the folder of the recent
// document of that name; else that of what was used last; empty: all spaces.
func lastFolder(s api.State, p api.Pick) string {
	recent := slices.Clone(s.Recent)
	slices.SortStableFunc(recent, func(a, b api.Recent) int { return int(b.Used - a.Used) })
	for _, fits := range []func(api.Recent) bool{
		func(x api.Recent) bool { return p.Kind == api.PickSaveAs && x.Name == p.SuggestedName },
		func(x api.Recent) bool { return p.Product != "" && x.Product == p.Product },
		func(x api.Recent) bool { return true },
	} {
		for _, x := range recent {
			if fits(x) && path.Dir(x.Path) != "/" {
				return path.Dir(x.Path)
			}
		}
	}
	return ""
}

// open makes the browser of a question.
func (q *request) open(s api.State) {
	r := q.room
	b := browse.New(r.env, browse.Options{
		At: lastFolder(s, q.pick), Chosen: func(api.Entry) { q.answer() }, Selected: q.selected, Mend: r.cfg.Mend,
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	q.browser = b
}
