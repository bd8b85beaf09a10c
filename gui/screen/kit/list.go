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
	// OnKey is given every key first and tells whether it took it, OnRune what
	// is typed; nil: nobody.
	OnKey  func(*fyne.KeyEvent) bool
	OnRune func(rune)
	// OnHeader hears of a tap on the head of a column, -1 for the head of the
	// titles.
	OnHeader func(column int)

	kit      *Kit
	columns  []Column
	detail   bool
	status   float32                 // how wide its column is; 0: there is none without a head
	dragged  func(i int, r view.Row) // nil: rows are not dragged
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

// WithStatus gives the status a column of a width, in units of the size of
// text, also in rows that have none.
func WithStatus(width float32) ListOption { return func(l *List) { l.status = width } }

// WithDetail gives rows a second line for their detail.
func WithDetail() ListOption { return func(l *List) { l.detail = true } }

// WithDrag lets rows be dragged: dragged hears of a row whose drag has begun. A
// pointer that only shakes is a tap still. It is for rows without buttons.
func WithDrag(dragged func(i int, r view.Row)) ListOption {
	return func(l *List) { l.dragged = dragged }
}

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
	l.header = newHeader(l)
	l.all = container.NewBorder(l.header, nil, nil, nil, l.list)
	l.ExtendBaseWidget(l)
	return l
}

func (l *List) newItem() fyne.CanvasObject {
	r := newRow(l.kit, l.columns)
	r.reserve = func() bool { return l.status > 0 || l.header.status.Text != "" }
	if l.status > 0 {
		r.statusWide = l.status
	}
	if l.detail {
		r.data.Detail = " " // the height of all rows is that of this one
	}
	if l.dragged != nil {
		return newDragRow(r)
	}
	return r
}

func (l *List) updateItem(id widget.ListItemID, o fyne.CanvasObject) {
	if id >= l.count {
		return
	}
	drag, drags := o.(*dragRow)
	if drags {
		drag.begun = func() { l.drag(id) }
		o = drag.row
	}
	r := o.(*row)
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

// Follow is Set for an owner that knows himself which row is selected (-1:
// none), as where there are very many. Nobody hears of that selection.
func (l *List) Follow(count int, at func(i int) view.Row, selected int) {
	l.count, l.at = count, at
	if selected >= count {
		selected = -1
	}
	if selected < 0 {
		l.selected, l.id = -1, ""
		l.list.UnselectAll()
	} else if id := at(selected).ID; selected != l.selected || id != l.id {
		moved := id != l.id
		l.selected, l.id = selected, id
		l.list.Select(selected) // chosen finds nothing new
		if moved {
			l.list.ScrollTo(selected)
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
	if i == l.selected {
		l.list.ScrollTo(i)
		return
	}
	l.list.Select(i) // which scrolls
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

// drag selects what is dragged, so that what is told of it is seen.
func (l *List) drag(i int) {
	if i < l.count {
		l.list.Select(i)
		l.dragged(i, l.at(i))
	}
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
	if l.OnKey != nil && l.OnKey(e) {
		return
	}
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
			l.menu(l.selected, fyne.CurrentApp().Driver().AbsolutePositionForObject(k).AddXY(iconSide(), iconSide()))
		}
	default:
		l.kit.Unhandled(e)
	}
}

// TypedRune implements fyne.Focusable.
func (k *keyList) TypedRune(r rune) {
	if k.owner.OnRune != nil {
		k.owner.OnRune(r)
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
