// Package picker draws the window in which an application's question for a
// document of the cloud is answered: who asks for what above, the browser with
// the selected document beside it, the name to save under and the buttons
// below. What is to be seen and what keys mean is said by gui/view/picker.
package picker

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/browse"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/picker"
)

// Screen draws the question that is shown. It implements screen.Floating.
type Screen struct {
	room  *picker.Room
	kit   *kit.Kit
	shown string // the id of the question that is drawn
	front int    // what View.Front was last

	asks    *widget.Label
	who     *widget.Label
	others  *kit.Button
	banner  *kit.Banner
	browser *browse.Screen
	about   *about
	save    *save
	buttons *answers
	keys    *widget.Label
	middle  *fyne.Container
	below   *fyne.Container
	all     *fyne.Container
}

// New draws the questions of a room.
func New(r *picker.Room, k *kit.Kit) *Screen {
	s := &Screen{room: r, kit: k, asks: kit.NewSubtitle(""), who: kit.NewCaption(""), banner: kit.NewBanner(k), keys: kit.NewCaption("")}
	s.others = kit.NewButton(k, view.Action{})
	s.others.Hide()
	s.about, s.save, s.buttons = newAbout(r, k), newSave(r, k), newAnswers(k)
	s.middle = container.NewStack()
	s.below = container.NewVBox(s.save, container.NewBorder(nil, nil, nil, s.buttons.line, s.keys), s.buttons.why)
	head := container.NewVBox(container.NewBorder(nil, nil, nil, s.others, s.asks), s.who, s.banner)
	s.all = container.New(layout.NewCustomPaddedLayout(6, 6, 6, 6), container.NewBorder(head, s.below, nil, nil, s.middle))
	s.shortcuts(k.Window())
	s.Refresh()
	return s
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Wanted implements screen.Floating.
func (s *Screen) Wanted() bool { return s.room.Wanted() }

// Title implements screen.Floating.
func (s *Screen) Title() string { return s.room.Title() }

// Size implements screen.Sizer.
func (s *Screen) Size() fyne.Size { return fyne.NewSize(1000, 680) }

// Closed implements screen.Floating: closing the window is an answer too.
func (s *Screen) Closed() { s.room.Cancel() }

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	if v.Browser == nil {
		s.shown, s.front, s.browser, s.middle.Objects = "", v.Front, nil, nil
		return
	}
	if v.ID != s.shown {
		s.browser = browse.New(v.Browser, s.kit, browse.Options{Beside: s.about.all})
		s.middle.Objects = []fyne.CanvasObject{s.browser.Object()}
		s.middle.Refresh()
	} else {
		s.browser.Refresh()
	}
	s.asks.SetText(v.Asks)
	kit.SetCaption(s.who, v.Who)
	s.banner.Set(v.Banner)
	if v.Others != nil {
		s.others.Set(*v.Others)
		s.others.Show()
	} else {
		s.others.Hide()
	}
	s.about.set(v.About)
	s.save.set(v.Save)
	said := ""
	if v.Save != nil {
		said = v.Save.Fault
	}
	s.buttons.set(v.Buttons, said)
	kit.SetCaption(s.keys, v.Keys)
	s.all.Refresh()
	s.come(v)
}

// come brings the window to the front when an application asks, and gives the
// keyboard to what is needed first when another question is shown.
func (s *Screen) come(v picker.View) {
	if v.ID != s.shown {
		s.shown = v.ID
		s.Focus()
	}
	if v.Front != s.front {
		s.front = v.Front
		if w := s.kit.Window(); w != nil {
			w.RequestFocus()
		}
	}
}

// Show implements screen.Shower: the item of the place is the id of a question.
func (s *Screen) Show(p view.Place) { s.room.Show(p.Item) }

// Focus implements screen.Focuser.
func (s *Screen) Focus() {
	switch {
	case s.save.Visible():
		s.kit.Focus(s.save.name)
	case s.browser != nil:
		s.browser.Focus()
	}
}

// Search implements screen.Searcher.
func (s *Screen) Search() {
	if s.browser != nil {
		s.browser.Search()
	}
}

// Reload implements screen.Reloader.
func (s *Screen) Reload() {
	if s.browser != nil {
		s.browser.Reload()
	}
}

// Back implements screen.Backer: it leaves a search or the line of a new
// folder. Where there is nothing to leave, Escape cancels.
func (s *Screen) Back() bool { return s.browser != nil && s.browser.Back() }

// shortcuts are the keys that work wherever the focus is.
func (s *Screen) shortcuts(w fyne.Window) {
	if w == nil {
		return
	}
	for key, do := range map[desktop.CustomShortcut]func(){
		{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierControl}: s.room.CheckOut,
		{KeyName: fyne.KeyEnter, Modifier: fyne.KeyModifierControl}:  s.room.CheckOut,
		{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierControl}:      s.Search,
		{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierControl}:      s.newFolder,
		{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt}:         s.up,
		{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt}:       s.back,
	} {
		w.Canvas().AddShortcut(&key, func(fyne.Shortcut) { do() })
	}
}

func (s *Screen) newFolder() {
	if b := s.room.View().Browser; b != nil {
		b.BeginFolder()
	}
}

func (s *Screen) up() {
	if b := s.room.View().Browser; b != nil {
		b.Up()
	}
}

func (s *Screen) back() {
	if b := s.room.View().Browser; b != nil {
		b.Back()
	}
}
