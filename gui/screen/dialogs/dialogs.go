// Package dialogs draws the small windows that stand in front: one at a time,
// the most pressing first.
package dialogs

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/screen/signin"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/dialogs"
)

// notesHeight is the room for the vendor's words, which scroll.
const notesHeight = 140

// Screen draws the dialog that is to be seen.
type Screen struct {
	room *dialogs.Room
	kit  *kit.Kit
	now  dialogs.Dialog // the zero value: none

	title        *widget.Label
	text, detail *widget.Label
	failed       *widget.Label
	notesTitle   *widget.Label
	notes        *widget.Label
	notesScroll  *container.Scroll
	login        *signin.Panel
	actions      *kit.Actions
	all          *fyne.Container
}

// New makes the screen.
func New(r *dialogs.Room, k *kit.Kit) *Screen {
	s := &Screen{
		room: r, kit: k, title: kit.NewTitle(""), text: kit.NewText(""), detail: kit.NewText(""), failed: kit.NewText(""),
		notesTitle: kit.NewCaption(""), notes: kit.NewText(""), login: signin.New(k), actions: kit.NewActions(k),
	}
	s.title.Truncation, s.title.Wrapping = fyne.TextTruncateOff, fyne.TextWrapWord
	s.notes.Selectable = true
	s.notesScroll = container.NewVScroll(s.notes)
	s.notesScroll.SetMinSize(fyne.NewSize(0, notesHeight))
	body := container.NewVBox(s.title, s.text, s.detail, s.failed, s.notesTitle, s.notesScroll, s.login.Object())
	s.all = kit.Inset(container.NewBorder(nil, s.actions, nil, nil, container.NewVScroll(body)))
	return s
}

// Object is what is shown.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Size is that of a small window.
func (s *Screen) Size() fyne.Size { return fyne.NewSize(36*theme.TextSize(), 24*theme.TextSize()) }

// Wanted tells whether there is a dialog.
func (s *Screen) Wanted() bool { return s.now.ID != "" }

// Title is that of the window.
func (s *Screen) Title() string { return s.now.Title }

// Closed puts the dialog away without an answer.
func (s *Screen) Closed() {
	if s.now.Close.Do != nil {
		s.now.Close.Do()
	}
}

// Focus gives the keyboard to the answer that is meant first.
func (s *Screen) Focus() { s.actions.FocusPrimary() }

// Refresh draws the dialog that is to be seen now. Another one than before has
// the keyboard on the answer that is meant first.
func (s *Screen) Refresh() {
	before := s.now.ID
	s.now = dialogs.Dialog{}
	if open := s.room.View(); len(open) > 0 {
		s.now = open[0]
	}
	d := s.now
	if d.Raise {
		s.room.Raised(d.ID)
	}
	s.title.SetText(d.Title)
	kit.SetToned(s.text, d.Text, view.Quiet)
	kit.SetToned(s.detail, d.Detail, d.Tone)
	kit.SetToned(s.failed, d.Error, view.Trouble)
	kit.SetCaption(s.notesTitle, d.NotesTitle)
	kit.SetToned(s.notes, d.Notes, view.Quiet)
	if d.Notes != "" {
		s.notesScroll.Show()
	} else {
		s.notesScroll.Hide()
	}
	s.login.Set(d.Login)
	s.actions.Set(d.Actions)
	if d.ID != "" && d.ID != before {
		s.Focus()
	}
}
