package pictures

import (
	"image"
	"image/color"
	"testing"
)

func TestDrawingsStandOnPaper(t *testing.T) {
	drawing := image.NewRGBA(image.Rect(2, 3, 6, 7))
	ink := color.RGBA{R: 1, G: 2, B: 3, A: 0xff}
	drawing.Set(4, 4, ink)
	img := onPaper(drawing)
	if img.Bounds() != drawing.Bounds() || img.At(4, 4) != ink {
		t.Errorf("%v: the ink is %v", img.Bounds(), img.At(4, 4))
	}
	if _, _, _, a := img.At(2, 3).RGBA(); a != 0xffff {
		t.Error("one can see through the paper")
	}
}
