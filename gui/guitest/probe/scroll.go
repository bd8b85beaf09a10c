package probe

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// frameTurn is in what time the driver draws a frame in any case: it does so
// sixty times a second.
const frameTurn = time.Second / 30

// scroll moves the scroller with the most content in steps. What a frame costs
// is the step itself, and the longest time for which the UI thread then takes
// no turn, because it draws.
func scroll(r Request) []time.Duration {
	var target *container.Scroll
	fyne.DoAndWait(func() {
		for _, w := range fyne.CurrentApp().Driver().AllWindows() {
			if c := w.Canvas(); c != nil && c.Content() != nil {
				longest(c.Content(), &target)
			}
		}
	})
	if target == nil {
		return nil
	}
	frames := make([]time.Duration, 0, r.Steps)
	for range r.Steps {
		var step time.Duration
		fyne.DoAndWait(func() {
			start := time.Now()
			target.ScrollToOffset(target.Offset.AddXY(0, float32(r.Scroll)))
			step = time.Since(start)
		})
		frames = append(frames, step+longestTurn())
	}
	return frames
}

func longest(o fyne.CanvasObject, found **container.Scroll) {
	if o == nil || !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *container.Scroll:
		if *found == nil || o.Content.MinSize().Height > (*found).Content.MinSize().Height {
			*found = o
		}
	case *fyne.Container:
		for _, child := range o.Objects {
			longest(child, found)
		}
		return
	}
	if w, ok := o.(fyne.Widget); ok {
		for _, child := range test.WidgetRenderer(w).Objects() {
			longest(child, found)
		}
	}
}

func longestTurn() time.Duration {
	var most time.Duration
	for end := time.Now().Add(frameTurn); time.Now().Before(end); {
		start := time.Now()
		fyne.DoAndWait(func() {})
		most = max(most, time.Since(start))
	}
	return most
}
