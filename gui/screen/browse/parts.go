package browse

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
)

// newTool makes a button that is an icon.
func newTool(k *kit.Kit, a view.Action, icon view.Icon) *kit.Button {
	b := kit.NewButton(k, tool(a))
	b.SetIcon(kit.Icon(icon))
	return b
}

// tool is an action without its label.
func tool(a view.Action) view.Action {
	a.Label = ""
	return a
}

// crumbs is the way to the folder that is shown: a button for each part.
type crumbs struct {
	widget.BaseWidget
	kit     *kit.Kit
	visit   func(path string)
	shown   []browse.Crumb
	buttons []*kit.Button
	line    *fyne.Container
	scroll  *container.Scroll
}

func newCrumbs(k *kit.Kit, visit func(string)) *crumbs {
	c := &crumbs{kit: k, visit: visit, line: container.NewHBox()}
	c.scroll = container.NewHScroll(c.line)
	c.ExtendBaseWidget(c)
	return c
}

func (c *crumbs) set(parts []browse.Crumb) {
	if len(parts) == len(c.shown) {
		same := true
		for i := range parts {
			same = same && parts[i] == c.shown[i]
		}
		if same {
			return
		}
	}
	c.shown = parts
	for len(c.buttons) < len(parts) {
		c.buttons = append(c.buttons, kit.NewButton(c.kit, view.Action{}))
	}
	c.line.Objects = nil
	for i, p := range parts {
		b := c.buttons[i]
		b.Set(view.Action{Label: p.Label, Do: func() { c.visit(p.Path) }})
		b.Importance = widget.LowImportance
		if i > 0 {
			arrow := widget.NewIcon(kit.Colored(view.IconForward, theme.ColorNameDisabled))
			c.line.Add(container.New(layout.NewCustomPaddedLayout(0, 0, -2, -2), arrow))
		}
		c.line.Add(b)
	}
	c.line.Refresh()
	c.scroll.Refresh()
	c.toEnd()
}

// toEnd shows the end of the way, which says most.
func (c *crumbs) toEnd() { c.scroll.ScrollToOffset(fyne.NewPos(c.line.MinSize().Width, 0)) }

// Resize implements fyne.Widget: the end stays in sight where less room is left.
func (c *crumbs) Resize(size fyne.Size) {
	if c.Size() != size {
		c.BaseWidget.Resize(size)
		c.toEnd()
	}
}

// CreateRenderer implements fyne.Widget.
func (c *crumbs) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.scroll) }

// headLayout puts the search beside the way, which scrolls where it is too
// long.
type headLayout struct{}

func (headLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	way, search := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(way.Width+search.Width, max(way.Height, search.Height))
}

func (headLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	field := min(18*theme.TextSize(), size.Width/3)
	o[0].Resize(fyne.NewSize(size.Width-field-theme.Padding(), size.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(field, size.Height))
	o[1].Move(fyne.NewPos(size.Width-field, 0))
}

// maker is the line in which a new folder is named.
type maker struct {
	widget.BaseWidget
	room   *browse.Browser
	kit    *kit.Kit
	title  *widget.Label
	name   *kit.Entry
	make   *kit.Button
	cancel *kit.Button
	fault  *widget.Label
	all    fyne.CanvasObject
}

func newMaker(b *browse.Browser, k *kit.Kit) *maker {
	m := &maker{room: b, kit: k, title: kit.NewCaption(""), fault: kit.NewToned("", view.Trouble)}
	m.name = kit.NewEntry(k)
	m.name.OnChanged = b.NameFolder
	m.name.OnSubmitted = func(string) { b.MakeFolder() }
	m.make, m.cancel = kit.NewButton(k, view.Action{}), kit.NewButton(k, view.Action{})
	line := container.NewBorder(nil, nil, nil, container.NewHBox(m.cancel, m.make), m.name)
	m.all = kit.NewSurface(kit.ColorSurface, 0, kit.Inset(container.NewVBox(m.title, line, m.fault)))
	m.ExtendBaseWidget(m)
	m.Hide()
	return m
}

func (m *maker) set(v *browse.NewFolder) {
	if v == nil {
		m.Hide()
		return
	}
	m.name.Put(v.Name)
	kit.SetCaption(m.title, v.Title)
	m.name.SetPlaceHolder(v.Placeholder)
	do := view.Action{Name: "make_folder", Label: v.Make, Primary: true}
	if v.Ready {
		do.Do = m.room.MakeFolder
	}
	m.make.Set(do)
	m.cancel.Set(view.Action{Name: "cancel_folder", Label: v.Cancel, Do: m.room.CancelFolder})
	kit.SetToned(m.fault, v.Problem, view.Trouble)
	if !m.Visible() {
		m.Show()
		m.kit.Focus(m.name)
	}
}

// CreateRenderer implements fyne.Widget.
func (m *maker) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(m.all) }
