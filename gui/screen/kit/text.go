package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/view"
)

// importance is how Fyne's widgets take a tone.
func importance(t view.Tone) widget.Importance {
	switch t {
	case view.Good:
		return widget.SuccessImportance
	case view.Busy:
		return widget.HighImportance
	case view.Attention:
		return widget.WarningImportance
	case view.Trouble:
		return widget.DangerImportance
	}
	return widget.MediumImportance
}

// NewText makes a paragraph that wraps.
func NewText(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// NewToned makes a paragraph in the colour of a tone.
func NewToned(text string, t view.Tone) *widget.Label {
	l := NewText(text)
	l.Importance = importance(t)
	return l
}

// SetToned changes the text and the tone of a paragraph; an empty text hides
// it.
func SetToned(l *widget.Label, text string, t view.Tone) {
	l.Importance = importance(t)
	l.SetText(text)
	Show(l, text != "")
}

// NewTitle makes the heading of a room.
func NewTitle(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName, l.Truncation = theme.SizeNameHeadingText, fyne.TextTruncateEllipsis
	return l
}

// NewSubtitle makes the heading of a part of a room.
func NewSubtitle(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName, l.Truncation = theme.SizeNameSubHeadingText, fyne.TextTruncateEllipsis
	return l
}

// NewCaption makes a small remark that wraps.
func NewCaption(text string) *widget.Label {
	l := NewText(text)
	l.SizeName, l.Importance = theme.SizeNameCaptionText, widget.LowImportance
	return l
}

// Show shows a thing or hides it, and draws nothing again where it is so already.
func Show(o fyne.CanvasObject, visible bool) {
	switch {
	case visible && !o.Visible():
		o.Show()
	case !visible && o.Visible():
		o.Hide()
	}
}
