package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"iscdesk.dev/assets/fonts"
)

// Theme is the look of the tray app. The zero value follows the desktop in
// light and dark.
type Theme struct {
	// Fixed makes it light or dark whatever the desktop says; nil: as it says.
	Fixed *fyne.ThemeVariant
	// Scale enlarges texts and what belongs to them; 0: not at all.
	Scale float32
}

// Colours beside those that Fyne names.
const (
	ColorSurface fyne.ThemeColorName = "surface" // of cards and of the navigation
	ColorChosen  fyne.ThemeColorName = "chosen"  // behind the room that is shown
)

func rgb(hex uint32) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func rgba(hex uint32, alpha uint8) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

// Color implements fyne.Theme.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if t.Fixed != nil {
		variant = *t.Fixed
	}
	palette := light
	if variant == theme.VariantDark {
		palette = dark
	}
	if c := palette(name); c != nil {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

// light gives the colours of the light look, nil for one that Fyne's are good
// for.
func light(name fyne.ThemeColorName) color.Color {
	switch name {
	case theme.ColorNameBackground:
		return rgb(0xf4f6f8)
	case ColorSurface, theme.ColorNameInputBackground, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return rgb(0xffffff)
	case theme.ColorNameHeaderBackground:
		return rgb(0xeaeef2)
	case theme.ColorNameForeground:
		return rgb(0x1b2530)
	case theme.ColorNameDisabled, theme.ColorNamePlaceHolder:
		return rgb(0x556270)
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return rgb(0x1659a8)
	case theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning:
		return rgb(0xffffff)
	case theme.ColorNameSuccess:
		return rgb(0x1a6b3c)
	case theme.ColorNameWarning:
		return rgb(0x855200)
	case theme.ColorNameError:
		return rgb(0xb3261e)
	case theme.ColorNameButton, theme.ColorNameDisabledButton:
		return rgb(0xe6ebf0)
	case theme.ColorNameInputBorder:
		return rgb(0x7f8b97)
	case theme.ColorNameSeparator:
		return rgb(0xdbe1e7)
	case theme.ColorNameHover:
		return rgba(0x1b2530, 0x10)
	case theme.ColorNamePressed:
		return rgba(0x1b2530, 0x20)
	case theme.ColorNameSelection, ColorChosen:
		return rgb(0xd5e4f5)
	case theme.ColorNameFocus:
		return rgba(0x1659a8, 0x40)
	case theme.ColorNameScrollBar:
		return rgba(0x1b2530, 0x70)
	case theme.ColorNameShadow:
		return rgba(0x000000, 0x18)
	}
	return nil
}

// dark gives the colours of the dark look.
func dark(name fyne.ThemeColorName) color.Color {
	switch name {
	case theme.ColorNameBackground:
		return rgb(0x14181d)
	case ColorSurface:
		return rgb(0x1c2229)
	case theme.ColorNameInputBackground, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return rgb(0x20272f)
	case theme.ColorNameHeaderBackground:
		return rgb(0x242c35)
	case theme.ColorNameForeground:
		return rgb(0xe7ecf1)
	case theme.ColorNameDisabled, theme.ColorNamePlaceHolder:
		return rgb(0xa1aebb)
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return rgb(0x86b7f0)
	case theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning:
		return rgb(0x0d1824)
	case theme.ColorNameSuccess:
		return rgb(0x6fcf97)
	case theme.ColorNameWarning:
		return rgb(0xe8b65a)
	case theme.ColorNameError:
		return rgb(0xff9a90)
	case theme.ColorNameButton, theme.ColorNameDisabledButton:
		return rgb(0x2b343e)
	case theme.ColorNameInputBorder:
		return rgb(0x7a8693)
	case theme.ColorNameSeparator:
		return rgb(0x2e3842)
	case theme.ColorNameHover:
		return rgba(0xffffff, 0x12)
	case theme.ColorNamePressed:
		return rgba(0xffffff, 0x24)
	case theme.ColorNameSelection, ColorChosen:
		return rgb(0x24405e)
	case theme.ColorNameFocus:
		return rgba(0x86b7f0, 0x50)
	case theme.ColorNameScrollBar:
		return rgba(0xffffff, 0x70)
	case theme.ColorNameShadow:
		return rgba(0x000000, 0x60)
	}
	return nil
}

// font is one of the two fonts of assets/fonts. Fyne takes from it what it
// holds, and the rest from its own font of the style.
type font struct {
	name    string
	content func() []byte
}

// The names by which Fyne tells the fonts apart.
const (
	cjkName   = "cjk.ttf"
	basicName = "basic.ttf"
)

// Name implements fyne.Resource.
func (f *font) Name() string { return f.name }

// Content implements fyne.Resource.
func (f *font) Content() []byte { return f.content() }

// Font implements fyne.Theme. Fyne reads a font anew for each style, which
// takes time and memory; so only plain text has all characters.
func (t Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Bold, style.Italic, style.Monospace:
		return &font{basicName, fonts.Basic}
	}
	return &font{cjkName, fonts.CJK}
}

// Icon implements fyne.Theme.
func (t Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	size := theme.DefaultTheme().Size(name)
	switch name {
	case theme.SizeNameHeadingText:
		size = 22
	case theme.SizeNameSubHeadingText:
		size = 16
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		size = 6
	}
	scales := name == theme.SizeNameText || name == theme.SizeNameHeadingText || name == theme.SizeNameSubHeadingText ||
		name == theme.SizeNameCaptionText || name == theme.SizeNameInlineIcon
	if t.Scale > 0 && scales {
		size *= t.Scale
	}
	return size
}
