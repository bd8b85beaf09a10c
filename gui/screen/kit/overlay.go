package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// Ask asks something above everything else of the window; each answer closes
// the question. Escape leaves everything as it is.
func (k *Kit) Ask(text string, answers ...view.Action) {
	var q *question
	for i, a := range answers {
		answers[i].Do = func() {
			q.close()
			a.Do()
		}
	}
	q = k.ask(text, answers...)
}

// confirm asks before an action is begun. Escape and a tap beside the question
// mean no.
func (k *Kit) confirm(a view.Action) {
	var ask *question
	stop := view.Action{Name: "cancel", Label: k.Words().T("app.cancel"), Do: func() { ask.close() }}
	do := a
	do.Primary, do.Confirm = !a.Danger, ""
	do.Do = func() {
		ask.close()
		a.Do()
	}
	ask = k.ask(a.Confirm, stop, do)
}

// question is a text with buttons above everything else of the window.
type question struct {
	*widget.PopUp
	canvas fyne.Canvas
	key    func(*fyne.KeyEvent) // what the window did with keys before
}

func (q *question) close() {
	q.Hide()
	q.canvas.SetOnTypedKey(q.key)
}

// ask shows a question. The first answer has the focus.
func (k *Kit) ask(text string, answers ...view.Action) *question {
	c := k.window.Canvas()
	q := &question{canvas: c, key: c.OnTypedKey()}
	line := container.NewHBox(layout.NewSpacer())
	var first *Button
	for _, a := range answers {
		b := NewButton(k, a)
		if first == nil {
			first = b
		}
		line.Add(b)
	}
	body := container.New(&wideEnough{}, NewText(text), line)
	q.PopUp = widget.NewModalPopUp(Inset(body), c)
	q.Show()
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			q.close()
		}
	})
	if first != nil {
		c.Focus(first)
	}
	return q
}

// wideEnough lays a text and a line of buttons out so that the text has a
// comfortable width.
type wideEnough struct{}

func (wideEnough) width() float32 { return 26 * theme.TextSize() }

func (w *wideEnough) MinSize(objects []fyne.CanvasObject) fyne.Size {
	objects[0].Resize(fyne.NewSize(w.width(), objects[0].MinSize().Height))
	text, line := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(w.width(), line.Width), text.Height+line.Height+Space)
}

func (w *wideEnough) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	line := objects[1].MinSize()
	objects[0].Resize(fyne.NewSize(size.Width, size.Height-line.Height-Space))
	objects[0].Move(fyne.NewPos(0, 0))
	objects[1].Resize(fyne.NewSize(size.Width, line.Height))
	objects[1].Move(fyne.NewPos(0, size.Height-line.Height))
}

// Menu shows actions as a menu at a place of the window.
func (k *Kit) Menu(at fyne.Position, actions []view.Action) {
	if len(actions) == 0 {
		return
	}
	items := make([]*fyne.MenuItem, len(actions))
	for i, a := range actions {
		items[i] = fyne.NewMenuItem(a.Label, func() { k.Do(a) })
		items[i].Disabled = a.Do == nil
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), k.window.Canvas(), at)
}

// MoreButton makes a button that shows actions as a menu below it.
func (k *Kit) MoreButton(label string, actions func() []view.Action) *Button {
	var b *Button
	b = NewButton(k, view.Action{Name: "more", Label: label, Do: func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
		k.Menu(at.AddXY(0, b.Size().Height), actions())
	}})
	b.SetIcon(Icon(view.IconMore))
	return b
}

// Sheet shows more about something at the side of what it belongs to, or in
// its place where the window is narrow. It hides nothing else and is closed
// with Escape.
type Sheet struct {
	widget.BaseWidget
	// OnClose hears that the user has closed it.
	OnClose func()
	title   *widget.Label
	close   *Button
	body    *fyne.Container
	side    *Surface
	main    fyne.CanvasObject
}

// NewSheet makes a sheet beside main, closed.
func NewSheet(k *Kit, main fyne.CanvasObject) *Sheet {
	s := &Sheet{title: NewSubtitle(""), body: container.NewStack(), main: main}
	s.close = NewButton(k, view.Action{Name: "close", Do: s.closed})
	s.close.SetIcon(Icon(view.IconClose))
	s.close.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, nil, s.close, s.title)
	s.side = NewSurface(ColorSurface, 0, container.New(layout.NewCustomPaddedLayout(6, 6, Space, 6), container.NewBorder(head, nil, nil, nil, s.body)))
	s.side.Hide()
	s.ExtendBaseWidget(s)
	return s
}

// Open shows an object in the sheet. It brings its own scrolling.
func (s *Sheet) Open(title string, body fyne.CanvasObject) {
	setText(s.title, title)
	if len(s.body.Objects) != 1 || s.body.Objects[0] != body {
		s.body.Objects = []fyne.CanvasObject{body}
		s.body.Refresh()
	}
	if !s.side.Visible() {
		s.side.Show()
		s.Refresh()
	}
}

// Close hides the sheet.
func (s *Sheet) Close() {
	if s.side.Visible() {
		s.side.Hide()
		s.Refresh()
	}
}

// Shown tells whether it is open.
func (s *Sheet) Shown() bool { return s.side.Visible() }

// Back closes an open sheet, as Escape does, and tells whether it did.
func (s *Sheet) Back() bool {
	if !s.Shown() {
		return false
	}
	s.closed()
	return true
}

func (s *Sheet) closed() {
	s.Close()
	if s.OnClose != nil {
		s.OnClose()
	}
}

// CreateRenderer implements fyne.Widget.
func (s *Sheet) CreateRenderer() fyne.WidgetRenderer { return &sheetRenderer{s} }

type sheetRenderer struct{ sheet *Sheet }

func (r *sheetRenderer) Destroy() {}

func (r *sheetRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.sheet.main, r.sheet.side}
}

func (r *sheetRenderer) MinSize() fyne.Size { return r.sheet.main.MinSize() }

func (r *sheetRenderer) Refresh() {
	r.Layout(r.sheet.Size())
	r.sheet.main.Refresh()
	r.sheet.side.Refresh()
}

func (r *sheetRenderer) Layout(size fyne.Size) {
	s, width := r.sheet, min(max(24*theme.TextSize(), size.Width*0.36), 34*theme.TextSize())
	if !s.side.Visible() {
		Show(s.main, true)
		s.main.Resize(size)
		s.main.Move(fyne.NewPos(0, 0))
		return
	}
	beside := size.Width-width >= 26*theme.TextSize()
	if !beside {
		width = size.Width
	}
	Show(s.main, beside)
	s.main.Resize(fyne.NewSize(size.Width-width, size.Height))
	s.main.Move(fyne.NewPos(0, 0))
	s.side.Resize(fyne.NewSize(width, size.Height))
	s.side.Move(fyne.NewPos(size.Width-width, 0))
}
