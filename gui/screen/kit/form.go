package kit

import (
	"image"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// Fields shows names and values. Values can be selected and copied.
type Fields struct {
	widget.BaseWidget
	box *fyne.Container
}

// NewFields makes a group of values.
func NewFields(fields ...view.Field) *Fields {
	f := &Fields{box: container.New(layout.NewFormLayout())}
	f.ExtendBaseWidget(f)
	f.Set(fields)
	return f
}

// Set shows other values.
func (f *Fields) Set(fields []view.Field) {
	for len(f.box.Objects) < 2*len(fields) {
		name, value := NewCaption(""), NewText("")
		name.Wrapping = fyne.TextWrapOff
		value.Selectable = true
		f.box.Objects = append(f.box.Objects, name, value)
	}
	f.box.Objects = f.box.Objects[:2*len(fields)]
	for i, field := range fields {
		setText(f.box.Objects[2*i].(*widget.Label), field.Label)
		value := f.box.Objects[2*i+1].(*widget.Label)
		value.Importance = importance(field.Tone)
		value.SetText(field.Value)
	}
	f.box.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (f *Fields) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.box) }

// Setting is one setting: its name, the control, and below what it does and
// why it cannot be changed.
type Setting struct {
	widget.BaseWidget
	name   *widget.Label
	hint   *widget.Label
	lock   *fyne.Container
	locked *widget.Label
	all    *fyne.Container
}

// NewSetting makes the line of a setting.
func NewSetting(control fyne.CanvasObject) *Setting {
	s := &Setting{name: NewText(""), hint: NewCaption(""), locked: NewCaption("")}
	icon := newImage(16)
	setIcon(icon, view.IconLock, theme.ColorNameDisabled)
	s.lock = container.NewBorder(nil, nil, container.NewCenter(icon), nil, s.locked)
	s.all = container.NewVBox(container.New(&halves{}, s.name, control), s.hint, s.lock)
	s.ExtendBaseWidget(s)
	return s
}

// Set words the setting; locked says who has locked it, empty: nobody.
func (s *Setting) Set(name, hint, locked string) {
	setText(s.name, name)
	SetCaption(s.hint, hint)
	setText(s.locked, locked)
	Show(s.lock, locked != "")
}

// CreateRenderer implements fyne.Widget.
func (s *Setting) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.all) }

// halves puts a name beside a control, or above it where it is narrow.
type halves struct{ narrow bool }

func (h *halves) MinSize(o []fyne.CanvasObject) fyne.Size {
	name, control := o[0].MinSize(), o[1].MinSize()
	if h.narrow {
		return fyne.NewSize(max(name.Width, control.Width), name.Height+control.Height)
	}
	return fyne.NewSize(max(name.Width, control.Width), max(name.Height, control.Height))
}

func (h *halves) Layout(o []fyne.CanvasObject, size fyne.Size) {
	control := o[1].MinSize()
	side := max(control.Width, min(size.Width/2, 24*theme.TextSize()))
	h.narrow = size.Width-side < 10*theme.TextSize()
	if h.narrow {
		o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
		o[0].Move(fyne.NewPos(0, 0))
		o[1].Resize(fyne.NewSize(size.Width, control.Height))
		o[1].Move(fyne.NewPos(0, o[0].MinSize().Height))
		return
	}
	o[0].Resize(fyne.NewSize(size.Width-side, size.Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(side, control.Height))
	o[1].Move(fyne.NewPos(size.Width-side, 0))
}

// Search is where the user types what he looks for. Escape empties it.
type Search struct {
	widget.Entry
	// OnDown hears that the user goes on to what was found.
	OnDown func()
	kit    *Kit
}

// NewSearch makes an entry that tells what is typed.
func NewSearch(k *Kit, placeholder string, changed func(string)) *Search {
	s := &Search{kit: k}
	s.ExtendBaseWidget(s)
	s.PlaceHolder, s.OnChanged = placeholder, changed
	s.Icon = Colored(view.IconSearch, theme.ColorNameDisabled)
	return s
}

// TypedKey implements fyne.Focusable.
func (s *Search) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && s.Text != "":
		s.SetText("")
	case e.Name == fyne.KeyDown && s.OnDown != nil:
		s.OnDown()
	case (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && s.OnDown != nil && s.OnSubmitted == nil:
		s.OnDown()
	case e.Name == fyne.KeyEscape, e.Name == fyne.KeyF5:
		s.kit.Unhandled(e)
	default:
		s.Entry.TypedKey(e)
	}
}

// Segments is a line of parts of a room, of which one is shown.
type Segments struct {
	widget.BaseWidget
	// OnChange hears which one the user wants.
	OnChange func(name string)
	kit      *Kit
	buttons  []*Button
	line     *fyne.Container
}

// NewSegments makes a line without parts.
func NewSegments(k *Kit, changed func(name string)) *Segments {
	s := &Segments{kit: k, OnChange: changed, line: container.New(layout.NewRowWrapLayout())}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows the parts; chosen is the one that is shown.
func (s *Segments) Set(parts []view.Segment, chosen string) {
	for len(s.buttons) < len(parts) {
		b := NewButton(s.kit, view.Action{})
		b.Enable() // it is no action, and so not one that cannot be done
		s.buttons = append(s.buttons, b)
		s.line.Add(b)
	}
	changed := false
	for i, b := range s.buttons {
		Show(b, i < len(parts))
		if i >= len(parts) {
			continue
		}
		p := parts[i]
		b.OnTapped = func() { s.OnChange(p.Name) }
		want := widget.LowImportance
		if p.Name == chosen {
			want = widget.HighImportance
		}
		if text := badged(p.Label, p.Badge); b.Text != text || b.Importance != want {
			b.Importance = want
			b.SetText(text)
			changed = true
		}
	}
	if changed {
		s.line.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (s *Segments) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.line) }

// Picture shows an image of any size, or an icon where there is none.
type Picture struct {
	widget.BaseWidget
	img *canvas.Image
}

// NewPicture makes an empty picture that wants size at least.
func NewPicture(size fyne.Size) *Picture {
	p := &Picture{img: newImage(0)}
	p.img.SetMinSize(size)
	p.ExtendBaseWidget(p)
	return p
}

// Set shows an image that is decoded already; nil: the icon.
func (p *Picture) Set(img image.Image, icon view.Icon) {
	if img == nil {
		setIcon(p.img, icon, theme.ColorNameDisabled)
		return
	}
	setImage(p.img, img)
}

// CreateRenderer implements fyne.Widget.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.img) }

// badged adds a number to a text; 0: none.
func badged(text string, n int) string {
	if n == 0 {
		return text
	}
	return text + " (" + strconv.Itoa(n) + ")"
}
