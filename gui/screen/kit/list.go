package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// doubleTap is how soon the second tap on a row opens it.
const doubleTap = 400 * time.Millisecond

// List shows any number of rows; only those in sight are drawn. Up, Down, Page
// Up, Page Down, Home and End move the selection, Enter or a double tap opens
// a row, Left and Right close and expand a branch, a tap with the other button
// or the menu key shows the row's actions.
type List struct {
	widget.BaseWidget
	// OnSelect hears which row is selected now, and OnOpen which is opened;
	// OnExpand which branch is to be expanded or closed.
	OnSelect, OnOpen, OnExpand func(i int, r view.Row)

	kit      *Kit
	columns  []Column
	detail   bool
	count    int
	at       func(i int) view.Row
	selected int // -1: none
	id       string
	last     time.Time // of the last tap on the selected row

	list   *keyList
	header *header
	all    *fyne.Container
}

// keyList is Fyne's list with the keys of ours.
type keyList struct {
	widget.List
	owner *List
}

// ListOption shapes a List.
type ListOption func(*List)

// WithColumns gives a list columns, with a header above them where one has a
// title.
func WithColumns(columns ...Column) ListOption {
	return func(l *List) { l.columns = columns }
}

// WithDetail gives rows a second line for their detail.
func WithDetail() ListOption { return func(l *List) { l.detail = true } }

// NewList makes an empty list.
func NewList(k *Kit, options ...ListOption) *List {
	l := &List{kit: k, selected: -1, at: func(int) view.Row { return view.Row{} }}
	for _, o := range options {
		o(l)
	}
	l.list = &keyList{owner: l}
	l.list.Length = func() int { return l.count }
	l.list.CreateItem = l.newItem
	l.list.UpdateItem = l.updateItem
	l.list.HideSeparators = true
	l.list.OnSelected = func(id widget.ListItemID) { l.chosen(id) }
	l.list.ExtendBaseWidget(l.list)
	l.header = newHeader(l.columns)
	l.all = container.NewBorder(l.header, nil, nil, nil, l.list)
	l.ExtendBaseWidget(l)
	return l
}

func (l *List) newItem() fyne.CanvasObject {
	r := newRow(l.kit, l.columns)
	if l.detail {
		r.data.Detail = " " // the height of all rows is that of this one
	}
	return r
}

func (l *List) updateItem(id widget.ListItemID, o fyne.CanvasObject) {
	r := o.(*row)
	if id >= l.count {
		return
	}
	r.tapped = func() { l.tap(id) }
	r.menu = func(at fyne.Position) { l.menu(id, at) }
	r.expand = func() { l.expand(id) }
	r.set(l.at(id))
}

// Set shows count rows; at gives each, and is called again whenever one comes
// into sight. The selection stays with the row of the same ID.
func (l *List) Set(count int, at func(i int) view.Row) {
	l.count, l.at = count, at
	if l.selected >= 0 && (l.selected >= count || at(l.selected).ID != l.id) {
		l.selected = l.find(l.id)
		if l.selected < 0 {
			l.list.UnselectAll()
		} else {
			l.list.Select(l.selected)
		}
	}
	l.list.Refresh()
}

// find looks for a row by its ID.
func (l *List) find(id string) int {
	if id == "" {
		return -1
	}
	for i := range l.count {
		if l.at(i).ID == id {
			return i
		}
	}
	return -1
}

// Selected is the number of the selected row, -1 for none.
func (l *List) Selected() int { return l.selected }

// Select selects a row and brings it into sight.
func (l *List) Select(i int) {
	if i < 0 || i >= l.count {
		l.selected, l.id = -1, ""
		l.list.UnselectAll()
		return
	}
	l.list.Select(i)
	l.list.ScrollTo(i)
}

// SelectID selects the row of an ID.
func (l *List) SelectID(id string) { l.Select(l.find(id)) }

// Top scrolls to the first row.
func (l *List) Top() { l.list.ScrollToTop() }

// Focusable is what takes the keyboard.
func (l *List) Focusable() fyne.Focusable { return l.list }

