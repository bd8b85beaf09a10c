package kit

import (
	"bytes"
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/assets/icons"
	"iscdesk.dev/gui/view"
)

// drawing is an icon in one colour of the theme. Its name bears the colour,
// because Fyne keeps what it has drawn by name.
type drawing struct {
	icon  view.Icon
	color fyne.ThemeColorName
	// made is the colour at the time when it was made, by which one of another
	// look is told apart.
	made color.NRGBA
}

// Icon gives a drawing in the colour of text.
func Icon(name view.Icon) fyne.Resource { return Colored(name, theme.ColorNameForeground) }

// Colored gives a drawing in a colour of the theme; nil for view.IconNone.
func Colored(name view.Icon, c fyne.ThemeColorName) fyne.Resource {
	if name == view.IconNone {
		return nil
	}
	return drawing{name, c, color.NRGBAModel.Convert(theme.Color(c)).(color.NRGBA)}
}

// ToneColor is the colour of the theme in which a tone is drawn.
func ToneColor(t view.Tone) fyne.ThemeColorName {
	switch t {
	case view.Good:
		return theme.ColorNameSuccess
	case view.Busy:
		return theme.ColorNamePrimary
	case view.Attention:
		return theme.ColorNameWarning
	case view.Trouble:
		return theme.ColorNameError
	}
	return theme.ColorNameDisabled
}

// How colours are written in SVG: in hexadecimal, and the one that a drawing
// leaves open.
const (
	hexColor  = "#%02x%02x%02x"
	openColor = "currentColor"
	svgSuffix = ".svg"
)

func hex(c color.Color) string {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf(hexColor, n.R, n.G, n.B)
}

// Name implements fyne.Resource.
func (d drawing) Name() string {
	return string(d.icon) + "-" + hex(theme.Color(d.color))[1:] + svgSuffix
}

// Content implements fyne.Resource.
func (d drawing) Content() []byte {
	return bytes.ReplaceAll(icons.SVG(string(d.icon)), []byte(openColor), []byte(hex(theme.Color(d.color))))
}

// ThemeColorName implements fyne.ThemedResource.
func (d drawing) ThemeColorName() fyne.ThemeColorName { return d.color }

// newImage makes an image of an icon that is drawn size high and wide.
func newImage(size float32) *canvas.Image {
	img := canvas.NewImageFromResource(nil)
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(size))
	return img
}

// setIcon puts a drawing into an image. Fyne reads a drawing anew whenever it
// is told of it, so it is told only of another.
func setIcon(img *canvas.Image, name view.Icon, c fyne.ThemeColorName) {
	if name == view.IconNone {
		img.Hide()
		return
	}
	d := Colored(name, c)
	if img.Image == nil && img.Resource == d {
		Show(img, true)
		return
	}
	img.Image, img.Resource = nil, d
	img.Show()
	img.Refresh()
}

// setImage puts an image that is decoded already into another.
func setImage(img *canvas.Image, to image.Image) {
	if img.Image == to && img.Visible() {
		return
	}
	img.Resource, img.Image = nil, to
	img.Show()
	img.Refresh()
}
