package kit_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
)

// seen are the texts that are drawn.
func seen(o fyne.CanvasObject) (texts []*canvas.Text) {
	for _, x := range test.LaidOutObjects(o) {
		if text, ok := x.(*canvas.Text); ok && text.Visible() && text.Text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// TestLongTextsAreCutWhereTheRowEnds measures what is drawn with Fyne's own
// ruler, which knows kerning too.
func TestLongTextsAreCutWhereTheRowEnds(t *testing.T) {
	k := newKit(t, 1)
	for _, title := range []string{
		strings.Repeat("VAVATo. ", 40), strings.Repeat("减速机 支架", 40), "short.step", "👷🏽 " + strings.Repeat("é", 200), strings.Repeat("i", 400),
	} {
		for _, width := range []float32{40, 120, 333, 900} {
			list := kit.NewList(k)
			list.Set(1, func(int) view.Row { return view.Row{ID: "1", Icon: view.IconPart, Title: title} })
			k.Window().SetContent(container.NewStack(list))
			k.Window().Resize(fyne.NewSize(width, 200))
			for _, text := range seen(list) {
				need := fyne.MeasureText(text.Text, text.TextSize, text.TextStyle).Width
				if need > text.Size().Width+2 {
					t.Errorf("%q takes %v of %v", text.Text, need, text.Size().Width)
				}
				cut, whole := strings.CutSuffix(text.Text, "…")
				if whole && !strings.HasPrefix(title, cut) || !whole && text.Text != title {
					t.Errorf("%q became %q", title, text.Text)
				}
			}
		}
	}
}

func TestIconsGrowWithTheText(t *testing.T) {
	side := func(scale float32) (largest float32) {
		k := newKit(t, scale)
		list := kit.NewList(k)
		list.Set(1, func(int) view.Row { return view.Row{ID: "1", Icon: view.IconPart, Title: "x"} })
		k.Window().SetContent(container.NewStack(list))
		k.Window().Resize(fyne.NewSize(600, 300))
		for _, x := range test.LaidOutObjects(list) {
			if img, ok := x.(*canvas.Image); ok && img.Visible() {
				largest = max(largest, img.Size().Width)
			}
		}
		return largest
	}
	if once, twice := side(1), side(2); once <= 0 || twice != 2*once {
		t.Errorf("%v, and with text of twice the size %v", once, twice)
	}
}
