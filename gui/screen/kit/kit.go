// Package kit is what the screens of the tray app are drawn with: the theme,
// the drawings, and the few widgets that all rooms share. A widget takes values
// of gui/view that are fully worded; none has a text of its own.
//
// Everything here belongs to the UI thread.
package kit

import (
	"fyne.io/fyne/v2"

	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// Kit is what a screen is given: the window it is in and the language spoken.
type Kit struct {
	window fyne.Window
	words  func() *i18n.Words
	glyphs map[glyph]float32 // how wide they are
}

// New makes the kit of a window.
func New(window fyne.Window, words func() *i18n.Words) *Kit {
	return &Kit{window: window, words: words}
}

// Window is the window that the screen is in.
func (k *Kit) Window() fyne.Window { return k.window }

// Words is the language spoken now.
func (k *Kit) Words() *i18n.Words { return k.words() }

// Focus moves the keyboard to a widget of the window.
func (k *Kit) Focus(f fyne.Focusable) {
	if k.window != nil {
		k.window.Canvas().Focus(f)
	}
}

// Do begins an action, after asking what it wants to be asked.
func (k *Kit) Do(a view.Action) {
	switch {
	case a.Do == nil:
	case a.Confirm != "":
		k.confirm(a)
	default:
		a.Do()
	}
}

// Unhandled gives the window a key that the widget with the focus does not
// take, such as Escape and F5.
func (k *Kit) Unhandled(e *fyne.KeyEvent) {
	if k.window == nil {
		return
	}
	if f := k.window.Canvas().OnTypedKey(); f != nil {
		f(e)
	}
}
