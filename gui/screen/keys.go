package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/shell"
)

// keys sets what the window does with keys, wherever the focus is: Ctrl+1 to
// Ctrl+9 show one of the first nine rooms, Ctrl+F searches, Ctrl+N begins
// something new, F5 asks anew, Escape goes back.
func (w *Window) keys() {
	c := w.window.Canvas()
	digits := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9}
	for i, name := range shell.Rooms() {
		if i == len(digits) {
			break
		}
		c.AddShortcut(&desktop.CustomShortcut{KeyName: digits[i], Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) {
			w.Go(view.Place{Room: name})
		})
	}
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { w.search() })
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { w.add() })
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { w.closed() })
	c.SetOnTypedKey(w.typed)
}

func (w *Window) typed(e *fyne.KeyEvent) {
	r := w.rooms[w.room]
	if r == nil || r.screen == nil {
		return
	}
	switch e.Name {
	case fyne.KeyEscape:
		if b, ok := r.screen.(Backer); ok {
			b.Back()
		}
	case fyne.KeyF5:
		if again, ok := r.screen.(Reloader); ok {
			again.Reload()
		}
	}
}

func (w *Window) add() {
	if r := w.rooms[w.room]; r != nil {
		if a, ok := r.screen.(Adder); ok {
			a.Add()
		}
	}
}

func (w *Window) search() {
	if r := w.rooms[w.room]; r != nil {
		if s, ok := r.screen.(Searcher); ok {
			s.Search()
		}
	}
}
