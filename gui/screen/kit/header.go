package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// header names the columns of a list. A tap on one is the list's OnHeader.
type header struct {
	widget.BaseWidget
	list    *List
	columns []Column
	titles  *widget.Label // above the titles
	labels  []*widget.Label
	status  *widget.Label
}

func newHeader(l *List) *header {
	h := &header{list: l, columns: l.columns, titles: newHead(), status: newHead()}
	for _, c := range l.columns {
		label := newHead()
		if c.Right {
			label.Alignment = fyne.TextAlignTrailing
		}
		label.SetText(c.Title)
		h.labels = append(h.labels, label)
	}
	h.ExtendBaseWidget(h)
	h.showTitled()
	return h
}

func newHead() *widget.Label {
	l := NewCaption("")
	l.Wrapping, l.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	return l
}

// showTitled hides a header without a text.
func (h *header) showTitled() {
	titled := h.titles.Text != "" || h.status.Text != ""
	for _, l := range h.labels {
		titled = titled || l.Text != ""
	}
	Show(h, titled)
}

// SetColumns renames the columns, as after a change of language; their number
// stays.
func (l *List) SetColumns(columns ...Column) {
	l.columns, l.header.columns = columns, columns
	for i, c := range columns {
		if i < len(l.header.labels) {
			setText(l.header.labels[i], c.Title)
		}
	}
	l.header.showTitled()
	l.header.Refresh()
}

// SetHeads names what stands left of the columns, the titles of the rows, and
// right of them, the status.
func (l *List) SetHeads(titles, status string) {
	setText(l.header.titles, titles)
	setText(l.header.status, status)
	l.header.showTitled()
	l.header.Refresh()
}

// Tapped implements fyne.Tappable.
func (h *header) Tapped(e *fyne.PointEvent) {
	if h.list.OnHeader == nil {
		return
	}
	within := func(l *widget.Label) bool {
		x := l.Position().X
		return l.Visible() && e.Position.X >= x && e.Position.X < x+l.Size().Width
	}
	for i, l := range h.labels {
		if within(l) {
			h.list.OnHeader(i)
			return
		}
	}
	if within(h.titles) {
		h.list.OnHeader(-1)
	}
}

// CreateRenderer implements fyne.Widget.
func (h *header) CreateRenderer() fyne.WidgetRenderer { return &headerRenderer{h} }

type headerRenderer struct{ header *header }

func (r *headerRenderer) Destroy() {}

func (r *headerRenderer) Refresh() { r.Layout(r.header.Size()) }

func (r *headerRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, fyne.MeasureText("X", theme.CaptionTextSize(), fyne.TextStyle{}).Height+2*theme.InnerPadding())
}

func (r *headerRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.header.titles, r.header.status}
	for _, l := range r.header.labels {
		all = append(all, l)
	}
	return all
}

// Layout follows rowRenderer.Layout with an icon and a status.
func (r *headerRenderer) Layout(size fyne.Size) {
	pad := theme.Padding()
	x, right := pad+iconSide()+pad, size.Width-pad
	width := min(statusWide*theme.TextSize(), max(0, right-x-20)*0.45)
	put := func(l *widget.Label, at, width float32) {
		l.Resize(fyne.NewSize(width, size.Height))
		l.Move(fyne.NewPos(at, 0))
	}
	put(r.header.status, right-width, width)
	right -= width + signSide() + pad
	shown, fit := columnWidths(r.header.columns, right-x)
	for i := len(r.header.labels) - 1; i >= 0; i-- {
		l := r.header.labels[i]
		Show(l, i < fit)
		if i < fit {
			right -= shown[i]
			put(l, right, shown[i])
		}
	}
	put(r.header.titles, x, max(0, right-x))
}
