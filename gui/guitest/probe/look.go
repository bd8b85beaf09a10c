package probe

import (
	"image"
	"math"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// Find gives where a text is drawn in a window: the text as a whole before one
// that contains it.
func (a Answer) Find(window, text string) (w Window, at image.Rectangle, ok bool) {
	for _, w := range a.Windows {
		if !strings.Contains(w.Title, window) {
			continue
		}
		for _, t := range w.Texts {
			if t.Text == text {
				return w, t.At, true
			}
		}
		for _, t := range w.Texts {
			if strings.Contains(t.Text, text) {
				return w, t.At, true
			}
		}
	}
	return Window{}, image.Rectangle{}, false
}

// Shows tells whether a text can be seen.
func (a Answer) Shows(window, text string) bool {
	_, _, ok := a.Find(window, text)
	return ok
}

// look lists what is shown now. It belongs to the UI thread.
func look() Answer {
	var a Answer
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		c := w.Canvas()
		if c == nil || c.Content() == nil || hidden(w) {
			continue
		}
		size := c.Size()
		l := looker{scale: c.Scale()}
		whole := area{max: fyne.NewPos(size.Width, size.Height)}
		top := c.Overlays().Top()
		if top == nil {
			l.walk(c.Content(), fyne.Position{}, whole, whole)
		} else {
			l.walk(top, fyne.Position{}, whole, whole) // it takes every click
		}
		seen := Window{Title: w.Title(), Texts: l.texts}
		if f := c.Focused(); f != nil {
			seen.Focused = reflect.TypeOf(f).String()
		}
		a.Windows = append(a.Windows, seen)
	}
	return a
}

// hidden tells whether a window of the desktop is not shown. Fyne does not say;
// its window knows.
func hidden(w fyne.Window) bool {
	shown := reflect.Indirect(reflect.ValueOf(w)).FieldByName("visible")
	return shown.IsValid() && shown.Kind() == reflect.Bool && !shown.Bool()
}

// area is a rectangle in the units of a canvas.
type area struct{ min, max fyne.Position }

func (a area) cut(b area) area {
	return area{
		min: fyne.NewPos(max(a.min.X, b.min.X), max(a.min.Y, b.min.Y)),
		max: fyne.NewPos(min(a.max.X, b.max.X), min(a.max.Y, b.max.Y)),
	}
}

// along is the area with all that lies in the directions of a scroller.
func (a area) along(d container.ScrollDirection) area {
	const far = 1e9
	if d == container.ScrollBoth || d == container.ScrollVerticalOnly {
		a.min.Y, a.max.Y = -far, far
	}
	if d == container.ScrollBoth || d == container.ScrollHorizontalOnly {
		a.min.X, a.max.X = -far, far
	}
	return a
}

// holds tells whether b is inside, but for what rounding does.
func (a area) holds(b area) bool {
	return b.min.X >= a.min.X-1 && b.min.Y >= a.min.Y-1 && b.max.X <= a.max.X+1 && b.max.Y <= a.max.Y+1
}

func (a area) empty() bool { return a.max.X <= a.min.X || a.max.Y <= a.min.Y }

// looker collects the texts that are not hidden and not cut off.
type looker struct {
	scale float32
	texts []Text
}

// walk looks at an object and what is in it: clip is what is in sight, reach
// what scrolling can bring there.
func (l *looker) walk(o fyne.CanvasObject, parent fyne.Position, clip, reach area) {
	if o == nil || !o.Visible() {
		return
	}
	at := parent.Add(o.Position())
	own := area{min: at, max: at.AddXY(o.Size().Width, o.Size().Height)}
	switch o := o.(type) {
	case *canvas.Text:
		if seen := own.cut(clip); o.Text != "" && !seen.empty() {
			l.texts = append(l.texts, Text{Text: o.Text, At: l.pixels(seen), Cut: !reach.holds(own) || o.MinSize().Width > own.max.X-own.min.X+1})
		}
		return
	case *container.Scroll:
		clip, reach = clip.cut(own), reach.cut(own).along(o.Direction)
	}
	if clip.empty() {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			l.walk(child, at, clip, reach)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			l.walk(child, at, clip, reach)
		}
	}
}

func (l *looker) pixels(a area) image.Rectangle {
	px := func(v float32) int { return int(math.Round(float64(v * l.scale))) }
	return image.Rect(px(a.min.X), px(a.min.Y), px(a.max.X), px(a.max.Y))
}
