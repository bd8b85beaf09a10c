package screen

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/shell"
)

// nav is the navigation: a line for each room.
type nav struct {
	widget.BaseWidget
	chosen  func(view.Room)
	entries []*navEntry
	box     *fyne.Container
	plane   *kit.Surface
	slim    bool // only the icons
}

func newNav(k *kit.Kit, chosen func(view.Room)) *nav {
	n := &nav{chosen: chosen, box: container.NewVBox()}
	n.plane = kit.NewSurface(kit.ColorSurface, 0, container.New(layout.NewCustomPaddedLayout(8, 8, 6, 6), n.box))
	n.ExtendBaseWidget(n)
	return n
}

// set shows entries, the one of room chosen.
func (n *nav) set(k *kit.Kit, entries []shell.Entry, room view.Room) {
	for len(n.entries) < len(entries) {
		e := newNavEntry(n, k)
		n.entries = append(n.entries, e)
		n.box.Add(e)
	}
	for i, data := range entries {
		n.entries[i].set(data, data.Room == room, n.slim)
	}
}

func (n *nav) setSlim(slim bool) {
	if n.slim == slim {
		return
	}
	n.slim = slim
	for _, e := range n.entries {
		e.set(e.data, e.chosen, slim)
	}
}

func (n *nav) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(n.plane) }

// navEntry is a line of the navigation: reached by Tab, chosen by a tap, Enter
// or Space; up and down go to its neighbours.
type navEntry struct {
	widget.BaseWidget
	nav     *nav
	kit     *kit.Kit
	data    shell.Entry
	chosen  bool
	slim    bool
	hovered bool
	focused bool

	plane *canvas.Rectangle
	icon  *canvas.Image
	label *widget.Label
	badge *canvas.Text
	spot  *canvas.Rectangle
}

func newNavEntry(n *nav, k *kit.Kit) *navEntry {
	e := &navEntry{nav: n, kit: k, plane: canvas.NewRectangle(nil), label: widget.NewLabel(""), spot: canvas.NewRectangle(nil), badge: canvas.NewText("", nil)}
	e.plane.CornerRadius, e.spot.CornerRadius = 6, 9
	e.icon = canvas.NewImageFromResource(nil)
	e.icon.FillMode = canvas.ImageFillContain
	e.badge.TextStyle.Bold = true
	e.badge.Alignment = fyne.TextAlignCenter
	e.label.Truncation = fyne.TextTruncateEllipsis
	e.ExtendBaseWidget(e)
	return e
}

func (e *navEntry) set(data shell.Entry, chosen, slim bool) {
	e.data, e.chosen, e.slim = data, chosen, slim
	e.Refresh()
}

func (e *navEntry) Tapped(*fyne.PointEvent) { e.nav.chosen(e.data.Room) }

func (e *navEntry) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (e *navEntry) MouseIn(*desktop.MouseEvent)    { e.hovered = true; e.Refresh() }
func (e *navEntry) MouseMoved(*desktop.MouseEvent) {}
func (e *navEntry) MouseOut()                      { e.hovered = false; e.Refresh() }

func (e *navEntry) FocusGained()   { e.focused = true; e.Refresh() }
func (e *navEntry) FocusLost()     { e.focused = false; e.Refresh() }
func (e *navEntry) TypedRune(rune) {}

func (e *navEntry) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		e.nav.chosen(e.data.Room)
	case fyne.KeyUp:
		e.neighbour(-1)
	case fyne.KeyDown:
		e.neighbour(1)
	default:
		e.kit.Unhandled(key)
	}
}

func (e *navEntry) neighbour(by int) {
	for i, other := range e.nav.entries {
		if j := i + by; other == e && j >= 0 && j < len(e.nav.entries) {
			e.kit.Focus(e.nav.entries[j])
			return
		}
	}
}

func (e *navEntry) CreateRenderer() fyne.WidgetRenderer {
	r := &navRenderer{e}
	r.Refresh()
	return r
}

type navRenderer struct{ entry *navEntry }

func (r *navRenderer) Destroy() {}

func (r *navRenderer) Objects() []fyne.CanvasObject {
	e := r.entry
	return []fyne.CanvasObject{e.plane, e.icon, e.label, e.spot, e.badge}
}

func (r *navRenderer) side() float32 { return theme.IconInlineSize() + 4 }

func (r *navRenderer) MinSize() fyne.Size {
	height := max(r.entry.label.MinSize().Height, r.side()+2*theme.Padding())
	if r.entry.slim {
		return fyne.NewSize(r.side()+5*theme.Padding(), height)
	}
	text := fyne.MeasureText(r.entry.data.Label, theme.TextSize(), fyne.TextStyle{}).Width
	return fyne.NewSize(max(12*theme.TextSize(), r.side()+text+10*theme.Padding()+r.badgeWidth()), height)
}

func (r *navRenderer) badgeWidth() float32 {
	if r.entry.data.Badge == 0 {
		return 0
	}
	return max(r.entry.badge.MinSize().Width+10, 18)
}

func (r *navRenderer) Layout(size fyne.Size) {
	e, pad, side := r.entry, theme.Padding(), r.side()
	e.plane.Resize(size)
	e.icon.Resize(fyne.NewSquareSize(side))
	e.icon.Move(fyne.NewPos(2*pad, (size.Height-side)/2))
	bw, bh := r.badgeWidth(), e.badge.MinSize().Height+2
	at := fyne.NewPos(size.Width-bw-pad, (size.Height-bh)/2)
	if e.slim {
		at = fyne.NewPos(size.Width-bw, 0)
	}
	e.spot.Resize(fyne.NewSize(bw, bh))
	e.spot.Move(at)
	e.badge.Resize(fyne.NewSize(bw, bh))
	e.badge.Move(at)
	h := e.label.MinSize().Height
	e.label.Resize(fyne.NewSize(max(0, size.Width-3*pad-side-bw), h))
	e.label.Move(fyne.NewPos(3*pad+side-theme.InnerPadding()/2, (size.Height-h)/2))
}

func (r *navRenderer) Refresh() {
	e := r.entry
	ink := theme.ColorNameForeground
	e.plane.FillColor = theme.Color(kit.ColorSurface)
	switch {
	case e.chosen:
		e.plane.FillColor = theme.Color(kit.ColorChosen)
		ink = theme.ColorNamePrimary
	case e.hovered:
		e.plane.FillColor = theme.Color(theme.ColorNameHover)
	}
	e.plane.StrokeWidth, e.plane.StrokeColor = 0, theme.Color(theme.ColorNamePrimary)
	if e.focused {
		e.plane.StrokeWidth = 2
	}
	e.icon.Resource = kit.Colored(e.data.Icon, ink)
	e.icon.Refresh()
	if e.label.Text != e.data.Label {
		e.label.SetText(e.data.Label)
	}
	e.label.Hidden = e.slim
	e.badge.Text, e.badge.TextSize = strconv.Itoa(e.data.Badge), theme.CaptionTextSize()
	e.badge.Color = theme.Color(theme.ColorNameForegroundOnPrimary)
	e.spot.FillColor = theme.Color(kit.ToneColor(e.data.Tone))
	e.spot.Hidden, e.badge.Hidden = e.data.Badge == 0, e.data.Badge == 0
	r.Layout(e.Size())
	canvas.Refresh(e)
}
