package documents

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
)

// conflicts draws the conflicts below each other.
type conflicts struct {
	kit    *kit.Kit
	intro  *widget.Label
	cards  []*conflict
	shown  []documents.Conflict
	box    *fyne.Container
	scroll *container.Scroll
	empty  *kit.Empty
	all    *fyne.Container
}

func newConflicts(k *kit.Kit) *conflicts {
	c := &conflicts{kit: k, intro: kit.NewText(""), empty: kit.NewEmpty(k)}
	c.box = container.New(layout.NewCustomPaddedVBoxLayout(kit.Space), c.intro)
	c.scroll = container.NewVScroll(kit.Inset(c.box))
	c.all = container.NewStack(c.scroll, c.empty)
	c.all.Hide()
	return c
}

func (c *conflicts) set(v documents.Conflicts) {
	kit.Show(c.scroll, v.Empty == nil)
	c.empty.Set(v.Empty)
	if c.intro.Text != v.Intro {
		c.intro.SetText(v.Intro)
	}
	for len(c.cards) < len(v.Items) {
		c.cards = append(c.cards, newConflict(c.kit))
	}
	if len(c.box.Objects) != 1+len(v.Items) {
		objects := []fyne.CanvasObject{c.intro}
		for i := range v.Items {
			objects = append(objects, c.cards[i].all.Surface) // the widget itself, so that what is in it can have the focus before it is drawn
		}
		c.box.Objects = objects
	}
	for i, item := range v.Items {
		c.cards[i].set(item)
	}
	c.shown = v.Items
	c.box.Refresh()
}

// lead brings a conflict into sight.
func (c *conflicts) lead(id string) {
	for i, item := range c.shown {
		if item.ID == id {
			c.scroll.Offset = fyne.NewPos(0, c.cards[i].all.Position().Y)
			c.scroll.Refresh()
			c.kit.Focus(c.cards[i].choices[0].button)
		}
	}
}

// focus gives the keyboard to the first choice there is.
func (c *conflicts) focus() {
	if len(c.shown) > 0 {
		c.kit.Focus(c.cards[0].choices[0].button)
	}
}

// conflict draws one: what happened, both sides, and the choices.
type conflict struct {
	text         *widget.Label
	theirs, mine *side
	choices      []*choice
	news, err    *widget.Label
	all          *kit.Card
}

type side struct {
	title   *widget.Label
	heading *widget.Label
	picture *picture
	facts   *kit.Fields
	open    *kit.Button
	all     *fyne.Container
}

type choice struct {
	button  *kit.Button
	explain *widget.Label
}

func newConflict(k *kit.Kit) *conflict {
	c := &conflict{text: kit.NewText(""), theirs: newSide(k), mine: newSide(k), news: kit.NewText(""), err: kit.NewText("")}
	rows := container.NewVBox()
	for range 3 {
		one := &choice{button: kit.NewButton(k, view.Action{}), explain: kit.NewText("")}
		c.choices = append(c.choices, one)
		rows.Add(container.New(&line{}, one.button, one.explain))
	}
	sides := container.New(&pair{}, c.theirs.all, c.mine.all)
	c.all = kit.NewCard("", c.text, sides, c.news, c.err, rows)
	return c
}

func newSide(k *kit.Kit) *side {
	s := &side{title: kit.NewCaption(""), heading: kit.NewSubtitle(""), picture: newPicture(), facts: kit.NewFields(), open: kit.NewButton(k, view.Action{})}
	body := container.NewVBox(s.title, s.heading, s.picture.all, s.facts, container.NewHBox(s.open))
	s.all = container.NewStack(kit.NewSurface(theme.ColorNameBackground, 6, container.NewPadded(body)))
	return s
}

func (s *side) set(v documents.Side) {
	kit.SetCaption(s.title, v.Title)
	if s.heading.Text != v.Heading {
		s.heading.SetText(v.Heading)
	}
	s.picture.set(v.Picture)
	kit.Show(s.picture.all, !v.Picture.None) // the choices below stay in sight
	s.facts.Set(v.Facts)
	s.open.Set(v.Open)
}

func (c *conflict) set(v documents.Conflict) {
	c.all.SetTitle(v.Name)
	if c.text.Text != v.Text {
		c.text.SetText(v.Text)
	}
	c.theirs.set(v.Theirs)
	c.mine.set(v.Mine)
	kit.SetToned(c.news, v.News, view.Attention)
	kit.SetToned(c.err, v.Error, view.Trouble)
	for i, one := range v.Choices {
		c.choices[i].button.Set(one.Action)
		if c.choices[i].explain.Text != one.Explain {
			c.choices[i].explain.SetText(one.Explain)
		}
	}
}

// pair puts two things beside each other, or below each other where it is
// narrow.
type pair struct{ width float32 }

func (p *pair) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	if wide(p.width) {
		return fyne.NewSize(max(a.Width, b.Width), max(a.Height, b.Height))
	}
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height+kit.Space)
}

func (p *pair) Layout(o []fyne.CanvasObject, size fyne.Size) {
	p.width = size.Width
	if wide(size.Width) {
		half := (size.Width - kit.Space) / 2
		for i := range o {
			o[i].Resize(fyne.NewSize(half, size.Height))
			o[i].Move(fyne.NewPos(float32(i)*(half+kit.Space), 0))
		}
		return
	}
	y := float32(0)
	for i := range o {
		h := o[i].MinSize().Height
		o[i].Resize(fyne.NewSize(size.Width, h))
		o[i].Move(fyne.NewPos(0, y))
		y += h + kit.Space
	}
}

// line puts a button in a column before what it does, so that the texts begin
// below each other, or above it where it is narrow.
type line struct{ width float32 }

func column() float32 { return 12 * theme.TextSize() }

func (l *line) MinSize(o []fyne.CanvasObject) fyne.Size {
	button, text := o[0].MinSize(), o[1].MinSize()
	if wide(l.width) {
		return fyne.NewSize(column()+8*theme.TextSize(), max(button.Height, text.Height))
	}
	return fyne.NewSize(max(button.Width, text.Width), button.Height+text.Height)
}

func (l *line) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	button := o[0].MinSize()
	if wide(size.Width) {
		o[0].Resize(fyne.NewSize(max(column(), button.Width), button.Height))
		o[0].Move(fyne.NewPos(0, 0))
		x := max(column(), button.Width) + theme.Padding()
		o[1].Resize(fyne.NewSize(size.Width-x, size.Height))
		o[1].Move(fyne.NewPos(x, 0))
		return
	}
	o[0].Resize(fyne.NewSize(min(size.Width, max(column(), button.Width)), button.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-button.Height))
	o[1].Move(fyne.NewPos(0, button.Height))
}
