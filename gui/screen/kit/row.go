package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// row draws a view.Row. It is made once and given one row after the other.
type row struct {
	widget.BaseWidget
	kit     *Kit
	columns []Column
	tapped  func()
	menu    func(at fyne.Position)
	expand  func()
	// reserve tells that the status has a column even where a row has none;
	// nil: it has not.
	reserve    func() bool
	statusWide float32 // of that column, in units of the size of text

	data view.Row

	mark   *canvas.Rectangle // fresh
	branch *canvas.Image
	icon   *canvas.Image
	title  *line
	detail *line
	cells  []*line
	sign   *canvas.Image
	status *line
	bar    *Bar
	acts   []*Button
}

// Column is one of a list's columns, right of the title.
type Column struct {
	Title string
	// Width is in units of the size of text; a column is left out where less
	// than a third of the list would be left for the title.
	Width float32
	Right bool // texts stand on the right: numbers
}

// statusWide is the width of the column of the status, in units of the size of
// text.
const statusWide = 14

// iconSide is how large the icon of a row is, signSide that of its status. They
// grow with the text.
func iconSide() float32 { return theme.TextSize() * 12 / 7 }
func signSide() float32 { return theme.TextSize() * 8 / 7 }

func newRow(k *Kit, columns []Column) *row {
	r := &row{kit: k, columns: columns, statusWide: statusWide}
	r.mark = canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	r.branch, r.icon, r.sign = newImage(0), newImage(0), newImage(0)
	r.title = newLine(k, theme.SizeNameText, theme.ColorNameForeground)
	r.detail = newLine(k, theme.SizeNameCaptionText, theme.ColorNameDisabled)
	r.status = newLine(k, theme.SizeNameText, theme.ColorNameForeground)
	for _, c := range columns {
		l := newLine(k, theme.SizeNameText, theme.ColorNameDisabled)
		if c.Right {
			l.text.Alignment = fyne.TextAlignTrailing
		}
		r.cells = append(r.cells, l)
	}
	r.bar = NewBar()
	r.ExtendBaseWidget(r)
	return r
}

// set draws data.
func (r *row) set(data view.Row) {
	r.data = data
	r.Refresh()
}

func (r *row) draw() {
	d := r.data
	Show(r.mark, d.Fresh)
	r.mark.FillColor = theme.Color(theme.ColorNamePrimary)
	arrow := view.IconForward
	if d.Expanded {
		arrow = view.IconDown
	}
	if !d.Branch {
		arrow = view.IconNone
	}
	setIcon(r.branch, arrow, theme.ColorNameDisabled)
	if d.Image != nil {
		setImage(r.icon, d.Image)
	} else {
		setIcon(r.icon, d.Icon, theme.ColorNameForeground)
	}
	r.title.set(d.Title, theme.ColorNameForeground, d.Fresh)
	r.detail.set(d.Detail, theme.ColorNameDisabled, false)
	for i, l := range r.cells {
		text := ""
		if i < len(d.Cells) {
			text = d.Cells[i]
		}
		l.set(text, theme.ColorNameDisabled, false)
	}
	setIcon(r.sign, statusIcon(d), ToneColor(d.Tone))
	color := ToneColor(d.Tone)
	if d.Tone == view.Quiet {
		color = theme.ColorNameForeground
	}
	r.status.set(d.Status, color, false)
	Show(r.bar, d.Running)
	r.bar.Set(d.Progress, d.Tone)
	r.drawActions()
}

func statusIcon(d view.Row) view.Icon {
	if d.Status == "" {
		return view.IconNone
	}
	return d.Tone.Icon()
}

func (r *row) drawActions() {
	for len(r.acts) < len(r.data.Actions) {
		r.acts = append(r.acts, NewButton(r.kit, view.Action{}))
	}
	for i, b := range r.acts {
		Show(b, i < len(r.data.Actions))
		if i < len(r.data.Actions) {
			b.Set(r.data.Actions[i])
		}
	}
}

