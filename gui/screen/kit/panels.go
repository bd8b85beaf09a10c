package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// Space is the air around what belongs together.
const Space = 14

// Inset gives an object air on all sides.
func Inset(o fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(Space, Space, Space, Space), o)
}

// NewPage lays the parts of a room out below each other, with a scroll bar
// where they are longer than the window.
func NewPage(parts ...fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(Inset(container.New(layout.NewCustomPaddedVBoxLayout(Space), parts...)))
}

// Surface is a plane in a colour of the theme.
type Surface struct {
	widget.BaseWidget
	color   fyne.ThemeColorName
	plane   *canvas.Rectangle
	content *fyne.Container
}

// NewSurface puts a plane in a colour of the theme behind an object.
func NewSurface(c fyne.ThemeColorName, radius float32, o fyne.CanvasObject) *Surface {
	s := &Surface{color: c, plane: canvas.NewRectangle(theme.Color(c))}
	s.plane.CornerRadius = radius
	s.content = container.NewStack(s.plane, o)
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements fyne.Widget.
func (s *Surface) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.content) }

// Refresh implements fyne.CanvasObject.
func (s *Surface) Refresh() {
	s.plane.FillColor = theme.Color(s.color)
	s.plane.Refresh()
	s.BaseWidget.Refresh()
}

// Card groups what belongs together under a heading.
type Card struct {
	*Surface
	title *widget.Label
}

// NewCard makes a group; an empty title is left out.
func NewCard(title string, parts ...fyne.CanvasObject) *Card {
	c := &Card{title: NewSubtitle(title)}
	body := container.NewVBox(append([]fyne.CanvasObject{c.title}, parts...)...)
	c.Surface = NewSurface(ColorSurface, 8, container.New(layout.NewCustomPaddedLayout(8, 8, 6, 6), body))
	Show(c.title, title != "")
	return c
}

// SetTitle changes the heading.
func (c *Card) SetTitle(title string) {
	setText(c.title, title)
	Show(c.title, title != "")
}

// Rows shows a few rows, each as high as it needs, without scrolling by
// itself. For more than some dozens use a List.
type Rows struct {
	widget.BaseWidget
	// OnOpen hears of a tap on a row.
	OnOpen func(i int, r view.Row)
	kit    *Kit
	rows   []*row
	box    *fyne.Container
}

// NewRows makes a group without rows.
func NewRows(k *Kit) *Rows {
	r := &Rows{kit: k, box: container.NewVBox()}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows other rows.
func (r *Rows) Set(rows []view.Row) {
	grown := len(r.box.Objects) != len(rows)
	for len(r.rows) < len(rows) {
		r.rows = append(r.rows, newRow(r.kit, nil))
	}
	shown := make([]fyne.CanvasObject, len(rows))
	for i, data := range rows {
		w := r.rows[i]
		w.tapped = func() {
			if r.OnOpen != nil {
				r.OnOpen(i, data)
			}
		}
		w.menu = func(at fyne.Position) {
			r.kit.Menu(at, append(append([]view.Action(nil), data.Actions...), data.Menu...))
		}
		w.set(data)
		shown[i] = w
	}
	if grown {
		r.box.Objects = shown
	}
	r.box.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (r *Rows) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }

// Banner is a quiet line with what goes on, and perhaps a button.
type Banner struct {
	widget.BaseWidget
	kit    *Kit
	icon   *canvas.Image
	text   *widget.Label
	button *Button
	plane  *Surface
}

// NewBanner makes a line that is hidden until it has something to say.
func NewBanner(k *Kit) *Banner {
	b := &Banner{kit: k, icon: newImage(20), text: NewText(""), button: NewButton(k, view.Action{})}
	line := container.NewBorder(nil, nil, container.NewCenter(b.icon), container.NewCenter(b.button), b.text)
	b.plane = NewSurface(theme.ColorNameHeaderBackground, 0, container.New(layout.NewCustomPaddedLayout(2, 2, Space, Space), line))
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

// Set says something else; an empty text hides the banner. It tells whether
// what the banner is in has to be laid out again.
func (b *Banner) Set(v view.Banner) (changed bool) {
	if v.Text != "" {
		setIcon(b.icon, v.Tone.Icon(), ToneColor(v.Tone))
		setText(b.text, v.Text)
		if v.Action != nil {
			b.button.Set(*v.Action)
		}
		Show(b.button, v.Action != nil)
	}
	changed = b.Visible() != (v.Text != "")
	Show(b, v.Text != "")
	return changed
}

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.plane) }

// Empty stands where there is nothing to show.
type Empty struct {
	widget.BaseWidget
	kit    *Kit
	icon   *canvas.Image
	title  *widget.Label
	text   *widget.Label
	button *Button
	all    *fyne.Container
}

// NewEmpty makes an empty state.
func NewEmpty(k *Kit) *Empty {
	e := &Empty{kit: k, icon: newImage(48), title: NewText(""), text: NewText(""), button: NewButton(k, view.Action{})}
	e.title.TextStyle.Bold = true
	e.title.Alignment, e.text.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	e.text.Importance = widget.LowImportance
	e.all = container.NewVBox(layout.NewSpacer(), container.NewCenter(e.icon), e.title, e.text, container.NewCenter(e.button), layout.NewSpacer())
	e.ExtendBaseWidget(e)
	return e
}

// Set shows what is missing; nil: nothing is, and it is hidden.
func (e *Empty) Set(v *view.Empty) {
	if v == nil {
		Show(e, false)
		return
	}
	setIcon(e.icon, v.Icon, theme.ColorNameDisabled)
	setText(e.title, v.Title)
	setText(e.text, v.Text)
	Show(e.text, v.Text != "")
	if v.Action != nil {
		e.button.Set(*v.Action)
	}
	Show(e.button, v.Action != nil)
	Show(e, true) // last, for it lays out what is in it now
}

// CreateRenderer implements fyne.Widget.
func (e *Empty) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(e.all) }
