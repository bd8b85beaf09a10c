// Package documents draws the Documents room: the browser with what is known of
// the chosen document beside it, what is not published yet, the conflicts, and
// below the browser what is being added. What it shows and what a click does
// is said by gui/view/documents.
package documents

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/browse"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
)

// Screen draws the room.
type Screen struct {
	room *documents.Room
	kit  *kit.Kit
	part string
	led  string // where a click elsewhere has led to last

	parts     *kit.Segments
	bar       *buttons
	browser   *browse.Screen
	sheet     *kit.Sheet
	detail    *detail
	history   *history
	incoming  *incoming
	pending   *pending
	conflicts *conflicts
	head      *fyne.Container
	high      float32         // how high head is drawn
	first     *fyne.Container // the browser with what belongs to it
	all       *fyne.Container
}

// New draws a room.
func New(r *documents.Room, k *kit.Kit) *Screen {
	s := &Screen{room: r, kit: k}
	s.parts = kit.NewSegments(k, func(name string) {
		r.Show(view.Place{Room: view.Documents, Part: name})
		s.Refresh()
		s.Focus()
	})
	s.bar = newButtons(k)
	s.browser = browse.New(r.Browser(), k, browse.Options{Row: s.row, Drag: r.DragOut})
	s.sheet = kit.NewSheet(k, s.browser.Object())
	s.sheet.OnClose = s.closed
	s.detail, s.history = newDetail(k), newHistory(r, k)
	s.incoming = newIncoming(r, k)
	s.pending, s.conflicts = newPending(r, k), newConflicts(k)
	s.first = container.NewBorder(nil, s.incoming.all, nil, nil, s.sheet)
	s.head = container.New(layout.NewCustomPaddedLayout(kit.Space/2, kit.Space/2, kit.Space, kit.Space),
		container.NewBorder(nil, s.bar.why, nil, s.bar.all, s.parts))
	s.all = container.NewBorder(s.head, nil, nil, nil, container.NewStack(s.first, s.pending.all, s.conflicts.all))
	s.Refresh()
	return s
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.part = v.Part
	s.parts.Set(v.Parts, v.Part)
	kit.Show(s.first, v.Part == documents.PartBrowse)
	kit.Show(s.pending.all, v.Part == documents.PartPending)
	kit.Show(s.conflicts.all, v.Part == documents.PartConflicts)
	kit.Show(s.bar.all, v.Part == documents.PartBrowse)
	kit.Show(s.bar.why, v.Part == documents.PartBrowse && s.bar.why.Text != "")
	switch v.Part {
	case documents.PartPending:
		s.pending.set(v.Pending)
	case documents.PartConflicts:
		s.conflicts.set(v.Conflicts)
	default:
		s.bar.set(v.Bar)
		s.browser.Refresh()
		s.beside(v)
		if s.incoming.set(v.Incoming) {
			s.first.Refresh()
		}
	}
	if high := s.head.MinSize().Height; high != s.high { // a line more or less of parts
		s.high = high
		s.all.Refresh()
	}
	if v.Focus != s.led {
		s.led = v.Focus
		s.lead(v)
	}
}

// row gives a row of the browser the menu of what can be done with it.
func (s *Screen) row(row view.Row, e api.Entry) view.Row {
	row.Menu = s.room.Menu(e)
	return row
}

// beside shows the document that is chosen, its versions, or nothing.
func (s *Screen) beside(v documents.View) {
	switch {
	case v.History != nil:
		s.history.set(*v.History)
		s.sheet.Open(v.History.Title, s.history.all)
	case v.Detail.Title != "":
		s.detail.set(v.Detail)
		s.sheet.Open(v.Detail.Title, s.detail.all)
	case v.Detail.Note != nil:
		s.detail.set(v.Detail)
		s.sheet.Open(v.Title, s.detail.all)
	default:
		s.sheet.Close()
	}
}

// closed is called when the user closes what stands beside the browser.
func (s *Screen) closed() {
	if !s.room.Back() {
		s.room.Browser().Select("")
	}
	s.browser.Focus()
}

// lead goes to what a click elsewhere was about.
func (s *Screen) lead(v documents.View) {
	switch v.Part {
	case documents.PartPending:
		s.pending.lead(v.Focus)
	case documents.PartConflicts:
		s.conflicts.lead(v.Focus)
	}
}

// Show implements screen.Shower.
func (s *Screen) Show(p view.Place) {
	s.led = ""
	s.room.Show(p)
}

// Search implements screen.Searcher.
func (s *Screen) Search() {
	s.room.Show(view.Place{Room: view.Documents})
	s.Refresh()
	s.browser.Search()
}

// Reload implements screen.Reloader.
func (s *Screen) Reload() { s.room.Reload() }

// Back implements screen.Backer.
func (s *Screen) Back() bool {
	switch {
	case s.part == documents.PartBrowse && s.browser.Back():
		return true
	case s.room.Back():
		return true
	case s.part == documents.PartPending:
		return s.pending.sheet.Back()
	case s.part == documents.PartBrowse && s.sheet.Shown():
		return s.sheet.Back()
	}
	return false
}

// Drop implements screen.Dropper.
func (s *Screen) Drop(_ fyne.Position, paths []string) {
	s.room.Show(view.Place{Room: view.Documents})
	s.room.Drop(paths)
}

// Add begins something new: a folder.
func (s *Screen) Add() {
	if s.part == documents.PartBrowse {
		s.room.Browser().BeginFolder()
	}
}

// Focus implements screen.Focuser.
func (s *Screen) Focus() {
	switch s.part {
	case documents.PartPending:
		s.kit.Focus(s.pending.list.Focusable())
	case documents.PartConflicts:
		s.conflicts.focus()
	default:
		s.browser.Focus()
	}
}

// buttons is a line of buttons that does not wrap, and why one of them cannot
// be pressed.
type buttons struct {
	kit *kit.Kit
	all *fyne.Container
	why *widget.Label
}

func newButtons(k *kit.Kit) *buttons {
	b := &buttons{kit: k, all: container.NewHBox(), why: kit.NewCaption("")}
	b.why.Alignment = fyne.TextAlignTrailing
	return b
}

// set keeps the buttons that are there, and with them the focus.
func (b *buttons) set(actions []view.Action) {
	wide, why := b.all.MinSize(), ""
	for _, a := range actions {
		if a.Do == nil && why == "" {
			why = a.Why
		}
	}
	kit.SetCaption(b.why, why)
	for len(b.all.Objects) < len(actions) {
		b.all.Add(kit.NewButton(b.kit, view.Action{}))
	}
	for i, o := range b.all.Objects {
		kit.Show(o, i < len(actions))
		if i < len(actions) {
			o.(*kit.Button).Set(actions[i])
		}
	}
	if b.all.MinSize() != wide {
		b.all.Refresh()
	}
}
