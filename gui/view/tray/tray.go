// Package tray decides what the tray icon shows and what its menu offers. A
// desktop without a tray gets the same entries in the window.
package tray

import (
	"path"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// State is what the icon shows at a glance.
type State string

// The states of the icon.
const (
	Away      State = "away" // the service does not answer
	SignedOut State = "signedout"
	Attention State = "attention"
	Working   State = "working"
	Offline   State = "offline"
	Fine      State = "fine"
)

// Steps is in how many steps the icon shows progress.
const Steps = 8

// Item is an entry of the menu; one without a label is a line between others.
type Item struct {
	Name  string
	Label string
	Do    func() // nil: it only says something, or opens Items
	Items []Item
}

// View is the icon and its menu.
type View struct {
	State State
	// Step is how far the work is, from 0 to Steps, where State is Working.
	Step int
	// Title says in words what the icon shows.
	Title string
	Items []Item
}

// Hands does what the menu offers.
type Hands struct {
	Open    func() // the window
	Go      func(view.Place)
	SignIn  func()
	SignOut func()
	Pause   func(paused bool)
	Quit    func()
}

// maxItems bounds how many documents, uploads and licences the menu lists.
const maxItems = 5

// Of is what the tray shows of a snapshot.
func Of(s desk.Snapshot, w *i18n.Words, h Hands) View {
	v := View{State: stateOf(s)}
	if v.State == Working {
		v.Step = step(s.State)
	}
	v.Title = title(v.State, s.State, w)
	v.Items = append(v.Items, Item{Name: "state", Label: v.Title}, Item{Name: "open", Label: w.T("tray.open"), Do: h.Open}, Item{})
	v.Items = append(v.Items, recent(s.State, w, h), uploads(s.State, w, h), licenses(s.State, w, h), Item{}, account(s, w, h), Item{})
	v.Items = append(v.Items, Item{Name: "quit", Label: w.T(quitKey(s.State)), Do: h.Quit})
	return v
}

func stateOf(s desk.Snapshot) State {
	switch {
	case s.Link != desk.Connected:
		return Away
	case s.State.Account.State != api.AccountSignedIn:
		return SignedOut
	case len(wants(s.State)) > 0:
		return Attention
	case busy(s.State):
		return Working
	case !s.State.Account.Online:
		return Offline
	}
	return Fine
}

// wants names what the user has to look at.
func wants(s api.State) (keys []string) {
	if len(s.Picks) > 0 {
		keys = append(keys, "tray.wants.pick")
	}
	if len(s.Conflicts) > 0 {
		keys = append(keys, "tray.wants.conflict")
	}
	for _, t := range s.Transfers {
		if t.State == "failed" {
			keys = append(keys, "tray.wants.transfer")
			break
		}
	}
	for _, l := range s.Licenses {
		if l.Status == "frozen" || l.Status == "expired" {
			keys = append(keys, "tray.wants.license")
			break
		}
	}
	for _, a := range s.Apps {
		if a.State == "broken" || a.Offered != "" {
			keys = append(keys, "tray.wants.application")
			break
		}
	}
	for _, h := range s.Health {
		if h.Reason == nil || (h.Reason.Code != api.SignedOut && h.Reason.Code != api.Offline) {
			keys = append(keys, "tray.wants.health")
			break
		}
	}
	return keys
}

// busy tells whether something is being sent or fetched.
func busy(s api.State) bool {
	for _, t := range s.Transfers {
		if t.State == "uploading" && !s.Uploads.Paused {
			return true
		}
	}
	for _, a := range s.Apps {
		if a.State == "downloading" || a.State == "installing" {
			return true
		}
	}
	return false
}

// step is how far everything that is under way is, all together.
func step(s api.State) int {
	var done, total int64
	for _, t := range s.Transfers {
		if t.State == "uploading" || t.State == "waiting" {
			done, total = done+t.Sent, total+t.Total
		}
	}
	for _, a := range s.Apps {
		if a.State == "downloading" {
			done, total = done+a.Done, total+a.Total
		}
	}
	if total <= 0 {
		return 0
	}
	return int(min(max(done*Steps/total, 0), Steps))
}

// title says in words what the icon shows.
func title(state State, s api.State, w *i18n.Words) string {
	switch state {
	case Attention:
		keys := wants(s)
		if len(keys) > 1 {
			return w.T("tray.state.attention", "count", len(keys))
		}
		return w.T(keys[0])
	case Working:
		return w.T("tray.state.working")
	}
	if s.Uploads.Paused && state == Fine {
		return w.T("tray.state.paused")
	}
	return w.T("tray.state." + string(state))
}

func recent(s api.State, w *i18n.Words, h Hands) Item {
	i := Item{Name: "recent", Label: w.T("tray.recent")}
	for _, r := range s.Recent[:min(len(s.Recent), maxItems)] {
		i.Items = append(i.Items, Item{Name: "recent:" + r.Path, Label: r.Name, Do: func() {
			h.Go(view.Place{Room: view.Documents, Item: r.Path})
		}})
	}
	if len(i.Items) == 0 {
		i.Items = []Item{{Name: "none", Label: w.T("tray.recent.none")}}
	}
	return i
}

func uploads(s api.State, w *i18n.Words, h Hands) Item {
	n := len(s.Transfers)
	i := Item{Name: "uploads", Label: w.T("tray.uploads.none")}
	if n > 0 {
		i.Label = w.T("tray.uploads", "count", n)
	}
	for _, t := range s.Transfers[:min(n, maxItems)] {
		i.Items = append(i.Items, Item{Name: "upload:" + t.Operation, Label: upload(t, s.Uploads.Paused, w), Do: func() {
			h.Go(view.Place{Room: view.Documents, Part: "pending", Item: t.Operation})
		}})
	}
	if n > 0 {
		i.Items = append(i.Items, Item{})
	}
	toggle := Item{Name: "pause", Label: w.T("tray.pause"), Do: func() { h.Pause(true) }}
	if s.Uploads.Paused {
		toggle = Item{Name: "resume", Label: w.T("tray.resume"), Do: func() { h.Pause(false) }}
	}
	i.Items = append(i.Items, toggle)
	return i
}

func upload(t api.Transfer, paused bool, w *i18n.Words) string {
	name := path.Base(t.Path)
	switch {
	case t.State == "failed":
		return w.T("tray.upload.failed", "name", name)
	case paused:
		return w.T("tray.upload.paused", "name", name)
	case t.State == "uploading" && t.Total > 0:
		return w.T("tray.upload.sending", "name", name, "percent", t.Sent*100/t.Total)
	}
	return w.T("tray.upload.waiting", "name", name)
}

func licenses(s api.State, w *i18n.Words, h Hands) Item {
	i := Item{Name: "licenses", Label: w.T("tray.licenses")}
	for _, l := range s.Licenses {
		if len(l.Leases) == 0 || len(i.Items) == maxItems {
			continue
		}
		i.Items = append(i.Items, Item{Name: "license:" + l.Product, Label: inUse(l, w), Do: func() {
			h.Go(view.Place{Room: view.Licenses, Item: l.Product})
		}})
	}
	if len(i.Items) == 0 {
		i.Items = []Item{{Name: "none", Label: w.T("tray.licenses.none")}}
	}
	return i
}

func inUse(l api.License, w *i18n.Words) string {
	name := l.ProductName
	if name == "" {
		name = l.Product
	}
	if l.ExpireTime == 0 {
		return w.T("tray.license", "name", name)
	}
	return w.T("tray.license.until", "name", name, "date", w.Date(l.ExpireTime))
}

func account(s desk.Snapshot, w *i18n.Words, h Hands) Item {
	a := s.State.Account
	switch {
	case !s.Known():
		return Item{Name: "account", Label: w.T("tray.account.unknown")}
	case a.State == api.AccountSignedIn:
		name := a.Name
		if name == "" {
			name = a.UserName
		}
		return Item{Name: "signout", Label: w.T("tray.sign_out", "name", name), Do: h.SignOut}
	case a.State == api.AccountSigningIn:
		return Item{Name: "signin", Label: w.T("tray.signing_in"), Do: h.SignIn}
	}
	return Item{Name: "signin", Label: w.T("tray.sign_in"), Do: h.SignIn}
}

// quitKey is how the menu offers to quit: it says what goes on without it.
func quitKey(s api.State) string {
	if len(s.Transfers) > 0 && !s.Uploads.Paused {
		return "tray.quit.sending"
	}
	return "tray.quit"
}
