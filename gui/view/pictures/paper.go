package pictures

import (
	"image"
	"image/color"
	"image/draw"
)

// onPaper gives a drawing the light ground that its dark lines need, so that
// it can be seen in a dark window too.
func onPaper(img image.Image) image.Image {
	paper := image.NewRGBA(img.Bounds())
	draw.Draw(paper, paper.Bounds(), image.NewUniform(color.RGBA{R: 0xf4, G: 0xf6, B: 0xf8, A: 0xff}), image.Point{}, draw.Src)
	draw.Draw(paper, paper.Bounds(), img, img.Bounds().Min, draw.Over)
	return paper
}
