package solves

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/solves"
)

// detail draws one job.
type detail struct {
	room    *solves.Room
	kit     *kit.Kit
	back    *kit.Button
	title   *widget.Label
	status  *widget.Label
	bar     *kit.Bar
	reason  *widget.Label
	message *widget.Label
	fields  *kit.Fields
	actions *kit.Actions
	plot    *pictures
	page    *container.Scroll
}

func newDetail(r *solves.Room, k *kit.Kit) *detail {
	d := &detail{
		room: r, kit: k, title: kit.NewTitle(""), status: kit.NewText(""), bar: kit.NewBar(), reason: kit.NewText(""), message: kit.NewCaption(""),
		fields: kit.NewFields(), actions: kit.NewActions(k), plot: newPictures(r, k),
	}
	d.back = kit.NewButton(k, view.Action{Name: "back", Label: k.Words().T("solves.back"), Do: func() { r.Show("") }})
	d.page = kit.NewPage(
		container.NewHBox(d.back), d.title, d.status, d.bar, d.reason, d.message, d.actions, d.plot.card, kit.NewCard("", d.fields),
	)
	return d
}

func (d *detail) set(v solves.Detail) {
	d.title.SetText(v.Title)
	kit.SetToned(d.status, v.Status, v.Tone)
	kit.SetToned(d.reason, v.Reason, view.Trouble)
	kit.SetCaption(d.message, v.Message)
	kit.Show(d.bar, v.Running)
	d.bar.Set(v.Progress, v.Tone)
	d.fields.Set(v.Fields)
	d.actions.Set(v.Actions)
	d.plot.set(v.Plot)
}

// pictures draws the pictures of the results.
type pictures struct {
	kinds   *kit.Segments
	frames  *widget.Select
	picture *picture
	caption *widget.Label
	note    *widget.Label
	text    *widget.Label
	bar     *kit.Bar
	action  *kit.Actions
	setting bool // the choice of a frame is being drawn, not made
	card    *kit.Card
}

func newPictures(r *solves.Room, k *kit.Kit) *pictures {
	p := &pictures{
		kinds: kit.NewSegments(k, r.ShowKind), picture: newPicture(r.SetSurface), caption: kit.NewCaption(""), note: kit.NewCaption(""),
		text: kit.NewText(""), bar: kit.NewBar(), action: kit.NewActions(k),
	}
	p.frames = widget.NewSelect(nil, func(string) {
		if !p.setting {
			r.ShowFrame(p.frames.SelectedIndex())
		}
	})
	p.card = kit.NewCard("", p.kinds, p.frames, p.picture, p.caption, p.note, p.text, p.bar, p.action)
	return p
}

func (p *pictures) set(v solves.Plot) {
	kit.Show(p.card, v.Text != "" || len(v.Kinds) > 0)
	p.kinds.Set(v.Kinds, v.Kind)
	kit.Show(p.kinds, len(v.Kinds) > 1)
	p.setting = true
	if !slices.Equal(p.frames.Options, v.Frames) {
		p.frames.SetOptions(v.Frames)
	}
	if len(v.Frames) > 0 && p.frames.SelectedIndex() != v.Frame {
		p.frames.SetSelectedIndex(v.Frame)
	}
	p.setting = false
	kit.Show(p.frames, len(v.Frames) > 1)
	kit.Show(p.picture, v.Text == "" && len(v.Kinds) > 0)
	p.picture.set(v)
	kit.SetCaption(p.caption, v.Caption)
	kit.SetCaption(p.note, v.Note)
	kit.SetToned(p.text, v.Text, view.Quiet)
	kit.Show(p.bar, v.Running)
	p.bar.Set(v.Progress, view.Busy)
	if v.Action == nil {
		p.action.Set(nil)
	} else {
		p.action.Set([]view.Action{*v.Action})
	}
}

// picture shows an image that is drawn for its own size in pixels, and tells
// that size.
type picture struct {
	widget.BaseWidget
	image *canvas.Image
	tell  func(solves.Surface)
}

func newPicture(tell func(solves.Surface)) *picture {
	p := &picture{image: canvas.NewImageFromImage(nil), tell: tell}
	p.image.FillMode = canvas.ImageFillContain
	p.ExtendBaseWidget(p)
	return p
}

func (p *picture) set(v solves.Plot) {
	p.measure()
	if p.image.Image != v.Image {
		p.image.Image = v.Image
		p.image.Refresh()
	}
}

// MinSize implements fyne.CanvasObject: as high as a plot can be read.
func (p *picture) MinSize() fyne.Size {
	return fyne.NewSize(16*theme.TextSize(), 26*theme.TextSize())
}

// Resize implements fyne.CanvasObject.
func (p *picture) Resize(size fyne.Size) {
	p.BaseWidget.Resize(size)
	p.measure()
}

// usualText is the size of text, in points, for which plots are laid out.
const usualText = 14

func (p *picture) measure() {
	size, scale := p.Size(), float32(1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		scale = c.Scale()
	}
	if size.Width < 1 || size.Height < 1 {
		return
	}
	p.tell(solves.Surface{
		Width: int(size.Width * scale), Height: int(size.Height * scale), Scale: float64(scale * theme.TextSize() / usualText),
		Dark: dark(theme.Color(theme.ColorNameBackground)),
	})
}

func dark(c color.Color) bool {
	const half = 0x8000
	r, g, b, _ := c.RGBA()
	return (299*r+587*g+114*b)/1000 < half
}

// CreateRenderer implements fyne.Widget.
func (p *picture) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.image) }
