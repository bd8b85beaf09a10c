// Package notice shows notifications of the desktop.
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
}

// limit bounds how long showing one may take.
const limit = 20 * time.Second

// Show shows a notification. It may take a moment and belongs on no thread
// that draws.
func Show(ctx context.Context, n Notice) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return show(ctx, Notice{Title: plain(n.Title, 120), Text: plain(n.Text, 600)})
}

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
