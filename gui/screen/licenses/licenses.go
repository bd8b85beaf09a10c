// Package licenses draws the room of the licences.
package licenses

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/licenses"
)

// Screen draws the licences: one card each.
type Screen struct {
	room *licenses.Room
	kit  *kit.Kit

	title, bound, notice *widget.Label
	cards                []*card
	box                  *fyne.Container
	empty                *kit.Empty
	page                 *container.Scroll
	all                  *fyne.Container
	led                  string // the product that was led to last
}

// New makes the screen.
func New(r *licenses.Room, k *kit.Kit) *Screen {
	s := &Screen{
		room: r, kit: k, title: kit.NewTitle(""), bound: kit.NewCaption(""), notice: kit.NewText(""), empty: kit.NewEmpty(k),
		box: container.New(layout.NewCustomPaddedVBoxLayout(kit.Space)),
	}
	s.page = kit.NewPage(s.title, s.bound, s.notice, s.box)
	s.all = container.NewStack(s.page, s.empty)
	return s
}

// Object is what is shown.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Show leads to a product's licence.
func (s *Screen) Show(p view.Place) {
	s.led = ""
	s.room.Show(p.Item)
}

// Refresh draws what the room says now.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.title.SetText(v.Title)
	kit.SetCaption(s.bound, v.Bound)
	kit.SetToned(s.notice, v.Notice, view.Attention)
	for len(s.cards) < len(v.Licenses) {
		s.cards = append(s.cards, newCard(s.kit))
	}
	shown := make([]fyne.CanvasObject, len(v.Licenses))
	for i, l := range v.Licenses {
		s.cards[i].set(l)
		shown[i] = s.cards[i].all
	}
	if len(shown) != len(s.box.Objects) {
		s.box.Objects = shown
		s.box.Refresh()
	}
	s.empty.Set(v.Empty)
	s.lead(v)
}

// lead brings the licence that was asked for into sight, once.
func (s *Screen) lead(v licenses.View) {
	if v.Chosen == s.led {
		return
	}
	s.led = v.Chosen
	for i, l := range v.Licenses {
		if l.Product == v.Chosen {
			s.page.ScrollToOffset(fyne.NewPos(0, s.box.Position().Y+s.cards[i].all.Position().Y))
			return
		}
	}
}

// card draws one licence.
type card struct {
	head          *kit.Stories
	left, right   *kit.Fields
	usesTitle     *widget.Label
	uses          *kit.Stories
	requestsTitle *widget.Label
	requests      *kit.Stories
	all           *kit.Card
}

func newCard(k *kit.Kit) *card {
	c := &card{
		head: kit.NewStories(k), left: kit.NewFields(), right: kit.NewFields(),
		usesTitle: kit.NewCaption(""), uses: kit.NewStories(k), requestsTitle: kit.NewCaption(""), requests: kit.NewStories(k),
	}
	c.all = kit.NewCard("", c.head, container.NewGridWithColumns(2, c.left, c.right), c.usesTitle, c.uses, c.requestsTitle, c.requests)
	return c
}

func (c *card) set(l licenses.License) {
	c.all.SetTitle(l.Title)
	c.head.Set([]view.Row{l.Head})
	half := (len(l.Fields) + 1) / 2
	c.left.Set(l.Fields[:half])
	c.right.Set(l.Fields[half:])
	kit.SetCaption(c.usesTitle, l.UsesTitle)
	c.uses.Set(l.Uses)
	kit.SetCaption(c.requestsTitle, l.RequestsTitle)
	c.requests.Set(l.Requests)
}
