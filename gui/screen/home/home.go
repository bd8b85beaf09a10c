// Package home draws the first room.
package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/signin"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/home"
)

// Screen draws the first room.
type Screen struct {
	room *home.Room

	headline *widget.Label
	notice   *widget.Label
	first    *first
	account  *account
	sending  *sending

	attention, licenses, messages *group

	rest *fyne.Container // everything that is there after the first visit
	all  *container.Scroll
}

// New makes the screen.
func New(r *home.Room, k *kit.Kit) *Screen {
	s := &Screen{
		room: r, headline: kit.NewTitle(""), notice: kit.NewText(""), first: newFirst(k), account: newAccount(k), sending: newSending(k),
		attention: newGroup(k), licenses: newGroup(k), messages: newGroup(k),
	}
	s.rest = container.New(layout.NewCustomPaddedVBoxLayout(kit.Space),
		s.attention.card, s.account.card, s.sending.card, s.licenses.card, s.messages.card)
	s.all = kit.NewPage(container.NewVBox(s.headline, s.notice), s.first.all, s.rest)
	return s
}

// Object is what is shown.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Refresh draws what the room says now.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.headline.SetText(v.Headline)
	kit.SetToned(s.notice, v.Notice, view.Attention)
	visible(s.first.all, v.First != nil)
	visible(s.rest, v.First == nil)
	if v.First != nil {
		s.first.set(*v.First, v.Account)
		return
	}
	s.attention.set(v.AttentionTitle, v.Attention)
	s.sending.set(v.Sending)
	s.licenses.set(v.LicensesTitle, v.Licenses, v.AllLicenses)
	s.account.set(v.Account)
	s.messages.set(v.MessagesTitle, v.Messages, v.AllMessages)
}

func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
		return
	}
	o.Hide()
}

// group draws rows under a heading, with a way to all of them.
type group struct {
	rows    *kit.Stories
	actions *kit.Actions
	card    *kit.Card
}

func newGroup(k *kit.Kit) *group {
	g := &group{rows: kit.NewStories(k), actions: kit.NewActions(k)}
	g.card = kit.NewCard("", g.rows, g.actions)
	return g
}

// set shows rows; without any there is no group.
func (g *group) set(title string, rows []view.Row, actions ...view.Action) {
	visible(g.card, len(rows) > 0)
	g.card.SetTitle(title)
	g.rows.Set(rows)
	g.actions.Set(actions)
}

// first draws what there is to do on a machine on which nobody has signed in.
type first struct {
	empty *kit.Empty
	login *signin.Panel
	other *kit.Actions
	all   *fyne.Container
}

func newFirst(k *kit.Kit) *first {
	f := &first{empty: kit.NewEmpty(k), login: signin.New(k), other: kit.NewActions(k)}
	f.all = container.NewVBox(f.empty, f.login.Object(), container.NewCenter(f.other))
	return f
}

func (f *first) set(v view.Empty, a home.Account) {
	f.empty.Set(&v)
	f.login.Set(a.Login)
	f.other.Set(a.Row.Actions)
}

// account draws who is signed in.
type account struct {
	row   *kit.Stories
	login *signin.Panel
	card  *kit.Card
}

func newAccount(k *kit.Kit) *account {
	a := &account{row: kit.NewStories(k), login: signin.New(k)}
	a.card = kit.NewCard("", a.row, a.login.Object())
	return a
}

func (a *account) set(v home.Account) {
	a.row.Set([]view.Row{v.Row})
	a.login.Set(v.Login)
}

// sending draws what is on its way.
type sending struct {
	text, detail *widget.Label
	bar          *kit.Bar
	actions      *kit.Actions
	card         *kit.Card
}

func newSending(k *kit.Kit) *sending {
	s := &sending{text: kit.NewText(""), detail: kit.NewText(""), bar: kit.NewBar(), actions: kit.NewActions(k)}
	s.card = kit.NewCard("", s.text, s.bar, s.detail, s.actions)
	return s
}

func (s *sending) set(v home.Sending) {
	visible(s.card, v.Text != "")
	s.card.SetTitle(v.Title)
	kit.SetToned(s.text, v.Text, view.Quiet)
	kit.SetToned(s.detail, v.Detail, v.Tone)
	visible(s.bar, v.Running)
	s.bar.Set(v.Progress, v.Tone)
	s.actions.Set(v.Actions)
}
