package kit

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// dragFrom is how far the pointer goes with its button held before that is a
// drag.
const dragFrom = 12

// dragRow is a row that can be dragged.
type dragRow struct {
	widget.BaseWidget
	row   *row
	begun func()

	moved   fyne.Delta
	dragged bool
}

func newDragRow(r *row) *dragRow {
	d := &dragRow{row: r}
	d.ExtendBaseWidget(d)
	return d
}

// Dragged implements fyne.Draggable.
func (d *dragRow) Dragged(e *fyne.DragEvent) {
	d.moved.DX += e.Dragged.DX
	d.moved.DY += e.Dragged.DY
	if d.dragged || math.Hypot(float64(d.moved.DX), float64(d.moved.DY)) < dragFrom {
		return
	}
	d.dragged = true
	if d.begun != nil {
		d.begun()
	}
}

// DragEnd implements fyne.Draggable. Fyne takes two points for a drag already,
// and forgets the tap.
func (d *dragRow) DragEnd() {
	shaken := !d.dragged
	d.moved, d.dragged = fyne.Delta{}, false
	if shaken && d.row.tapped != nil {
		d.row.tapped()
	}
}

// CreateRenderer implements fyne.Widget.
func (d *dragRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(d.row) }
