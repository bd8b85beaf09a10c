package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// Button is a button that Enter presses too, and that leaves the keys it does
// not take to the window.
type Button struct {
	widget.Button
	kit *Kit
}

// NewButton makes a button of an action. Set changes it later.
func NewButton(k *Kit, a view.Action) *Button {
	b := &Button{kit: k}
	b.ExtendBaseWidget(b)
	b.Set(a)
	return b
}

// Set gives the button another action.
func (b *Button) Set(a view.Action) {
	b.OnTapped = func() { b.kit.Do(a) }
	want := widget.MediumImportance
	switch {
	case a.Danger:
		want = widget.DangerImportance
	case a.Primary:
		want = widget.HighImportance
	}
	if b.Text != a.Label || b.Importance != want {
		b.Importance = want
		b.SetText(a.Label)
	}
	if b.Disabled() == (a.Do == nil) {
		return
	}
	if a.Do == nil {
		b.Disable()
	} else {
		b.Enable()
	}
}

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if !b.Disabled() && b.OnTapped != nil {
			b.OnTapped()
		}
	default:
		b.kit.Unhandled(e)
	}
}

// Actions is a line of buttons. What cannot be done now is shown with the
// reason below.
type Actions struct {
	widget.BaseWidget
	kit     *Kit
	buttons []*Button
	line    *fyne.Container
	why     *widget.Label
	all     *fyne.Container
}

// NewActions makes a line of buttons.
func NewActions(k *Kit, actions ...view.Action) *Actions {
	w := &Actions{kit: k, line: container.New(layout.NewRowWrapLayout()), why: NewCaption("")}
	w.why.Hide()
	w.all = container.NewVBox(w.line, w.why)
	w.ExtendBaseWidget(w)
	w.Set(actions)
	return w
}

// Set shows other actions. A button that stays keeps the focus.
func (w *Actions) Set(actions []view.Action) {
	for len(w.buttons) < len(actions) {
		w.buttons = append(w.buttons, NewButton(w.kit, view.Action{}))
	}
	var why string
	shown := make([]fyne.CanvasObject, len(actions))
	for i, a := range actions {
		w.buttons[i].Set(a)
		shown[i] = w.buttons[i]
		if a.Do == nil && why == "" {
			why = a.Why
		}
	}
	if !slices.Equal(shown, w.line.Objects) {
		w.line.Objects = shown
		w.line.Refresh()
	}
	SetCaption(w.why, why)
	Show(w, len(actions) > 0)
}

// FocusPrimary gives the keyboard to the action that is meant first, else to
// the last one.
func (w *Actions) FocusPrimary() {
	for i := range w.line.Objects {
		if b := w.buttons[i]; b.Importance == widget.HighImportance || i == len(w.line.Objects)-1 {
			w.kit.Focus(b)
			return
		}
	}
}

// SetCaption changes a small remark; an empty one is hidden.
func SetCaption(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
	Show(l, text != "")
}

// CreateRenderer implements fyne.Widget.
func (w *Actions) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(w.all) }
