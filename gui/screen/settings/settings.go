// Package settings draws the Settings room: a card for each section, and in it
// a control for what the user may set and a text for what he may not. What it
// shows and what a change does is said by gui/view/settings.
package settings

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/settings"
	"iscdesk.dev/gui/view/signin"
)

// Screen draws the room.
type Screen struct {
	room     *settings.Room
	kit      *kit.Kit
	title    *widget.Label
	notice   *widget.Label
	login    *login
	sections map[string]*section
	list     *fyne.Container
	page     *container.Scroll
	chosen   string
}

// New draws a room.
func New(r *settings.Room, k *kit.Kit) *Screen {
	s := &Screen{room: r, kit: k, title: kit.NewTitle(""), notice: kit.NewCaption(""), login: newLogin(k), sections: map[string]*section{}, list: container.New(layout.NewCustomPaddedVBoxLayout(kit.Space))}
	s.page = kit.NewPage(s.title, s.notice, s.list)
	s.Refresh()
	return s
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.page }

// Show implements screen.Shower.
func (s *Screen) Show(p view.Place) { s.room.Show(p.Part) }

// Reload implements screen.Reloader.
func (s *Screen) Reload() { s.room.Look() }

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.title.SetText(v.Title)
	kit.SetCaption(s.notice, v.Notice)
	s.login.set(v.Login)
	var shown []fyne.CanvasObject
	for i, data := range v.Sections {
		part := s.sections[data.Name]
		if part == nil {
			part = newSection(s.room, s.kit)
			s.sections[data.Name] = part
		}
		part.set(data)
		shown = append(shown, part.card)
		if i == 0 {
			shown = append(shown, s.login.card)
		}
	}
	if !slices.Equal(shown, s.list.Objects) {
		s.list.Objects = shown
		s.list.Refresh()
	}
	s.lead(v.Chosen)
}

// lead brings the section that the user was led to into sight, once.
func (s *Screen) lead(chosen string) {
	if chosen == s.chosen {
		return
	}
	s.chosen = chosen
	if part := s.sections[chosen]; part != nil {
		s.page.Offset = fyne.NewPos(0, max(0, part.card.Position().Y+s.list.Position().Y-kit.Space))
		s.page.Refresh()
	}
}

// section draws one section.
type section struct {
	room    *settings.Room
	kit     *kit.Kit
	text    *widget.Label
	fields  *kit.Fields
	items   []*item
	list    *fyne.Container
	actions *kit.Actions
	card    *kit.Card
}

func newSection(r *settings.Room, k *kit.Kit) *section {
	s := &section{room: r, kit: k, text: kit.NewCaption(""), fields: kit.NewFields(), list: container.NewVBox(), actions: kit.NewActions(k)}
	s.card = kit.NewCard("", s.text, s.fields, s.list, s.actions)
	return s
}

func (s *section) set(v settings.Section) {
	s.card.SetTitle(v.Title)
	kit.SetCaption(s.text, v.Text)
	s.fields.Set(v.Fields)
	kit.Show(s.fields, len(v.Fields) > 0)
	var shown []fyne.CanvasObject
	for i, data := range v.Items {
		if i == len(s.items) {
			s.items = append(s.items, nil)
		}
		if s.items[i] == nil || !s.items[i].fits(data) {
			s.items[i] = newItem(s.room, s.kit, data)
		}
		s.items[i].set(data)
		shown = append(shown, s.items[i].all)
	}
	if !slices.Equal(shown, s.list.Objects) {
		s.list.Objects = shown
		s.list.Refresh()
	}
	s.actions.Set(v.Actions)
}

// login draws the login that is under way.
type login struct {
	text, address, until, reason *widget.Label
	code                         *widget.Label
	actions                      *kit.Actions
	card                         *kit.Card
}

func newLogin(k *kit.Kit) *login {
	l := &login{
		text: kit.NewText(""), address: kit.NewText(""), until: kit.NewCaption(""), reason: kit.NewText(""), code: kit.NewTitle(""), actions: kit.NewActions(k),
	}
	l.code.Selectable, l.address.Selectable = true, true
	l.card = kit.NewCard("", l.text, l.code, l.address, l.until, l.reason, l.actions)
	return l
}

func (l *login) set(v signin.View) {
	kit.Show(l.card, v.Text != "" || v.Error != "")
	kit.SetToned(l.text, v.Text, view.Quiet)
	kit.SetToned(l.address, v.Address, view.Quiet)
	kit.SetToned(l.reason, v.Error, view.Trouble)
	kit.SetCaption(l.until, v.Until)
	l.code.SetText(v.Code)
	kit.Show(l.code, v.Code != "")
	l.actions.Set(v.Actions)
}
