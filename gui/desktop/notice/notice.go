// Package notice shows notifications of the desktop, and hears which of them
// the user clicks on.
//
// Their texts hold names of documents, which anybody who shares a space can
// choose. So they never become part of a script or of markup: Fyne's own
// notifications put them into PowerShell on Windows, where a name such as
// "$(…)" would run.
package notice

import (
	"context"
	"strings"
	"time"
	"unicode"
)

// Notice is a notification.
type Notice struct {
	Title, Text string
	// Label is what a click on it does, in the user's language, and Open does
	// it; nil: nothing. Where the desktop does not tell of clicks, Open is
	// never called.
	Label string
	Open  func()
}

// limit bounds how long showing one may take.
const limit = 20 * time.Second

// Board shows notifications and keeps what a click on each leads to. The zero
// value is ready. It is safe for any number of goroutines.
type Board struct{ board }

// Show shows a notification. It may take a moment and belongs on no thread
// that draws.
func (b *Board) Show(ctx context.Context, n Notice) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	n.Title, n.Text = plain(n.Title, 120), plain(n.Text, 600)
	return b.show(ctx, n)
}

// Close forgets them all; the desktop goes on showing them.
func (b *Board) Close() { b.close() }

// plain is a text without control characters and without those that turn
// round what follows, as if it were another name; and not endless.
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
