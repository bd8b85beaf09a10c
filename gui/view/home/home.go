// Package home is the first room: who is signed in, what is licensed and in
// use, what is being sent, what needs attention, and what happened last.
//
// What needs attention is a list of rows with one button each (attention.go);
// which button mends what stands in mend's table and in the tables of this
// package, which tests walk: every warning of the service, every state of a
// transfer and of a licence has its row or says that it needs none.
package home

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/messages"
	"iscdesk.dev/gui/view/signin"
)

// View is the room, fully worded.
type View struct {
	// Headline says how things are as a whole, in the tone of the gravest.
	Headline string
	Tone     view.Tone
	// Notice says that this is what was known last; empty: it is as of now.
	Notice string
	// First is all there is to see while nobody has signed in yet, or nothing
	// is known: what to do, and the button for it.
	First   *view.Empty
	Account Account
	// Attention is what the user has to see to; each row has one button.
	AttentionTitle string
	Attention      []view.Row
	Sending        Sending
	LicensesTitle  string
	Licenses       []view.Row
	// AllLicenses leads to the room of the licences.
	AllLicenses   view.Action
	MessagesTitle string
	Messages      []view.Row
	// AllMessages leads to the room of the messages.
	AllMessages view.Action
}

// Account is who is signed in.
type Account struct {
	// Row has the name, or that nobody is signed in, and the buttons that sign
	// in or out.
	Row view.Row
	// Login says what to do while one is under way, and has the buttons then.
	Login signin.View
}

// Sending is what is on its way to the marketplace.
type Sending struct {
	Title string
	// Text tells the number and the sizes, Detail the speed or why nothing
	// moves; both empty: nothing is on its way.
	Text, Detail string
	Tone         view.Tone
	// Progress is the share that is sent, 0 to 1, while Running.
	Progress float64
	Running  bool
	// Actions pause or resume, and lead to the list.
	Actions []view.Action
}

// shownMessages bounds the messages on the first page.
const shownMessages = 5

// Room is the first room. It is safe for any number of goroutines.
type Room struct {
	env  view.Env
	hand mend.Hand

	mu    sync.Mutex // guards what follows
	meter meter
}

// New makes the room. It listens to the desk for good.
func New(env view.Env, hand mend.Hand) *Room {
	r := &Room{env: env, hand: hand}
	env.Desk.Listen(r.hear)
	return r
}

// hear measures how fast the uploads are.
func (r *Room) hear(c desk.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.env.Now()
	if c.Event != nil && c.Event.Name == api.EventUploadProgress {
		if p, err := desk.Data[api.UploadProgress](c.Event); err == nil {
			r.meter.add(now, p.Operation, p.Sent)
		}
	}
	if c.Event == nil {
		for _, t := range c.Snapshot.State.Transfers {
			r.meter.add(now, t.Operation, t.Sent)
		}
		r.meter.keep(c.Snapshot.State.Transfers)
	}
}

// View is the room as it is now.
func (r *Room) View() View {
	s := r.env.Desk.Snapshot()
	r.mu.Lock()
	speed := r.meter.speed(r.env.Now())
	r.mu.Unlock()
	p := painter{env: r.env, hand: r.hand, words: r.env.Words(), state: s.State, now: r.env.Now()}
	v := View{Account: p.account(), First: p.first(s)}
	if s.Link != desk.Connected && s.Known() {
		v.Notice = p.words.T("home.stale", "time", p.words.Time(s.Since.Unix()))
	}
	if v.First != nil {
		v.Headline = p.words.T("home.welcome")
		v.Account.Row.Actions = slices.DeleteFunc(v.Account.Row.Actions, func(a view.Action) bool { return a.Name == "sign_in" })
		if v.Account.Login.Stage != signin.Idle && v.Account.Login.Stage != "" {
			v.First.Action = nil // the login has its own
		}
		return v
	}
	v.Sending = p.sending(speed)
	v.Attention = p.attention()
	v.AttentionTitle = p.words.T("home.attention")
	v.LicensesTitle, v.Licenses = p.words.T("home.licenses"), p.licenses()
	v.AllLicenses = p.leads("all_licenses", view.Place{Room: view.Licenses})
	v.MessagesTitle = p.words.T("home.messages")
	v.AllMessages = p.leads("all_messages", view.Place{Room: view.Messages})
	for _, m := range s.State.Messages[:min(len(s.State.Messages), shownMessages)] {
		v.Messages = append(v.Messages, p.message(m))
	}
	v.Headline, v.Tone = p.headline(v)
	return v
}

// message is one of the latest: in short, the room of the messages has it
// all.
func (p painter) message(m api.Message) view.Row {
	row := messages.Row(p.env, m)
	row.Detail, row.Status, row.Menu = row.Cells[0], "", nil
	for i := range row.Actions {
		row.Actions[i].Label, row.Actions[i].Primary = p.words.T("home.show"), false
	}
	return row
}

// painter words one state.
type painter struct {
	env   view.Env
	hand  mend.Hand
	words *i18n.Words
	state api.State
	now   time.Time
}

func (p painter) leads(name string, to view.Place) view.Action {
	return view.Action{Name: name, Label: p.words.T("home." + name), Do: func() { p.env.Go(to) }}
}