func setText(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

// Tapped implements fyne.Tappable.
func (r *row) Tapped(e *fyne.PointEvent) {
	if r.data.Branch && r.expand != nil && r.branch.Visible() && e.Position.X < r.branch.Position().X+r.branch.Size().Width+theme.Padding() {
		r.expand()
		return
	}
	if r.tapped != nil {
		r.tapped()
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (r *row) TappedSecondary(e *fyne.PointEvent) {
	if r.menu != nil {
		r.menu(e.AbsolutePosition)
	}
}

// CreateRenderer implements fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer { return &rowRenderer{row: r} }

type rowRenderer struct{ row *row }

func (w *rowRenderer) Destroy() {}

func (w *rowRenderer) Refresh() {
	w.row.draw()
	w.Layout(w.row.Size())
	canvas.Refresh(w.row.mark) // has all drawn again, without making the icons anew
}

func (w *rowRenderer) Objects() []fyne.CanvasObject {
	r := w.row
	all := []fyne.CanvasObject{r.mark, r.branch, r.icon, r.title.text, r.detail.text}
	for _, c := range r.cells {
		all = append(all, c.text)
	}
	all = append(all, r.sign, r.status.text, r.bar)
	for _, b := range r.acts {
		all = append(all, b)
	}
	return all
}

// rowHeight is how high a row is: the lines of its text and the air around.
func rowHeight(detail bool) float32 {
	h := textHeight(theme.TextSize()) + 2*theme.InnerPadding()
	if detail {
		h += textHeight(theme.CaptionTextSize())
	}
	return max(h, iconSide()+2*theme.Padding())
}

func (w *rowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(12*theme.TextSize(), rowHeight(w.row.data.Detail != "")) // narrower makes no sense; the texts are cut off
}

func (w *rowRenderer) Layout(size fyne.Size) {
	r, pad := w.row, theme.Padding()
	x, right := pad, size.Width-pad
	r.mark.Move(fyne.NewPos(0, pad))
	r.mark.Resize(fyne.NewSize(3, size.Height-2*pad))
	icon, sign := iconSide(), signSide()
	x += float32(r.data.Depth) * (sign + pad)
	if r.data.Branch || r.data.Depth > 0 {
		place(r.branch, x, size.Height, sign)
		x += sign + pad
	}
	if r.icon.Visible() {
		place(r.icon, x, size.Height, icon)
		x += icon + pad
	}
	for i := len(r.acts) - 1; i >= 0; i-- {
		if b := r.acts[i]; b.Visible() {
			min := b.MinSize()
			right -= min.Width
			b.Resize(min)
			b.Move(fyne.NewPos(right, (size.Height-min.Height)/2))
			right -= pad
		}
	}
	right = w.layoutStatus(x, right, size)
	right = w.layoutCells(x, right, size)
	w.layoutTexts(x, right, size)
}

// layoutStatus puts the status left of right, on a third of what is there at
// most, and gives where it begins.
func (w *rowRenderer) layoutStatus(x, right float32, size fyne.Size) float32 {
	r, pad, sign := w.row, theme.Padding(), signSide()
	r.bar.Resize(fyne.NewSize(max(0, size.Width-2*pad), 3))
	r.bar.Move(fyne.NewPos(pad, size.Height-4))
	if !r.status.text.Visible() && (r.reserve == nil || !r.reserve()) {
		return right
	}
	need := float32(0)
	if len(r.columns) == 0 {
		need = r.status.want()
	}
	if len(r.columns) > 0 { // a column of its own, so that all begin below each other
		need = r.statusWide * theme.TextSize()
	}
	width := min(need, max(0, right-x-20)*0.45)
	r.status.place(right-width, (size.Height-r.status.high())/2, width)
	place(r.sign, right-width-sign, size.Height, sign)
	return right - width - sign - pad
}

func (w *rowRenderer) layoutCells(x, right float32, size fyne.Size) float32 {
	r := w.row
	shown, first := columnWidths(r.columns, right-x)
	for i := len(r.cells) - 1; i >= 0; i-- {
		l := r.cells[i]
		Show(l.text, i < first && l.full != "")
		if i >= first {
			continue
		}
		right -= shown[i]
		l.place(right, (size.Height-l.high())/2, shown[i])
	}
	return right
}

// columnWidths gives the widths of the columns and how many of them, from the
// first, have room beside the title.
func columnWidths(columns []Column, room float32) (widths []float32, fit int) {
	left := room
	for _, c := range columns {
		width := c.Width * theme.TextSize()
		if left-width < room/3 || left-width < 10*theme.TextSize() {
			break
		}
		left -= width
		widths = append(widths, width)
		fit++
	}
	return widths, fit
}

func (w *rowRenderer) layoutTexts(x, right float32, size fyne.Size) {
	r, width := w.row, max(0, right-x)
	th := r.title.high()
	if !r.detail.text.Visible() {
		r.title.place(x, (size.Height-th)/2, width)
		return
	}
	dh := r.detail.high()
	over := 2 * theme.InnerPadding() // the lines' own air between the two
	y := (size.Height - th - dh + over) / 2
	r.title.place(x, y, width)
	r.detail.place(x, y+th-over, width)
}

// place puts a small square at x, in the middle of the height.
func place(o fyne.CanvasObject, x, height, side float32) {
	o.Resize(fyne.NewSquareSize(side))
	o.Move(fyne.NewPos(x, (height-side)/2))
}

// Bar is a thin line that shows how much is done.
type Bar struct {
	widget.BaseWidget
	share float64
	tone  view.Tone
	back  *canvas.Rectangle
	front *canvas.Rectangle
}

// NewBar makes an empty line.
func NewBar() *Bar {
	b := &Bar{back: canvas.NewRectangle(nil), front: canvas.NewRectangle(nil)}
	b.back.CornerRadius, b.front.CornerRadius = 1.5, 1.5
	b.ExtendBaseWidget(b)
	return b
}

// Set shows that share is done, 0 to 1.
func (b *Bar) Set(share float64, tone view.Tone) {
	share = min(max(share, 0), 1)
	if b.share == share && b.tone == tone {
		return
	}
	b.share, b.tone = share, tone
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer { return &barRenderer{b} }

type barRenderer struct{ bar *Bar }

func (r *barRenderer) Destroy()           {}
func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(24, 3) }
func (r *barRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bar.back, r.bar.front}
}

func (r *barRenderer) Layout(size fyne.Size) {
	r.bar.back.Resize(size)
	r.bar.front.Resize(fyne.NewSize(size.Width*float32(r.bar.share), size.Height))
}

func (r *barRenderer) Refresh() {
	b := r.bar
	color := theme.ColorNamePrimary
	if b.tone != view.Quiet {
		color = ToneColor(b.tone)
	}
	b.back.FillColor, b.front.FillColor = theme.Color(theme.ColorNameSeparator), theme.Color(color)
	r.Layout(b.Size())
	canvas.Refresh(b)
}
