package plot

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// canvas draws smooth lines and text on an image.
type canvas struct {
	*image.RGBA
	style  Style
	of     colours
	raster vector.Rasterizer
	faces  []font.Face
	size   float64 // of text, in pixels
}

const textSize = 12 // points

func newCanvas(s Style) *canvas {
	s = s.normal()
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, s.Width, s.Height)), style: s, of: s.colours(), size: textSize * s.Scale}
	c.faces = s.Fonts.faces(c.size)
	draw.Draw(c.RGBA, c.Bounds(), image.NewUniform(c.of.ground), image.Point{}, draw.Src)
	return c
}

type point struct{ x, y float64 }

// path draws a line through points.
func (c *canvas) path(points []point, width float64, ink color.Color) {
	if len(points) < 2 {
		return
	}
	c.raster.Reset(c.Rect.Dx(), c.Rect.Dy())
	for i := 1; i < len(points); i++ {
		c.stroke(points[i-1], points[i], width)
	}
	c.raster.Draw(c.RGBA, c.Bounds(), image.NewUniform(ink), image.Point{})
}

// stroke adds a line with square ends. All strokes turn the same way, so that
// where they overlap nothing is cut out.
func (c *canvas) stroke(a, b point, width float64) {
	dx, dy := b.x-a.x, b.y-a.y
	l := math.Hypot(dx, dy)
	if l == 0 || math.IsNaN(l) || math.IsInf(l, 0) {
		return
	}
	dx, dy = dx/l*width/2, dy/l*width/2
	a.x, a.y, b.x, b.y = a.x-dx, a.y-dy, b.x+dx, b.y+dy
	c.polygon(point{a.x - dy, a.y + dx}, point{b.x - dy, b.y + dx}, point{b.x + dy, b.y - dx}, point{a.x + dy, a.y - dx})
}

func (c *canvas) polygon(points ...point) {
	for i, p := range points {
		if i == 0 {
			c.raster.MoveTo(float32(p.x), float32(p.y))
		} else {
			c.raster.LineTo(float32(p.x), float32(p.y))
		}
	}
	c.raster.ClosePath()
}

// sign draws the sign of a series: a circle, a square, a triangle, a diamond.
func (c *canvas) sign(kind int, at point, r float64, ink color.Color) {
	c.raster.Reset(c.Rect.Dx(), c.Rect.Dy())
	sides, turn := [...]int{24, 4, 3, 4}[kind%4], [...]float64{0, math.Pi / 4, -math.Pi / 2, 0}[kind%4]
	points := make([]point, sides)
	for i := range points {
		angle := turn + 2*math.Pi*float64(i)/float64(sides)
		points[i] = point{at.x + r*math.Cos(angle), at.y + r*math.Sin(angle)}
	}
	c.polygon(points...)
	c.raster.Draw(c.RGBA, c.Bounds(), image.NewUniform(ink), image.Point{})
}

func (c *canvas) fill(r image.Rectangle, ink color.Color) {
	draw.Draw(c.RGBA, r.Intersect(c.Bounds()), image.NewUniform(ink), image.Point{}, draw.Src)
}

// face is the first font that has a glyph.
func (c *canvas) face(r rune) font.Face {
	for _, f := range c.faces {
		if _, ok := f.GlyphAdvance(r); ok && has(f, r) {
			return f
		}
	}
	if len(c.faces) > 0 {
		return c.faces[0]
	}
	return nil
}

// has tells whether a font draws anything else for r than the box that stands
// for what it lacks.
func has(f font.Face, r rune) bool {
	_, _, ok := f.GlyphBounds(r)
	if !ok {
		return false
	}
	b, a, _ := f.GlyphBounds(r)
	nb, na, _ := f.GlyphBounds('\U0010fffd')
	return b != nb || a != na || r == '\U0010fffd'
}

func (c *canvas) width(text string) float64 {
	var sum fixed.Int26_6
	for _, r := range text {
		if f := c.face(r); f != nil {
			a, _ := f.GlyphAdvance(r)
			sum += a
		}
	}
	return float64(sum) / 64
}

// text writes with its base line at at; align is 0 for what begins there, 1 for
// what ends there.
func (c *canvas) text(text string, at point, align float64, ink color.Color) {
	dot := fixed.Point26_6{X: fixed.Int26_6((at.x - align*c.width(text)) * 64), Y: fixed.Int26_6(at.y * 64)}
	for _, r := range text {
		f := c.face(r)
		if f == nil {
			return
		}
		d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(ink), Face: f, Dot: dot}
		d.DrawString(string(r))
		dot = d.Dot
	}
}

// sideways writes upwards, with the middle of the text at at.
func (c *canvas) sideways(text string, at point, ink color.Color) {
	w, h := int(c.width(text))+2, int(c.size*1.5)
	if w < 3 || w > MaxSide {
		return
	}
	flat := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, w, h)), faces: c.faces, size: c.size}
	flat.text(text, point{1, c.size * 1.1}, 0, ink)
	turned := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			turned.SetRGBA(y, w-1-x, flat.RGBAAt(x, y))
		}
	}
	corner := image.Pt(int(at.x)-h/2, int(at.y)-w/2)
	draw.Draw(c.RGBA, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(h, w))}, turned, image.Point{}, draw.Over)
}
