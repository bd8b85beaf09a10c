// Package browse draws a browser of the cloud: the tree of spaces and folders
// on the left, the list on the right, above them where the user is and what he
// searches. What it shows and what keys and taps mean is said by
// gui/view/browse.
package browse

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
)

// Options shape a Screen.
type Options struct {
	// Row adds to a row what only the owner knows, such as the entries of its
	// menu; nil: nothing.
	Row func(view.Row, api.Entry) view.Row
	// Drag hears of a document or folder whose row is dragged; nil: rows are not.
	Drag func(api.Entry)
	// Beside stands right of the list; nil: nothing.
	Beside fyne.CanvasObject
}

// Screen draws one browser.
type Screen struct {
	room *browse.Browser
	kit  *kit.Kit
	opts Options
	view browse.View

	tree    *kit.List
	list    *kit.List
	search  *kit.Search
	crumbs  *crumbs
	up      *kit.Button
	back    *kit.Button
	again   *kit.Button
	add     *kit.Button
	maker   *maker
	banner  *kit.Banner
	empty   *kit.Empty
	summary *widget.Label
	above   *fyne.Container // of the list
	listing *fyne.Container
	split   *container.Split
	all     *fyne.Container
}

// New draws a browser.
func New(b *browse.Browser, k *kit.Kit, o Options) *Screen {
	s := &Screen{room: b, kit: k, opts: o, view: b.View()}
	s.tree = kit.NewList(k)
	s.tree.OnSelect = func(_ int, r view.Row) { b.Go(r.ID) }
	s.tree.OnOpen = func(_ int, r view.Row) { s.openBranch(r) }
	s.tree.OnExpand = func(_ int, r view.Row) { b.Toggle(r.ID) }
	s.tree.OnKey = s.treeKey
	s.list = kit.NewList(k, s.shape()...)
	s.list.OnSelect = func(_ int, r view.Row) { b.Select(r.ID) }
	s.list.OnOpen = func(_ int, r view.Row) { s.open(r) }
	s.list.OnKey = s.listKey
	s.list.OnRune = b.Type
	s.list.OnHeader = s.sort
	s.search = kit.NewSearch(k, s.view.SearchHint, b.SetSearch)
	s.search.OnDown = s.toList
	s.crumbs = newCrumbs(k, b.Go)
	s.up, s.back = newTool(k, s.view.Up, view.IconUp), newTool(k, s.view.Back, view.IconBack)
	s.again, s.add = newTool(k, s.view.Refresh, view.IconRefresh), kit.NewButton(k, s.view.AddFolder)
	s.maker = newMaker(b, k)
	s.banner, s.empty, s.summary = kit.NewBanner(k), kit.NewEmpty(k), kit.NewCaption("")
	s.lay()
	s.Refresh()
	return s
}

// shape is what the list is made with.
func (s *Screen) shape() []kit.ListOption {
	shape := []kit.ListOption{kit.WithColumns(s.columns()...)}
	if s.opts.Drag != nil {
		shape = append(shape, kit.WithDrag(func(i int, _ view.Row) {
			if e, ok := s.view.Rows.Entry(i); ok {
				s.opts.Drag(e)
			}
		}))
	}
	return shape
}

// lay puts the parts together.
func (s *Screen) lay() {
	head := container.NewBorder(nil, nil, container.NewHBox(s.back, s.up), container.NewHBox(s.again, s.add), s.crumbs)
	tools := container.New(headLayout{}, head, s.search)
	s.above = container.NewVBox(s.maker, s.banner)
	s.listing = container.NewBorder(s.above, s.summary, nil, nil, container.NewStack(s.list, s.empty))
	var right fyne.CanvasObject = s.listing
	if s.opts.Beside != nil {
		aside := container.NewHSplit(right, s.opts.Beside)
		aside.Offset = 0.68
		right = aside
	}
	s.split = container.NewHSplit(s.tree, right)
	s.split.Offset = 0.22
	s.all = container.NewBorder(tools, nil, nil, nil, s.split)
}

// columns are the columns between the name and the state.
func (s *Screen) columns() []kit.Column {
	widths := map[browse.Column]float32{browse.ColumnVersion: 4.5, browse.ColumnWho: 7, browse.ColumnWhere: 7, browse.ColumnWhen: 9.5, browse.ColumnSize: 5.5}
	var out []kit.Column
	for _, h := range s.view.Columns {
		if width, ok := widths[h.Column]; ok {
			right := h.Column == browse.ColumnVersion || h.Column == browse.ColumnSize
			out = append(out, kit.Column{Title: title(h), Width: width, Right: right})
		}
	}
	return out
}

