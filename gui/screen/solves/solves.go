// Package solves draws the Solves room: the list of jobs, or one of them with
// the pictures of its results. What it shows and what a click does is said by
// gui/view/solves.
package solves

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/solves"
)

// Screen draws the room.
type Screen struct {
	room   *solves.Room
	title  *widget.Label
	notice *widget.Label
	list   *kit.List
	empty  *kit.Empty
	first  *fyne.Container
	detail *detail
	all    *fyne.Container
}

// New draws a room.
func New(r *solves.Room, k *kit.Kit) *Screen {
	s := &Screen{room: r, title: kit.NewTitle(""), notice: kit.NewCaption(""), list: kit.NewList(k, kit.WithDetail()), empty: kit.NewEmpty(k)}
	s.list.OnOpen = func(_ int, row view.Row) { r.Show(row.ID) }
	s.detail = newDetail(r, k)
	s.first = container.NewBorder(kit.Inset(container.NewVBox(s.title, s.notice)), nil, nil, nil, container.NewStack(s.list, s.empty))
	s.all = container.NewStack(s.first, s.detail.page)
	s.Refresh()
	return s
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Show implements screen.Shower.
func (s *Screen) Show(p view.Place) { s.room.Show(p.Item) }

// Back implements screen.Backer.
func (s *Screen) Back() bool {
	if !s.detail.page.Visible() {
		return false
	}
	s.room.Show("")
	return true
}

// Focus implements screen.Focuser.
func (s *Screen) Focus() {
	if s.first.Visible() && s.list.Visible() {
		s.detail.kit.Focus(s.list.Focusable())
	}
}

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.title.SetText(v.Title)
	kit.SetCaption(s.notice, v.Notice)
	kit.Show(s.first, v.Detail == nil)
	kit.Show(s.detail.page, v.Detail != nil)
	if v.Detail != nil {
		s.detail.set(*v.Detail)
		return
	}
	s.list.Set(len(v.Jobs), func(i int) view.Row { return v.Jobs[i] })
	kit.Show(s.list, v.Empty == nil)
	s.empty.Set(v.Empty)
}
