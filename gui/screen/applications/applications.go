// Package applications draws the Applications room: a card for each
// application, and beside them the log of one. What it shows and what a click
// does is said by gui/view/applications.
package applications

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/applications"
)

// Screen draws the room.
type Screen struct {
	room   *applications.Room
	kit    *kit.Kit
	title  *widget.Label
	notice *widget.Label
	locked *kit.Banner
	empty  *kit.Empty
	cards  map[string]*card
	list   *fyne.Container
	page   *container.Scroll
	sheet  *kit.Sheet
	log    *log
	chosen string
}

// New draws a room.
func New(r *applications.Room, k *kit.Kit) *Screen {
	s := &Screen{
		room: r, kit: k, title: kit.NewTitle(""), notice: kit.NewCaption(""), locked: kit.NewBanner(k), empty: kit.NewEmpty(k),
		cards: map[string]*card{}, list: container.New(layout.NewCustomPaddedVBoxLayout(kit.Space)), log: newLog(k),
	}
	s.page = kit.NewPage(s.title, s.notice, s.locked, s.list)
	s.sheet = kit.NewSheet(k, container.NewStack(s.page, s.empty))
	s.sheet.OnClose = func() { r.ShowLog("") }
	s.Refresh()
	return s
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.sheet }

// Show implements screen.Shower.
func (s *Screen) Show(p view.Place) { s.room.Show(p.Item) }

// Reload implements screen.Reloader.
func (s *Screen) Reload() { s.room.Look() }

// Back implements screen.Backer.
func (s *Screen) Back() bool { return s.sheet.Back() }

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.title.SetText(v.Title)
	kit.SetCaption(s.notice, v.Notice)
	s.locked.Set(view.Banner{Tone: view.Attention, Text: v.Locked})
	s.empty.Set(v.Empty)
	shown := make([]fyne.CanvasObject, 0, len(v.Apps))
	for _, app := range v.Apps {
		c := s.cards[app.ID]
		if c == nil {
			c = newCard(s.kit, v.More)
			s.cards[app.ID] = c
		}
		c.set(app)
		shown = append(shown, c.all)
	}
	if !slices.Equal(shown, s.list.Objects) {
		s.list.Objects = shown
		s.list.Refresh()
	}
	s.beside(v)
	s.lead(v)
}

// beside shows the log.
func (s *Screen) beside(v applications.View) {
	if v.Log == nil {
		if s.sheet.Shown() {
			s.sheet.Close()
		}
		return
	}
	s.log.set(*v.Log)
	s.sheet.Open(v.Log.Title, s.log.all)
}

// lead brings the application that the user was led to into sight, once.
func (s *Screen) lead(v applications.View) {
	if v.Chosen == s.chosen {
		return
	}
	s.chosen = v.Chosen
	if c := s.cards[v.Chosen]; c != nil {
		s.page.Offset = fyne.NewPos(0, max(0, c.all.Position().Y+s.list.Position().Y-kit.Space))
		s.page.Refresh()
	}
}

// card draws one application.
type card struct {
	title, version *widget.Label
	status         *widget.Label
	summary        *widget.Label
	forced, reason *widget.Label
	waiting, notes *widget.Label
	bar            *kit.Bar
	amount         *widget.Label
	actions        *kit.Actions
	more           *kit.Button
	menu           []view.Action
	all            *kit.Card
}

func newCard(k *kit.Kit, more string) *card {
	c := &card{
		title: kit.NewSubtitle(""), version: kit.NewCaption(""), status: kit.NewText(""), summary: kit.NewText(""),
		forced: kit.NewText(""), reason: kit.NewText(""), waiting: kit.NewText(""), notes: kit.NewCaption(""),
		bar: kit.NewBar(), amount: kit.NewCaption(""), actions: kit.NewActions(k),
	}
	c.more = k.MoreButton(more, func() []view.Action { return c.menu })
	icon := widget.NewIcon(kit.Icon(view.IconApplications))
	head := container.NewBorder(nil, nil, container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(1.6*theme.TextSize()), icon)),
		container.NewCenter(c.more), c.title)
	tight := layout.NewCustomPaddedVBoxLayout(theme.Padding() - theme.InnerPadding())
	c.all = kit.NewCard("", head, container.New(
		tight, c.status, c.bar, c.amount, c.version, c.summary, c.forced, c.waiting, c.reason, c.notes,
	), c.actions)
	return c
}

func (c *card) set(app applications.App) {
	c.title.SetText(app.Title)
	kit.SetCaption(c.version, app.Version)
	kit.SetToned(c.status, app.Status, app.Tone)
	kit.SetToned(c.summary, app.Summary, view.Quiet)
	kit.SetToned(c.forced, app.Forced, view.Attention)
	kit.SetToned(c.waiting, app.Waiting, view.Attention)
	kit.SetToned(c.reason, app.Reason, view.Trouble)
	kit.SetCaption(c.notes, app.Notes)
	kit.SetCaption(c.amount, app.Amount)
	if app.Running && app.Progress >= 0 {
		c.bar.Set(app.Progress, app.Tone)
		c.bar.Show()
	} else {
		c.bar.Hide()
	}
	c.actions.Set(app.Actions)
	if c.menu = app.Menu; len(c.menu) > 0 {
		c.more.Show()
	} else {
		c.more.Hide()
	}
}

// log draws what an application's scripts wrote.
type log struct {
	text    *widget.Label
	path    *widget.Label
	actions *kit.Actions
	all     *fyne.Container
}

func newLog(k *kit.Kit) *log {
	l := &log{text: widget.NewLabel(""), path: kit.NewCaption(""), actions: kit.NewActions(k)}
	l.text.TextStyle.Monospace, l.text.Selectable, l.text.Wrapping = true, true, fyne.TextWrapBreak
	l.all = container.NewBorder(nil, container.NewVBox(l.path, l.actions), nil, nil, container.NewVScroll(l.text))
	return l
}

func (l *log) set(v applications.Log) {
	if l.text.Text != v.Text {
		l.text.SetText(v.Text)
	}
	kit.SetCaption(l.path, v.Path)
	l.actions.Set(v.Actions)
}
