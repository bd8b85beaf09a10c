// Package dialogs decides which small windows stand in front: the question
// about an upgrade, the word that one is forced, the trial that is over, the
// save that met another one, and an application that asks for something while
// nobody is signed in.
//
// A dialog follows from the state, so it is there again after a restart and
// goes when it was answered elsewhere; only a trial that is over comes as an
// event and is remembered until its request is decided. There is never more
// than one for the same thing, and each comes to the front once.
package dialogs

import (
	"context"
	"slices"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/signin"
)

// Kind is what a dialog is about.
type Kind string

// The kinds, the most pressing first.
const (
	SignIn   Kind = "sign_in"  // an application asks for something
	Trial    Kind = "trial"    // a trial is over
	Forced   Kind = "forced"   // an upgrade that leaves no choice
	Upgrade  Kind = "upgrade"  // a question
	Conflict Kind = "conflict" // a save met another one
)

// Dialog is one small window, fully worded.
type Dialog struct {
	// ID is stable as long as it is about the same thing.
	ID   string
	Kind Kind
	Tone view.Tone
	Icon view.Icon

	Title string
	Text  string
	// Detail says how it stands now; Error that an answer did not arrive.
	Detail, Error string
	// Notes are the vendor's own words on an upgrade.
	NotesTitle, Notes string
	// Login is under way, started from here or elsewhere.
	Login signin.View
	// Actions are the answers; the primary one is what Enter gives.
	Actions []view.Action
	// Close is what Escape and the window's own button do. It never answers
	// for the user.
	Close view.Action
	// Raise: it has not come to the front yet. Whoever brings it there says so
	// with Raised.
	Raise bool
}

// Room decides which dialogs there are. It is safe for any number of
// goroutines.
type Room struct {
	env  view.Env
	hand mend.Hand

	mu     sync.Mutex // guards what follows
	trials []api.TrialOver
	// fate of dialogs by ID, as long as what they are about lasts.
	fates map[string]fate
}

// fate is what has become of a dialog.
type fate struct {
	raised    bool
	closed    bool  // by the user, without an answer
	answering bool  // the answer is on its way, or has arrived
	err       error // why it did not arrive
}

// maxTrials bounds what is remembered.
const maxTrials = 16

// New makes the room. It listens to the desk for good.
func New(env view.Env, hand mend.Hand) *Room {
	r := &Room{env: env, hand: hand, fates: map[string]fate{}}
	env.Desk.Listen(r.hear)
	return r
}

// View lists the dialogs that are open, the one to show first.
func (r *Room) View() []Dialog {
	s := r.env.Desk.Snapshot().State
	r.mu.Lock()
	trials := slices.Clone(r.trials)
	fates := make(map[string]fate, len(r.fates))
	for id, f := range r.fates {
		fates[id] = f
	}
	r.mu.Unlock()
	open := []Dialog{}
	for _, d := range r.all(s, trials) {
		f := fates[d.ID]
		if f.closed || f.answering {
			continue
		}
		d.Raise, d.Error = !f.raised, r.env.Words().Error(f.err)
		open = append(open, d)
	}
	return open
}

// all lists what there is to say, the most pressing first.
func (r *Room) all(s api.State, trials []api.TrialOver) (list []Dialog) {
	p := painter{room: r, words: r.env.Words(), state: s}
	list = append(list, p.signIn(trials)...)
	list = append(list, p.trials(trials)...)
	list = append(list, p.forced()...)
	list = append(list, p.upgrades()...)
	return append(list, p.conflicts()...)
}

// Raised tells that a dialog came to the front.
func (r *Room) Raised(id string) { r.mark(id, func(f *fate) { f.raised = true }) }

func (r *Room) mark(id string, change func(*fate)) {
	r.mu.Lock()
	f := r.fates[id]
	change(&f)
	r.fates[id] = f
	r.mu.Unlock()
}

// close puts dialogs away without an answer.
func (r *Room) close(ids ...string) {
	for _, id := range ids {
		r.mark(id, func(f *fate) { f.closed, f.raised = true, true })
	}
	r.env.Refresh()
}

// answer sends an answer; the dialog goes at once. If the answer does not
// arrive, it comes back and says why. That the question is answered already
// is as good.
func (r *Room) answer(id string, call func(context.Context, desk.Service) error) {
	r.mark(id, func(f *fate) { f.answering, f.raised, f.err = true, true, nil })
	r.env.Refresh()
	r.env.Desk.Do(call, func(err error) {
		if err == nil || api.AsError(err).Code == api.NotFound {
			return
		}
		r.mark(id, func(f *fate) { f.answering, f.err = false, err })
		r.env.Refresh()
	})
}

// hear remembers the trials that are over, and forgets what is not about
// anything any more.
func (r *Room) hear(c desk.Change) {
	r.mu.Lock()
	s := c.Snapshot.State
	if c.Event != nil && c.Event.Name == api.EventTrialExpired {
		if t, err := desk.Data[api.TrialOver](c.Event); err == nil {
			r.remember(t)
		}
	}
	if len(c.Sections) > 0 {
		r.trials = slices.DeleteFunc(r.trials, func(t api.TrialOver) bool { return ended(s, t) })
	}
	trials := slices.Clone(r.trials)
	r.mu.Unlock()
	if len(c.Sections) == 0 {
		return
	}
	left := map[string]bool{}
	for _, d := range r.all(s, trials) {
		left[d.ID] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.fates {
		if !left[id] {
			delete(r.fates, id)
		}
	}
}

// remember keeps one trial for each product: an application that asks again
// asks for the same. r.mu is held.
func (r *Room) remember(t api.TrialOver) {
	i := slices.IndexFunc(r.trials, func(old api.TrialOver) bool { return old.Product == t.Product })
	if i >= 0 {
		r.trials[i] = t
		f := r.fates[trialID(t.Product)]
		f.closed = false // it asks again, and does not take the focus again
		r.fates[trialID(t.Product)] = f
		return
	}
	r.trials = append(r.trials, t)
	r.trials = r.trials[max(0, len(r.trials)-maxTrials):]
}

// ended tells that a trial needs no window any more: the licence is here, or
// the application is gone.
func ended(s api.State, t api.TrialOver) bool {
	if r, ok := requestOf(s, t); ok && r.State == api.LicenseGranted {
		return true
	}
	return !slices.ContainsFunc(s.Sessions, func(session api.Session) bool { return session.Product == t.Product })
}

// requestOf finds the request that came with a trial that is over.
func requestOf(s api.State, t api.TrialOver) (api.LicenseRecord, bool) {
	for _, l := range s.Licenses {
		for _, r := range l.Requests {
			if r.Request == t.Request {
				return r, true
			}
		}
	}
	return api.LicenseRecord{}, false
}