// call makes an action of a call of the service whose failure is told.
func (p painter) call(name string, call func(context.Context, desk.Service) error) view.Action {
	return view.Action{Name: name, Label: p.words.T("home." + name), Do: func() {
		p.env.Desk.Do(call, func(err error) {
			if err != nil {
				p.env.Tell(err)
			}
		})
	}}
}

// headline says how things are: what the user has to do goes before what goes
// on by itself.
func (p painter) headline(v View) (string, view.Tone) {
	w, tone := p.words, view.Quiet
	for _, row := range v.Attention {
		tone = max(tone, row.Tone)
	}
	switch n := len(v.Attention); {
	case n == 1:
		return w.T("home.headline.one"), tone
	case n > 1:
		return w.T("home.headline.many", "count", n), tone
	case v.Sending.Running:
		return w.T("home.headline.sending"), view.Busy
	case v.Sending.Text != "":
		return w.T("home.headline.waiting"), v.Sending.Tone
	case p.state.Account.State != api.AccountSignedIn:
		return w.T("home.headline.signed_out"), view.Attention
	}
	return w.T("home.headline.fine"), view.Good
}

// first is what a user sees who has not signed in yet: one sentence and one
// button.
func (p painter) first(s desk.Snapshot) *view.Empty {
	w := p.words
	e := &view.Empty{Icon: view.IconCloud}
	switch {
	case !s.Known() && s.Reason != nil && !view.Connecting(s, p.now):
		e.Icon, e.Title, e.Text = view.IconCloudOff, w.T("home.first.away"), w.Error(s.Reason)
		return e
	case !s.Known():
		e.Title = w.T("home.first.connecting")
		return e
	case !p.fresh():
		return nil
	}
	reason := api.Fail(api.SignedOut)
	e.Title, e.Text = w.T("home.first.signed_out"), w.T("home.first.signed_out.text")
	if p.state.Account.Marketplace == "" {
		reason = api.Fail(api.NotConfigured)
		e.Title, e.Text = w.T("home.first.not_configured"), w.Error(reason)
	}
	if a, ok := p.hand.Action(reason, mend.Subject{}); ok {
		a.Primary = true
		e.Action = &a
	}
	return e
}

// fresh tells that nobody is signed in and nothing is kept for anybody.
func (p painter) fresh() bool {
	s := p.state
	out := s.Account.State == api.AccountSignedOut || s.Account.State == api.AccountSigningIn
	return out && len(s.Transfers) == 0 && len(s.Licenses) == 0 && len(s.Messages) == 0 && len(s.Conflicts) == 0 && len(s.Picks) == 0
}

// AccountLook is how an account is shown in one state.
type AccountLook struct {
	State api.AccountState
	// Online counts where State is AccountSignedIn.
	Online bool
	Tone   view.Tone
	// Name is the key of the word: home.account.<Name>.
	Name string
}

// AccountLooks is the table of the states of an account.
func AccountLooks() []AccountLook {
	return []AccountLook{
		{api.AccountSignedOut, false, view.Attention, "signed_out"},
		{api.AccountSigningIn, false, view.Busy, "signing_in"},
		{api.AccountSignedIn, true, view.Good, "online"},
		{api.AccountSignedIn, false, view.Attention, "offline"},
		{api.AccountExpired, false, view.Attention, "expired"},
	}
}

func (p painter) account() (out Account) {
	a, w := p.state.Account, p.words
	out.Row = view.Row{ID: "account", Icon: view.IconPerson, Title: cmp.Or(a.Name, a.UserName, w.T("home.account.nobody"))}
	for _, look := range AccountLooks() {
		if look.State == a.State && (look.Online == a.Online || a.State != api.AccountSignedIn) {
			out.Row.Tone, out.Row.Status = look.Tone, w.T("home.account."+look.Name)
		}
	}
	switch {
	case a.UserName != "":
		out.Row.Detail = w.T("home.account.user", "user", a.UserName, "tenant", cmp.Or(a.TenantName, a.Tenant), "address", a.Marketplace)
	case a.Marketplace != "":
		out.Row.Detail = w.T("home.account.marketplace", "address", a.Marketplace)
	}
	if p.hand.SignIn != nil {
		out.Login = p.hand.SignIn.View()
		out.Row.Actions = p.accountActions(out.Login)
	}
	return out
}

// accountActions are none while a login is under way, which has its own.
func (p painter) accountActions(login signin.View) []view.Action {
	w, flow := p.words, p.hand.SignIn
	switch {
	case login.Stage != signin.Idle, p.state.Account.Marketplace == "":
		return nil
	case p.state.Account.State == api.AccountSignedIn:
		return []view.Action{{
			Name: "sign_out", Label: w.T("home.sign_out"), Do: flow.SignOut, Confirm: p.beforeSigningOut(),
		}}
	}
	return []view.Action{
		{Name: "sign_in", Label: w.T("home.sign_in"), Do: flow.Begin, Primary: true},
		{Name: "sign_in_code", Label: w.T("home.sign_in_code"), Do: flow.BeginCode},
	}
}

// beforeSigningOut says what signing out does now.
func (p painter) beforeSigningOut() string {
	switch n := len(p.state.Transfers); n {
	case 0:
		return p.words.T("home.sign_out.confirm")
	case 1:
		return p.words.T("home.sign_out.waiting.one")
	default:
		return p.words.T("home.sign_out.waiting", "count", n)
	}
}
