package screen

import (
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/assets/fonts"
	"iscdesk.dev/gui/plot"
)

// pictureFonts gives the fonts of pictures: those of the window. They are read
// at the first picture. A font that cannot be read leaves pictures without
// texts; their captions stand below them in any case.
func pictureFonts() func() *plot.Fonts {
	return sync.OnceValue(func() *plot.Fonts {
		f, err := plot.NewFonts(theme.DefaultTheme().Font(fyne.TextStyle{}).Content(), fonts.CJK())
		if err != nil {
			return nil
		}
		return f
	})
}
