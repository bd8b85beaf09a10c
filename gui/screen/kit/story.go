package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// Stories shows a few rows whose texts are sentences: they wrap, where those
// of Rows and List are cut off. Buttons stand on the right, or below where it
// is narrow.
type Stories struct {
	widget.BaseWidget
	kit     *Kit
	stories []*story
	box     *fyne.Container
}

// NewStories makes a group without rows.
func NewStories(k *Kit) *Stories {
	s := &Stories{kit: k, box: container.NewVBox()}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows other rows. A button that stays keeps the focus.
func (s *Stories) Set(rows []view.Row) {
	for len(s.stories) < len(rows) {
		s.stories = append(s.stories, newStory(s.kit))
	}
	shown := make([]fyne.CanvasObject, len(rows))
	for i, data := range rows {
		s.stories[i].set(data)
		shown[i] = s.stories[i].all
	}
	if len(shown) != len(s.box.Objects) {
		s.box.Objects = shown
		s.box.Refresh()
	}
	Show(s, len(rows) > 0)
}

// CreateRenderer implements fyne.Widget.
func (s *Stories) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.box) }

// story draws one row.
type story struct {
	icon, sign    *canvas.Image
	title, status *widget.Label
	statusLine    *fyne.Container
	detail        *widget.Label
	actions       *Actions
	all           *fyne.Container
}

func newStory(k *Kit) *story {
	s := &story{
		icon: newImage(iconSide()), sign: newImage(signSide()), title: NewText(""), status: NewText(""), detail: NewCaption(""), actions: NewActions(k),
	}
	s.statusLine = container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, theme.InnerPadding(), -theme.InnerPadding()/2), container.NewCenter(s.sign)), nil, s.status)
	texts := container.New(layout.NewCustomPaddedVBoxLayout(-2*theme.InnerPadding()+2), s.title, s.statusLine, s.detail)
	s.all = container.New(&storyLayout{}, container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), s.icon), texts, s.actions)
	return s
}

func (s *story) set(d view.Row) {
	color := theme.ColorNameForeground
	if d.Tone >= view.Attention {
		color = ToneColor(d.Tone)
	}
	s.icon.SetMinSize(fyne.NewSquareSize(iconSide()))
	s.sign.SetMinSize(fyne.NewSquareSize(signSide()))
	setIcon(s.icon, d.Icon, color)
	setText(s.title, d.Title)
	setIcon(s.sign, statusIcon(d), ToneColor(d.Tone))
	if s.status.Importance != importance(d.Tone) {
		s.status.Importance = importance(d.Tone)
		s.status.Refresh()
	}
	setText(s.status, d.Status)
	Show(s.statusLine, d.Status != "")
	SetCaption(s.detail, d.Detail)
	s.actions.Set(d.Actions)
}

// storyLayout puts the texts between the icon and the buttons; where too
// little would be left for them, the buttons stand below.
type storyLayout struct{ width float32 }

// sides gives the widths of the icon and of the buttons, and whether the
// buttons stand below.
func (l *storyLayout) sides(o []fyne.CanvasObject) (icon, buttons float32, below bool) {
	icon = o[0].MinSize().Width + theme.Padding()
	if !o[2].Visible() {
		return icon, 0, false
	}
	buttons = o[2].MinSize().Width + theme.Padding()
	return icon, buttons, l.width-icon-buttons < 16*theme.TextSize()
}

func (l *storyLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	_, _, below := l.sides(o)
	texts, buttons := o[1].MinSize().Height, float32(0)
	if o[2].Visible() {
		buttons = o[2].MinSize().Height
	}
	if below {
		return fyne.NewSize(12*theme.TextSize(), texts+buttons)
	}
	return fyne.NewSize(12*theme.TextSize(), max(texts, buttons, o[0].MinSize().Height))
}

func (l *storyLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	icon, buttons, below := l.sides(o)
	o[0].Resize(o[0].MinSize())
	o[0].Move(fyne.NewPos(0, 0))
	width := size.Width - icon
	if !below {
		width -= buttons
	}
	o[1].Move(fyne.NewPos(icon, 0))
	o[1].Resize(fyne.NewSize(width, max(o[1].MinSize().Height, o[2].MinSize().Height)))
	if !o[2].Visible() {
		return
	}
	height := o[2].MinSize().Height
	if below {
		o[2].Move(fyne.NewPos(icon, o[1].MinSize().Height))
		o[2].Resize(fyne.NewSize(width, height))
		return
	}
	o[2].Move(fyne.NewPos(size.Width-buttons+theme.Padding(), 0))
	o[2].Resize(fyne.NewSize(buttons-theme.Padding(), height))
}