// title is the head of a column with a sign of its order.
func title(h browse.ColumnHead) string {
	switch {
	case h.Sorted && h.Reverse:
		return h.Title + " ↓"
	case h.Sorted:
		return h.Title + " ↑"
	}
	return h.Title
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.all }

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.view = v
	if s.search.Text != v.Search {
		s.search.Text = v.Search // SetText would tell the room what it has said
		s.search.Refresh()
	}
	s.crumbs.set(v.Crumbs)
	s.up.Set(tool(v.Up))
	s.back.Set(tool(v.Back))
	s.again.Set(tool(v.Refresh))
	s.add.Set(v.AddFolder)
	above := s.above.MinSize().Height
	s.maker.set(v.NewFolder)
	s.tree.Follow(v.Tree.Len(), v.Tree.Row, v.Tree.Selected)
	s.list.SetColumns(s.columns()...)
	s.list.SetHeads(title(v.Columns[0]), v.Columns[len(v.Columns)-1].Title)
	s.list.Follow(v.Rows.Len(), s.row, v.Selected)
	s.banner.Set(v.Banner)
	if s.above.MinSize().Height != above {
		s.listing.Refresh()
	}
	s.empty.Set(v.Empty)
	kit.Show(s.list, v.Empty == nil)
	kit.SetCaption(s.summary, v.Summary)
}

// row is a row of the list.
func (s *Screen) row(i int) view.Row {
	r := s.view.Rows.Row(i)
	if e, ok := s.view.Rows.Entry(i); ok && s.opts.Row != nil {
		return s.opts.Row(r, e)
	}
	return r
}

// open opens a row that was tapped twice, or Enter was pressed on.
func (s *Screen) open(r view.Row) {
	s.room.Select(r.ID)
	s.room.Open()
}

// openBranch is Enter or a double tap on a line of the tree.
func (s *Screen) openBranch(r view.Row) {
	if r.Branch && r.ID != "/" {
		s.room.Toggle(r.ID)
	}
}

// sort is a tap on the head of a column.
func (s *Screen) sort(column int) {
	if heads := s.view.Columns; column+1 < len(heads) {
		s.room.SortBy(heads[column+1].Column)
	}
}

func (s *Screen) listKey(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyBackspace:
		s.room.Up()
	case fyne.KeySpace: // it belongs to what is typed to find a name
	default:
		return false
	}
	return true
}

// treeKey folds and unfolds with the arrow keys, and walks with them between
// a folder and the one above.
func (s *Screen) treeKey(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyLeft, fyne.KeyRight:
		line, toggle := s.view.Tree.Beside(s.tree.Selected(), e.Name == fyne.KeyRight)
		switch r := s.view.Tree.Row(line); {
		case toggle:
			s.room.Toggle(r.ID)
		case r.ID != "":
			s.tree.Select(line)
		}
	case fyne.KeyBackspace:
		s.room.Up()
	default:
		return false
	}
	return true
}

// toList gives the keyboard to the list.
func (s *Screen) toList() {
	if s.view.Selected < 0 {
		s.room.Move(1)
	}
	s.kit.Focus(s.list.Focusable())
}

// Focus implements screen.Focuser.
func (s *Screen) Focus() { s.kit.Focus(s.list.Focusable()) }

// Search implements screen.Searcher.
func (s *Screen) Search() { s.kit.Focus(s.search) }

// Reload implements screen.Reloader.
func (s *Screen) Reload() { s.room.Reload() }

// Back implements screen.Backer: it closes the line of a new folder, else ends
// a search.
func (s *Screen) Back() bool {
	switch v := s.room.View(); {
	case v.NewFolder != nil:
		s.room.CancelFolder()
	case v.Search != "":
		s.room.SetSearch("")
	default:
		return false
	}
	s.Focus()
	return true
}

// Keys adds the shortcuts of a file window: Alt+Up, Alt+Left and, where typing
// does not go into a field, Backspace.
func (s *Screen) Keys(c fyne.Canvas) {
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt}, func(fyne.Shortcut) { s.room.Up() })
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt}, func(fyne.Shortcut) { s.room.Back() })
}
