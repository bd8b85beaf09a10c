package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is a line to type in that leaves to the window what is not typing:
// Escape, F5 and the shortcuts.
type Entry struct {
	widget.Entry
	// OnEscape is asked first what Escape does, and tells whether it did
	// anything; nil: nothing.
	OnEscape func() bool
	// OnFocus hears that the line has the keyboard now, or has it no more.
	OnFocus func(bool)
	kit     *Kit
}

// NewEntry makes an empty line.
func NewEntry(k *Kit) *Entry {
	e := &Entry{kit: k}
	e.ExtendBaseWidget(e)
	return e
}

// Put shows another text without telling OnChanged, with the cursor behind it.
func (e *Entry) Put(text string) {
	if e.Text == text {
		return
	}
	e.Text, e.CursorRow, e.CursorColumn = text, 0, len([]rune(text))
	e.Refresh()
}

// TypedKey implements fyne.Focusable.
func (e *Entry) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && e.OnEscape != nil && e.OnEscape() {
		return
	}
	if key.Name == fyne.KeyEscape || key.Name == fyne.KeyF5 {
		e.kit.Unhandled(key)
		return
	}
	e.Entry.TypedKey(key)
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.OnFocus != nil {
		e.OnFocus(true)
	}
}

// FocusLost implements fyne.Focusable.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnFocus != nil {
		e.OnFocus(false)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if !e.kit.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (s *Search) TypedShortcut(x fyne.Shortcut) {
	if !s.kit.shortcut(x) {
		s.Entry.TypedShortcut(x)
	}
}

// shortcut gives the window a shortcut that would end in the line that is
// typed in, and tells whether it did. Those that move in the line and change it
// stay there.
func (k *Kit) shortcut(s fyne.Shortcut) bool {
	custom, ok := s.(*desktop.CustomShortcut)
	if !ok || k.window == nil {
		return false
	}
	inLine := custom.KeyName == fyne.KeyLeft || custom.KeyName == fyne.KeyRight || custom.KeyName == fyne.KeyBackspace || custom.KeyName == fyne.KeyDelete
	if inLine && custom.Modifier&fyne.KeyModifierControl != 0 {
		return false
	}
	c, ok := k.window.Canvas().(fyne.Shortcutable)
	if ok {
		c.TypedShortcut(s)
	}
	return ok
}
