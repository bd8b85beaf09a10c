package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// ellipsis stands for what is cut off.
const ellipsis = '…'

// line is a text of one line that is cut off where there is no room for it. A
// Label of Fyne shapes its text several times whenever it gets another one;
// a line adds up the widths of its characters, which the kit remembers.
type line struct {
	kit   *Kit
	text  *canvas.Text
	full  string
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName
	width float32 // for which text was cut; negative: it has to be cut anew
}

func newLine(k *Kit, size fyne.ThemeSizeName, color fyne.ThemeColorName) *line {
	return &line{kit: k, text: canvas.NewText("", nil), size: size, color: color, width: -1}
}

// set takes a text; place shows it.
func (l *line) set(text string, color fyne.ThemeColorName, bold bool) {
	if l.full != text || l.text.TextStyle.Bold != bold {
		l.width = -1
	}
	l.full, l.color, l.text.TextStyle.Bold = text, color, bold
	Show(l.text, text != "")
	l.text.Color = theme.Color(color)
	if size := theme.Size(l.size); size != l.text.TextSize {
		l.text.TextSize, l.width = size, -1
	}
}

// inset is the air on both sides of a text, that of a Label.
func (l *line) inset() float32 { return theme.InnerPadding() }

// high is how high the line is with the air above and below it.
func (l *line) high() float32 { return textHeight(theme.Size(l.size)) + 2*l.inset() }

// want is how wide the line is where nothing is cut off.
func (l *line) want() float32 {
	return l.kit.textWidth(l.full, theme.Size(l.size), l.text.TextStyle) + 2*l.inset() + 1
}

// place puts the line at a place of a width.
func (l *line) place(x, y, width float32) {
	room := max(0, width-2*l.inset())
	if l.width != room {
		l.width = room
		l.text.Text = l.kit.cut(l.full, room, theme.Size(l.size), l.text.TextStyle)
	}
	l.text.Move(fyne.NewPos(x+l.inset(), y+l.inset()))
	l.text.Resize(fyne.NewSize(room, textHeight(theme.Size(l.size))))
}

func textHeight(size float32) float32 { return fyne.MeasureText("X", size, fyne.TextStyle{}).Height }

// glyph is a character as it is drawn.
type glyph struct {
	char rune
	size float32
	bold bool
}

// maxGlyphs bounds what a kit remembers: all of GB 2312 in two sizes.
const maxGlyphs = 1 << 14

// glyphWidth is how wide a character is by itself.
func (k *Kit) glyphWidth(char rune, size float32, style fyne.TextStyle) float32 {
	g := glyph{char, size, style.Bold}
	width, known := k.glyphs[g]
	if !known {
		if k.glyphs == nil || len(k.glyphs) >= maxGlyphs {
			k.glyphs = map[glyph]float32{}
		}
		width = fyne.MeasureText(string(char), size, style).Width
		k.glyphs[g] = width
	}
	return width
}

// textWidth is how wide a text is, give or take the kerning.
func (k *Kit) textWidth(text string, size float32, style fyne.TextStyle) (width float32) {
	for _, char := range text {
		width += k.glyphWidth(char, size, style)
	}
	return width
}

// cut gives as much of a text as there is room for, with an ellipsis where it
// is not all.
func (k *Kit) cut(text string, room, size float32, style fyne.TextStyle) string {
	dots := k.glyphWidth(ellipsis, size, style)
	end, width := 0, float32(0)
	for at, char := range text {
		if width+dots <= room {
			end = at
		}
		width += k.glyphWidth(char, size, style)
		if width > room {
			if dots > room {
				return ""
			}
			return text[:end] + string(ellipsis)
		}
	}
	return text
}
