package dialogs

import "fyne.io/fyne/v2"

// Parts are what scrolls and the buttons below it.
func (s *Screen) Parts() (body, foot fyne.CanvasObject) { return s.scroll, s.actions }
