package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// NewFooted puts foot below body, which gets the rest of the room. What stands
// in foot may wrap: it is told its width before it is asked for its height.
func NewFooted(body, foot fyne.CanvasObject) *fyne.Container {
	return container.New(footed{}, body, foot)
}

type footed struct{}

func (footed) MinSize(o []fyne.CanvasObject) fyne.Size {
	body, foot := o[0].MinSize(), o[1].MinSize()
	if !o[1].Visible() {
		return body
	}
	return fyne.NewSize(max(body.Width, foot.Width), body.Height+Space/2+foot.Height)
}

func (footed) Layout(o []fyne.CanvasObject, size fyne.Size) {
	body, foot := o[0], o[1]
	left := size.Height
	if foot.Visible() {
		high := HeightAt(foot, size.Width)
		foot.Resize(fyne.NewSize(size.Width, high))
		foot.Move(fyne.NewPos(0, size.Height-high))
		left = max(0, size.Height-high-Space/2)
	}
	body.Resize(fyne.NewSize(size.Width, left))
	body.Move(fyne.NewPos(0, 0))
}

// HeightAt is how high something that wraps is at a width. It takes the width.
func HeightAt(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	return o.MinSize().Height
}
