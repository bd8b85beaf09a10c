// Package licenses is the room that shows what is licensed: the products with
// their features and seats, to whom and what they are bound, until when, who
// uses them now, and what came of each request, with the reason and the next
// step of every refusal.
//
// What a licence, a lease and a request look like in each of their states
// stands in one table each (see looks.go).
package licenses

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// View is the room, fully worded.
type View struct {
	Title string
	// Bound says to which account the licences belong; empty: to none.
	Bound string
	// Notice says that this is what was known last; empty: it is as of now.
	Notice string
	Empty  *view.Empty
	// Licenses are ordered: those with trouble first, then those in use.
	Licenses []License
	// Chosen is the product that the user was led to; empty: none.
	Chosen string
}

// License is one product's licence.
type License struct {
	ID, Product string
	Title       string
	// Head says how it stands: as title until when and how long that is from
	// now, as detail why it cannot be used or what is about to happen, with the
	// one button that mends it.
	Head   view.Row
	Fields []view.Field
	// Uses are the leases held now and those that were just lost; Requests are
	// this machine's requests, the newest first.
	UsesTitle, RequestsTitle string
	Uses, Requests           []view.Row
	inUse                    bool
}

// Room shows the licences. It is safe for any number of goroutines.
type Room struct {
	env  view.Env
	hand mend.Hand

	mu     sync.Mutex // guards what follows
	chosen string
	losses []loss
}

// loss is a lease that an application lost while it runs.
type loss struct {
	id, session, product string
	reason               *api.Error
}

// maxLosses bounds what is remembered.
const maxLosses = 32

// New makes the room. It listens to the desk for good.
func New(env view.Env, hand mend.Hand) *Room {
	r := &Room{env: env, hand: hand}
	env.Desk.Listen(r.hear)
	return r
}

// Show leads to a product's licence; empty: to all.
func (r *Room) Show(product string) {
	r.mu.Lock()
	r.chosen = product
	r.mu.Unlock()
	r.env.Refresh()
}

// hear remembers why an application lost its lease, until it has another one
// or has ended: the state has only the leases that are held.
func (r *Room) hear(c desk.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.losses = slices.DeleteFunc(r.losses, func(l loss) bool { return over(c.Snapshot.State, l) })
	if c.Event == nil || c.Event.Name != api.EventLeaseLost {
		return
	}
	lost, err := desk.Data[api.LeaseLoss](c.Event)
	if err != nil || lost.Reason == nil {
		return
	}
	l := loss{id: lost.ID, session: c.Event.Session, product: c.Event.Product, reason: lost.Reason}
	if s, ok := view.SessionOf(c.Snapshot.State, l.session); ok {
		l.product = s.Product
	}
	r.losses = append(r.losses, l)
	r.losses = r.losses[max(0, len(r.losses)-maxLosses):]
}

func over(s api.State, l loss) bool {
	if _, running := view.SessionOf(s, l.session); !running {
		return true
	}
	for _, license := range s.Licenses {
		for _, held := range license.Leases {
			if held.Session == l.session && held.ID != l.id { // the list may be from before
				return true
			}
		}
	}
	return false
}

// View is the room as it is now.
func (r *Room) View() View {
	r.mu.Lock()
	chosen, losses := r.chosen, slices.Clone(r.losses)
	r.mu.Unlock()
	s, w := r.env.Desk.Snapshot(), r.env.Words()
	v := View{Title: w.T("licenses.title"), Chosen: chosen}
	if s.Link != desk.Connected && s.Known() {
		v.Notice = w.T("licenses.stale", "time", w.Time(s.Since.Unix()))
	}
	p := painter{hand: r.hand, words: w, state: s.State, now: r.env.Now()}
	v.Bound = p.bound()
	for _, l := range s.State.Licenses {
		v.Licenses = append(v.Licenses, p.license(l, losses))
	}
	slices.SortStableFunc(v.Licenses, order)
	if len(v.Licenses) == 0 {
		v.Empty = r.empty(s, w)
	}
	return v
}

// order puts trouble first, then what is in use, then by name.
func order(a, b License) int {
	rank := func(l License) int {
		switch {
		case l.Head.Tone >= view.Attention:
			return -int(l.Head.Tone)
		case l.inUse:
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Title, b.Title))
}

// empty says why there is nothing, with what to do about it.
func (r *Room) empty(s desk.Snapshot, w *i18n.Words) *view.Empty {
	e := &view.Empty{Icon: view.IconLicenses, Title: w.T("licenses.none"), Text: w.T("licenses.none.text")}
	reason := api.Fail(api.LicenseNotEntitled)
	switch account := s.State.Account; {
	case !s.Known():
		return &view.Empty{Icon: view.IconLicenses, Title: w.T("licenses.connecting")}
	case account.State != api.AccountSignedIn:
		e.Title, e.Text, reason = w.T("licenses.signed_out"), w.T("licenses.signed_out.text"), api.Fail(api.SignedOut)
	case !account.Online:
		e.Text, reason = w.T("licenses.none.offline"), api.Fail(api.Offline)
	}
	if a, ok := r.hand.Action(reason, mend.Subject{}); ok {
		a.Primary = true
		e.Action = &a
	}
	return e
}

// bound tells to which account the licences belong.
func (p painter) bound() string {
	a := p.state.Account
	if a.UserName == "" {
		return ""
	}
	return p.words.T("licenses.bound", "name", cmp.Or(a.Name, a.UserName), "user", a.UserName, "tenant", cmp.Or(a.TenantName, a.Tenant))
}

// painter words one state.
type painter struct {
	hand  mend.Hand
	words *i18n.Words
	state api.State
	now   time.Time
}

// left tells how long it is until an end.
func (p painter) left(end time.Time) string {
	const day = 24 * time.Hour
	switch left := end.Sub(p.now); {
	case left < day:
		return p.words.T("licenses.left.hours")
	case left < 2*day:
		return p.words.T("licenses.left.day")
	default:
		return p.words.T("licenses.left.days", "days", int(left/day))
	}
}
