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

// How large the window is, in units of the size of text: high enough for what
// it holds, within bounds; what is longer scrolls. The vendor's notes scroll by
// themselves.
const (
	wide      = 36
	low, high = 12, 26
	notesHigh = 9
)

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
	body         *fyne.Container
	scroll       *container.Scroll
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
	s.body = container.NewVBox(s.title, s.text, s.detail, s.failed, s.notesTitle, s.notesScroll, s.login.Object())
	s.scroll = container.NewVScroll(s.body)
	s.all = kit.Inset(kit.NewFooted(s.scroll, s.actions))
	return s
}

// Object is what is shown.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Size is that of a small window that holds the dialog.
func (s *Screen) Size() fyne.Size {
	unit := theme.TextSize()
	around := 2 * (kit.Space + theme.Padding())
	inner := wide*unit - around
	body, actions := s.body.Size(), s.actions.Size()
	s.fitNotes(inner)
	need := kit.HeightAt(s.body, inner) + kit.Space/2 + kit.HeightAt(s.actions, inner) + around
	if body.Width > 0 { // it was measured only
		s.body.Resize(body)
		s.actions.Resize(actions)
		s.fitNotes(body.Width)
	}
	return fyne.NewSize(wide*unit, min(max(need, low*unit), high*unit))
}

// fitNotes gives the notes as much room as they need at a width, within bounds.
func (s *Screen) fitNotes(width float32) {
	need := min(kit.HeightAt(s.notes, width), notesHigh*theme.TextSize())
	if s.notesScroll.MinSize().Height != need {
		s.notesScroll.SetMinSize(fyne.NewSize(0, need))
	}
}

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
	s.fitNotes(max(s.body.Size().Width, 10*theme.TextSize()))
	s.login.Set(d.Login)
	s.actions.Set(d.Actions)
	if d.ID != "" && d.ID != before {
		s.Focus()
	}
}
