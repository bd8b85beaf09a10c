// Package notify decides what the desktop tells the user while he does
// something else: what he waits for and has not switched off, and never the
// same thing more than once a minute.
package notify

import (
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

const (
	// Every is how long the same thing is not told again.
	Every = time.Minute
	// Most is how many messages are told in that time, whatever they are about:
	// the rest stands in the room of messages. Each notification costs a process
	// on some systems, and who sends messages may be hostile.
	Most = 10
	// late is how old a message may be that is told: those that another account
	// finds when it signs in are no news.
	late = 10 * time.Minute
)

// Notice is one notification, fully worded.
type Notice struct {
	Title, Text string
	// Label says what a click on it does.
	Label string
	// Place is where it leads; without a room: the window.
	Place view.Place
}

// Config is what a Teller is given.
type Config struct {
	Words func() *i18n.Words
	Now   func() time.Time
	// Seen tells whether the user looks at the window anyway.
	Seen func() bool
	// Show shows a notice, and returns at once.
	Show func(Notice)
}

// Teller follows the desk. It is safe for any number of goroutines.
type Teller struct {
	cfg Config

	mu    sync.Mutex // guards what follows
	known map[string]bool
	begun bool                 // known holds what was there at the start
	told  map[string]time.Time // when the same thing was told last
}

// New makes a teller; its Hear is to be given to desk.Listen.
func New(cfg Config) *Teller {
	return &Teller{cfg: cfg, known: map[string]bool{}, told: map[string]time.Time{}}
}

// Hear takes a change of the desk.
func (t *Teller) Hear(c desk.Change) {
	if !c.Snapshot.Known() {
		return
	}
	for _, n := range t.fresh(c.Snapshot.State) {
		t.cfg.Show(n)
	}
}

// fresh is what is to be told now.
func (t *Teller) fresh(s api.State) (out []Notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := !t.begun
	t.begun = true
	now := map[string]bool{}
	for _, m := range s.Messages {
		now[m.ID] = true
		if first || t.known[m.ID] || m.Read || t.isLate(m) || !wanted(m.Kind, s.Settings.Notify) {
			continue
		}
		if t.due(string(m.Kind)+"\x00"+m.Path+"\x00"+m.Product+"\x00"+m.Solve, Most) {
			out = append(out, t.word(m))
		}
	}
	for _, p := range s.Picks {
		id := "pick " + p.ID
		now[id] = true
		if !t.known[id] && !t.cfg.Seen() && t.due("pick\x00"+p.Product, 2*Most) { // an application waits for the answer
			out = append(out, t.pick(p, view.ProductName(s, p.Product)))
		}
	}
	t.known = now
	return out
}

func (t *Teller) isLate(m api.Message) bool {
	return m.Time != 0 && t.cfg.Now().Sub(time.UnixMilli(m.Time)) > late
}

// due tells whether a thing may be told now, when no more than most others were
// in the last minute, and notes that it is.
func (t *Teller) due(key string, most int) bool {
	now := t.cfg.Now()
	for k, at := range t.told {
		if now.Sub(at) >= Every {
			delete(t.told, k)
		}
	}
	if _, again := t.told[key]; again || len(t.told) >= most {
		return false
	}
	t.told[key] = now
	return true
}

func (t *Teller) word(m api.Message) Notice {
	w := t.cfg.Words()
	room, place := lead(m)
	n := Notice{Title: w.T("shell.room." + string(room)), Text: m.Text(w.Language()), Label: w.T("notify.open"), Place: place}
	if m.Reason != nil {
		n.Text += "\n" + w.Error(m.Reason)
	}
	return n
}

func (t *Teller) pick(p api.Pick, name string) Notice {
	w := t.cfg.Words()
	key := "notify.pick.open"
	if p.Kind == api.PickSaveAs {
		key = "notify.pick.save"
	}
	return Notice{Title: name, Text: w.T(key, "name", name), Label: w.T("notify.open"), Place: view.Place{Room: view.Picker, Item: p.ID}}
}

// wanted tells whether the user wants to be told of a kind of message.
func wanted(kind api.MessageKind, n api.Notify) bool {
	switch kind {
	case api.MessagePublished:
		return n.Published
	case api.MessageNotPublished, api.MessageConflict, api.MessageSignedOut:
		return n.Trouble
	case api.MessageLicenseGranted, api.MessageLicenseRefused, api.MessageLicenseFrozen, api.MessageLicenseUnfrozen,
		api.MessageLicenseReleased, api.MessageLicenseExpired, api.MessageTrialOver, api.MessageLeaseLost:
		return n.Licenses
	case api.MessageUpgrade, api.MessageUpgradeForced, api.MessageInstalled, api.MessageNotInstalled:
		return n.Applications
	case api.MessageSolveSucceeded, api.MessageSolveFailed:
		return n.Solves
	}
	return false // renewals and removals are read in Messages
}

// lead is the room that a message is about, and the place in it.
func lead(m api.Message) (view.Room, view.Place) {
	switch m.Kind {
	case api.MessagePublished:
		return view.Documents, view.Place{Room: view.Documents, Item: m.Path}
	case api.MessageNotPublished:
		return view.Documents, view.Place{Room: view.Documents, Part: "pending"}
	case api.MessageConflict:
		return view.Documents, view.Place{Room: view.Documents, Part: "conflicts"}
	case api.MessageUpgrade, api.MessageUpgradeForced, api.MessageInstalled, api.MessageNotInstalled:
		return view.Applications, view.Place{Room: view.Applications, Item: m.Product}
	case api.MessageSolveSucceeded, api.MessageSolveFailed:
		return view.Solves, view.Place{Room: view.Solves, Item: m.Solve}
	case api.MessageSignedOut:
		return view.Home, view.Place{Room: view.Home}
	}
	return view.Licenses, view.Place{Room: view.Licenses, Item: m.Product}
}
