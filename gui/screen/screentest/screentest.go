// Package screentest draws a screen in a window of Fyne's test driver, where
// neither a display nor OpenGL is needed.
package screentest

import (
	"regexp"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view/viewtest"
)

// Screen is what can be drawn.
type Screen interface {
	Object() fyne.CanvasObject
	Refresh()
}

// Drawn is a screen in a window.
type Drawn struct {
	Window fyne.Window
	Kit    *kit.Kit
	screen Screen
}

// Draw makes a window of a size, in the dark or the light look, and a screen
// in it.
func Draw(t testing.TB, stage *viewtest.Stage, size fyne.Size, dark bool, make func(*kit.Kit) Screen) *Drawn {
	t.Helper()
	look := theme.VariantLight
	if dark {
		look = theme.VariantDark
	}
	test.NewTempApp(t).Settings().SetTheme(kit.Theme{Fixed: &look})
	d := &Drawn{Window: test.NewTempWindow(t, nil)}
	d.Window.SetPadded(false)
	d.Kit = kit.New(d.Window, stage.Env.Words)
	d.screen = make(d.Kit)
	d.Window.SetContent(d.screen.Object())
	d.Window.Resize(size)
	d.Refresh()
	return d
}

// Refresh draws what the room says now. Texts that wrap need their width
// before they know their height, so that it takes two rounds.
func (d *Drawn) Refresh() {
	d.screen.Refresh()
	for range 2 {
		size := d.Window.Canvas().Size()
		d.Window.Content().Refresh()
		d.Window.Resize(size.AddWidthHeight(1, 0))
		d.Window.Resize(size)
	}
}

// Screen is what is drawn.
func (d *Drawn) Screen() Screen { return d.screen }

// Markup compares the structure of what is drawn with testdata/name.txt: what
// there is, in which order, with which texts and colours. Where it stands to
// the pixel is left out, so that another font is no other structure.
func (d *Drawn) Markup(t *testing.T, name string) {
	t.Helper()
	places := regexp.MustCompile(` (pos|size)="[^"]*"`)
	viewtest.Golden(t, name, places.ReplaceAllString(test.RenderToMarkup(d.Window.Canvas()), ""))
}

// Find gives the place in the window of what shows a text.
func (d *Drawn) Find(t testing.TB, text string) fyne.Position {
	t.Helper()
	driver := fyne.CurrentApp().Driver()
	for _, o := range test.LaidOutObjects(d.Window.Content()) {
		if shown, ok := o.(*canvas.Text); ok && shown.Text == text {
			return driver.AbsolutePositionForObject(o)
		}
	}
	t.Fatalf("%q is not to be seen", text)
	return fyne.Position{}
}

// Key gives a key to what has the keyboard, else to the window.
func (d *Drawn) Key(name fyne.KeyName) {
	e := &fyne.KeyEvent{Name: name}
	if f := d.Window.Canvas().Focused(); f != nil {
		f.TypedKey(e)
	} else if typed := d.Window.Canvas().OnTypedKey(); typed != nil {
		typed(e)
	}
}
