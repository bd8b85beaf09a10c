package kit_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
)

// TestAShakenClickIsAClick moves the pointer a little between press and
// release, as hands do, and then far, which is a drag and no click.
func TestAShakenClickIsAClick(t *testing.T) {
	k := newKit(t, 1)
	window := k.Window()
	var dragged, selected []int
	l := kit.NewList(k, kit.WithDrag(func(i int, _ view.Row) { dragged = append(dragged, i) }))
	l.OnSelect = func(i int, _ view.Row) { selected = append(selected, i) }
	l.Set(3, func(i int) view.Row { return view.Row{ID: string(rune('a' + i)), Title: "row"} })
	window.SetContent(l)
	window.Resize(fyne.NewSize(400, 300))
	for _, far := range []float32{3, 40} {
		test.Drag(window.Canvas(), fyne.NewPos(100, 20), far, 0)
	}
	if len(selected) != 1 || len(dragged) != 1 || dragged[0] != selected[0] {
		t.Errorf("selected %v, dragged %v", selected, dragged)
	}
}