// chosen is called by Fyne's list when another row is selected.
func (l *List) chosen(i int) {
	if i == l.selected && l.at(i).ID == l.id {
		return
	}
	l.selected, l.id = i, l.at(i).ID
	if l.OnSelect != nil {
		l.OnSelect(i, l.at(i))
	}
}

func (l *List) tap(i int) {
	now, again := time.Now(), i == l.selected
	if again && now.Sub(l.last) < doubleTap {
		l.last = time.Time{}
		l.open(i)
		return
	}
	l.last = now
	l.list.Select(i)
	l.kit.Focus(l.list)
}

func (l *List) open(i int) {
	if i >= 0 && i < l.count && l.OnOpen != nil {
		l.OnOpen(i, l.at(i))
	}
}

func (l *List) expand(i int) {
	if l.OnExpand != nil {
		l.OnExpand(i, l.at(i))
	}
}

func (l *List) menu(i int, at fyne.Position) {
	l.list.Select(i)
	r := l.at(i)
	l.kit.Menu(at, append(append([]view.Action(nil), r.Actions...), r.Menu...))
}

// page is how many rows are in sight.
func (l *List) page() int {
	return max(1, int(l.list.Size().Height/(rowHeight(l.detail)+theme.Padding()))-1)
}

// TypedKey implements fyne.Focusable.
func (k *keyList) TypedKey(e *fyne.KeyEvent) {
	l := k.owner
	switch e.Name {
	case fyne.KeyDown:
		l.step(1)
	case fyne.KeyUp:
		l.step(-1)
	case fyne.KeyPageDown:
		l.step(l.page())
	case fyne.KeyPageUp:
		l.step(-l.page())
	case fyne.KeyHome:
		l.step(-l.count)
	case fyne.KeyEnd:
		l.step(l.count)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.open(l.selected)
	case fyne.KeyLeft, fyne.KeyRight:
		if i := l.selected; i >= 0 && l.at(i).Branch && l.at(i).Expanded == (e.Name == fyne.KeyLeft) {
			l.expand(i)
		}
	case desktop.KeyMenu:
		if l.selected >= 0 {
			l.menu(l.selected, fyne.CurrentApp().Driver().AbsolutePositionForObject(k).AddXY(iconSize, iconSize))
		}
	default:
		l.kit.Unhandled(e)
	}
}

func (l *List) step(by int) {
	if l.count == 0 {
		return
	}
	l.Select(min(max(l.selected+by, 0), l.count-1))
}

// CreateRenderer implements fyne.Widget.
func (l *List) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.all) }

// header names the columns.
type header struct {
	widget.BaseWidget
	columns []Column
	labels  []*widget.Label
}

func newHeader(columns []Column) *header {
	h := &header{columns: columns}
	titled := false
	for _, c := range columns {
		l := NewCaption("")
		l.Wrapping, l.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
		if c.Right {
			l.Alignment = fyne.TextAlignTrailing
		}
		l.SetText(c.Title)
		h.labels = append(h.labels, l)
		titled = titled || c.Title != ""
	}
	h.ExtendBaseWidget(h)
	if !titled {
		h.Hide()
	}
	return h
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
	l.header.Refresh()
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
	all := make([]fyne.CanvasObject, len(r.header.labels))
	for i, l := range r.header.labels {
		all[i] = l
	}
	return all
}

// Layout follows rowRenderer.Layout with an icon and a status.
func (r *headerRenderer) Layout(size fyne.Size) {
	pad := theme.Padding()
	x, right := pad+iconSize+pad, size.Width-pad
	width := min(statusWide*theme.TextSize(), max(0, right-x-20)*0.45)
	right -= width + 16 + pad
	shown, fit := columnWidths(r.header.columns, right-x)
	for i := len(r.header.labels) - 1; i >= 0; i-- {
		l := r.header.labels[i]
		show(l, i < fit)
		if i >= fit {
			continue
		}
		right -= shown[i]
		l.Resize(fyne.NewSize(shown[i], size.Height))
		l.Move(fyne.NewPos(right, 0))
	}
}
