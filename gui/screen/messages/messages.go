// Package messages draws the room of the messages: a list, and below it the
// whole text of the one that is selected.
package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/messages"
)

// timeWidth is the room for the time of a message, in units of the size of
// text.
const timeWidth = 10

// statusWidth is the room for the word of a warning.
const statusWidth = 8

// Screen draws the messages.
type Screen struct {
	room *messages.Room
	kit  *kit.Kit

	title   *widget.Label
	filters *kit.Segments
	readAll *kit.Actions
	list    *kit.List
	empty   *kit.Empty
	reading *kit.Stories
	read    *kit.Surface
	all     *fyne.Container

	rows []view.Row
}

// New makes the screen.
func New(r *messages.Room, k *kit.Kit) *Screen {
	s := &Screen{
		room: r, kit: k, title: kit.NewTitle(""), readAll: kit.NewActions(k), empty: kit.NewEmpty(k), reading: kit.NewStories(k),
		list: kit.NewList(k, kit.WithDetail(), kit.WithStatus(statusWidth), kit.WithColumns(kit.Column{Width: timeWidth, Right: true})),
	}
	s.filters = kit.NewSegments(k, func(name string) { r.SetFilter(messages.Filter(name)) })
	s.list.OnOpen = func(i int, _ view.Row) {
		if lead := s.rows[i].Actions; len(lead) > 0 {
			k.Do(lead[0])
		}
	}
	s.list.OnSelect = func(int, view.Row) { s.show() }
	s.read = kit.NewSurface(kit.ColorSurface, 8, kit.Inset(s.reading))
	head := container.NewVBox(s.title, container.NewBorder(nil, nil, nil, s.readAll, s.filters))
	s.all = kit.Inset(container.NewBorder(head, s.read, nil, nil, container.NewStack(s.list, s.empty)))
	return s
}

// Object is what is shown.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Focus gives the keyboard to the list.
func (s *Screen) Focus() { s.kit.Focus(s.list.Focusable()) }

// Leave takes the marks away: another room is shown.
func (s *Screen) Leave() { s.room.Leave() }

// Refresh draws what the room says now.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.room.Seen(v.Rows)
	s.rows = v.Rows
	s.title.SetText(v.Title)
	s.filters.Set(v.Filters, string(v.Filter))
	readAll := []view.Action{v.ReadAll}
	if v.ReadAll.Do == nil {
		readAll = nil
	}
	s.readAll.Set(readAll)
	s.list.Set(len(v.Rows), func(i int) view.Row {
		row := v.Rows[i]
		row.Menu, row.Actions = append(append([]view.Action(nil), row.Actions...), row.Menu...), nil
		return row
	})
	s.empty.Set(v.Empty)
	s.show()
}

// show draws the selected message in full.
func (s *Screen) show() {
	i := s.list.Selected()
	if i < 0 || i >= len(s.rows) {
		s.read.Hide()
		return
	}
	row := s.rows[i]
	row.Actions = append(append([]view.Action(nil), row.Actions...), row.Menu...)
	s.reading.Set([]view.Row{row})
	s.read.Show()
}
