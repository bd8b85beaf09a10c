package plot

import (
	"image/color"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// Style is how a picture is drawn.
type Style struct {
	// Width and Height are in pixels; they are held between MinSide and MaxSide.
	Width, Height int
	// Scale is how many pixels a point of the screen has; 0: 1.
	Scale float64
	Dark  bool
	Fonts *Fonts
}

// The bounds of a picture's sides, in pixels.
const (
	MinSide = 120
	MaxSide = 2400
)

func (s Style) normal() Style {
	s.Width, s.Height = min(max(s.Width, MinSide), MaxSide), min(max(s.Height, MinSide), MaxSide)
	if s.Scale < 0.5 || s.Scale > 8 {
		s.Scale = 1
	}
	return s
}

// Fonts are the fonts of texts: a glyph is taken from the first that has it.
type Fonts struct{ all []*sfnt.Font }

// NewFonts reads fonts (TrueType or OpenType).
func NewFonts(contents ...[]byte) (*Fonts, error) {
	f := &Fonts{}
	for _, c := range contents {
		parsed, err := opentype.Parse(c)
		if err != nil {
			return nil, err
		}
		f.all = append(f.all, parsed)
	}
	return f, nil
}

// faces are the fonts at one size, in pixels.
func (f *Fonts) faces(size float64) []font.Face {
	if f == nil {
		return nil
	}
	var out []font.Face
	for _, parsed := range f.all {
		if face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72}); err == nil {
			out = append(out, face)
		}
	}
	return out
}

// colours are those of one theme.
type colours struct {
	ground, text, faint, grid, edge, ghost color.RGBA
	series                                 []color.RGBA
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

// colours gives a palette that people with any kind of colour vision tell
// apart (after Okabe and Ito); the signs of the series differ too.
func (s Style) colours() colours {
	if s.Dark {
		return colours{
			ground: rgb(0x1b1f24), text: rgb(0xe6e9ed), faint: rgb(0xa3abb5), grid: rgb(0x39414a), edge: rgb(0x101316), ghost: rgb(0x6a747f),
			series: []color.RGBA{rgb(0x56b4e9), rgb(0xe69f00), rgb(0x2fc79a), rgb(0xe59ac6)},
		}
	}
	return colours{
		ground: rgb(0xffffff), text: rgb(0x20262d), faint: rgb(0x5b6570), grid: rgb(0xdfe3e8), edge: rgb(0x2a3038), ghost: rgb(0xa0a8b2),
		series: []color.RGBA{rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0xb3598c)},
	}
}

// scale gives the colour of a value between 0 and 1: viridis, which grows
// lighter evenly and is the same to people with any kind of colour vision.
func scale(t float64) color.RGBA {
	stops := [...]uint32{0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725}
	t = min(max(t, 0), 1) * float64(len(stops)-1)
	at := min(int(t), len(stops)-2)
	return mix(rgb(stops[at]), rgb(stops[at+1]), t-float64(at))
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	part := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t + 0.5) }
	return color.RGBA{R: part(a.R, b.R), G: part(a.G, b.G), B: part(a.B, b.B), A: 255}
}
