// Package shell decides and words what stands around the rooms of the window:
// the navigation with its numbers, and the quiet line above the room.
package shell

import (
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// Entry is a line of the navigation.
type Entry struct {
	Room  view.Room
	Icon  view.Icon
	Label string
	// Badge is how many things there want the user; 0: none.
	Badge int
	Tone  view.Tone
}

// View is what is to be seen around the rooms.
type View struct {
	Title   string
	Entries []Entry
	Banner  view.Banner
}

// Offer is what the banner can offer; a nil function offers nothing.
type Offer struct {
	SignIn func()
	Go     func(view.Place)
	// Shown is the room that is seen. Home says by itself who is signed in and
	// offers to sign in.
	Shown view.Room
}

// Of is what is to be seen of a snapshot.
func Of(s desk.Snapshot, w *i18n.Words, now time.Time, offer Offer) View {
	v := View{Title: w.T("app.name"), Banner: banner(s, w, now, offer)}
	for _, room := range Rooms() {
		e := Entry{Room: room, Icon: view.Icon(room), Label: w.T("shell.room." + string(room))}
		e.Badge, e.Tone = badge(room, s.State)
		v.Entries = append(v.Entries, e)
	}
	return v
}

// Rooms names the rooms in the order in which they are offered.
func Rooms() []view.Room {
	return []view.Room{
		view.Home, view.Documents, view.Licenses, view.Applications, view.Solves, view.Messages, view.Settings, view.About,
	}
}

// badge counts what wants the user in a room.
func badge(room view.Room, s api.State) (int, view.Tone) {
	n := 0
	switch room {
	case view.Documents:
		n = len(s.Conflicts)
		for _, t := range s.Transfers {
			if t.State == "failed" {
				n++
			}
		}
	case view.Licenses:
		for _, l := range s.Licenses {
			if l.Status == "frozen" || l.Status == "expired" {
				n++
			}
		}
	case view.Applications:
		for _, a := range s.Apps {
			if a.Offered != "" || a.State == "broken" {
				n++
			}
		}
	case view.Messages:
		for _, m := range s.Messages {
			if !m.Read {
				n++
			}
		}
		return n, view.Busy
	}
	return n, view.Attention
}

// banner is the most pressing thing that everything in the window depends on.
func banner(s desk.Snapshot, w *i18n.Words, now time.Time, offer Offer) view.Banner {
	if b, ok := link(s, w, now); ok {
		return b
	}
	for _, h := range s.State.Health {
		if h.Reason != nil && isPolicy(h.Reason.Code) {
			b := view.Banner{Tone: view.Attention, Text: w.T("shell.banner.policy", "reason", w.Error(h.Reason))}
			if offer.Go != nil {
				b.Action = &view.Action{Name: "policy", Label: w.T("shell.show"), Do: func() { offer.Go(view.Place{Room: view.Settings, Part: "administrator"}) }}
			}
			return b
		}
	}
	signIn := func() *view.Action {
		if offer.SignIn == nil {
			return nil
		}
		return &view.Action{Name: "signin", Label: w.T("shell.sign_in"), Do: offer.SignIn, Primary: true}
	}
	switch s.State.Account.State {
	case api.AccountSignedOut, api.AccountExpired, api.AccountSigningIn:
		if offer.Shown == view.Home {
			return view.Banner{}
		}
	}
	switch s.State.Account.State {
	case api.AccountSignedOut:
		return view.Banner{Tone: view.Attention, Text: w.T("shell.banner.signed_out"), Action: signIn()}
	case api.AccountExpired:
		return view.Banner{Tone: view.Attention, Text: w.T("shell.banner.expired"), Action: signIn()}
	case api.AccountSigningIn:
		return view.Banner{Tone: view.Busy, Text: w.T("shell.banner.signing_in")}
	case api.AccountSignedIn:
		if !s.State.Account.Online {
			return view.Banner{Tone: view.Quiet, Text: w.T("shell.banner.offline")}
		}
	}
	return view.Banner{}
}

// link words what is wrong with the way to the service.
func link(s desk.Snapshot, w *i18n.Words, now time.Time) (view.Banner, bool) {
	switch {
	case s.Link == desk.Connected:
		return view.Banner{}, false
	case view.Refused(s):
		return view.Banner{Tone: view.Trouble, Text: w.T("shell.banner.refused", "reason", w.Error(s.Reason))}, true
	case s.Link == desk.Lost:
		return view.Banner{Tone: view.Busy, Text: w.T("shell.banner.lost")}, true
	case view.Connecting(s, now):
		return view.Banner{Tone: view.Quiet, Text: w.T("shell.banner.connecting")}, true
	}
	return view.Banner{Tone: view.Attention, Text: w.T("shell.banner.absent")}, true
}

func isPolicy(c api.Code) bool {
	return c == api.PolicyRefused || c == api.PolicyValue || c == api.PolicyUnknown || c == api.CAFileUnusable
}
