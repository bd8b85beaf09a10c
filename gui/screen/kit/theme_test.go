package kit_test

import (
	"bytes"
	"image/color"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"

	"iscdesk.dev/assets/fonts"
	"iscdesk.dev/assets/icons"
	"iscdesk.dev/assets/locale"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
)

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	part := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestTextsCanBeReadInBothLooks(t *testing.T) {
	planes := []fyne.ThemeColorName{
		theme.ColorNameBackground, kit.ColorSurface, theme.ColorNameInputBackground, theme.ColorNameHeaderBackground,
		theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground, theme.ColorNameSelection, kit.ColorChosen, theme.ColorNameButton,
	}
	texts := []fyne.ThemeColorName{
		theme.ColorNameForeground, theme.ColorNameDisabled, theme.ColorNamePlaceHolder, theme.ColorNamePrimary, theme.ColorNameHyperlink,
		theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError,
	}
	on := map[fyne.ThemeColorName]fyne.ThemeColorName{
		theme.ColorNameForegroundOnPrimary: theme.ColorNamePrimary, theme.ColorNameForegroundOnError: theme.ColorNameError,
		theme.ColorNameForegroundOnSuccess: theme.ColorNameSuccess, theme.ColorNameForegroundOnWarning: theme.ColorNameWarning,
	}
	const enough = 4.5
	for look, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		c := func(n fyne.ThemeColorName) color.Color { return kit.Theme{}.Color(n, variant) }
		for _, text := range texts {
			for _, plane := range planes {
				if got := contrast(c(text), c(plane)); got < enough {
					t.Errorf("%s: %s on %s has a contrast of %.2f", look, text, plane, got)
				}
			}
		}
		for text, plane := range on {
			if got := contrast(c(text), c(plane)); got < enough {
				t.Errorf("%s: %s on %s has a contrast of %.2f", look, text, plane, got)
			}
		}
	}
}

// The edge of a box or a field is all there is to see of it while it is empty.
func TestControlsCanBeSeenInBothLooks(t *testing.T) {
	const enough = 3
	for look, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		c := func(n fyne.ThemeColorName) color.Color { return kit.Theme{}.Color(n, variant) }
		for _, plane := range []fyne.ThemeColorName{
			theme.ColorNameBackground, kit.ColorSurface, theme.ColorNameInputBackground, theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground,
		} {
			for _, control := range []fyne.ThemeColorName{theme.ColorNameInputBorder, theme.ColorNamePrimary} {
				if got := contrast(c(control), c(plane)); got < enough {
					t.Errorf("%s: %s on %s has a contrast of %.2f", look, control, plane, got)
				}
			}
		}
	}
}

func TestTheLookCanBeFixed(t *testing.T) {
	dark := theme.VariantDark
	got := kit.Theme{Fixed: &dark}.Color(theme.ColorNameBackground, theme.VariantLight)
	if want := (kit.Theme{}).Color(theme.ColorNameBackground, theme.VariantDark); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if twice := (kit.Theme{Scale: 2}).Size(theme.SizeNameText); twice != 2*(kit.Theme{}).Size(theme.SizeNameText) {
		t.Errorf("text of twice the size has %v", twice)
	}
}

func parse(t *testing.T, content []byte) *font.Face {
	t.Helper()
	f, err := font.ParseTTF(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestTheFonts holds what Fyne makes of them: Chinese comes from ours, Latin
// from Fyne's, and lines are as high with the one as with the other.
func TestTheFonts(t *testing.T) {
	cjk, basic := parse(t, fonts.CJK()), parse(t, fonts.Basic())
	fyneFont := parse(t, theme.DefaultTheme().Font(fyne.TextStyle{}).Content())
	for name, f := range map[string]*font.Face{"cjk": cjk, "basic": basic} {
		for _, r := range "aZ09é“”…—·ßЯα.,:;/%" {
			if _, has := f.NominalGlyph(r); has {
				t.Errorf("%s has the Latin %q: it would be drawn in another style than its neighbours", name, r)
			}
		}
		for _, r := range "许可证云商店检出。、《》 " {
			if _, has := f.NominalGlyph(r); !has {
				t.Errorf("%s lacks %q", name, r)
			}
		}
		ours, _ := f.FontHExtents()
		theirs, _ := fyneFont.FontHExtents()
		for what, pair := range map[string][2]float32{"ascent": {ours.Ascender, theirs.Ascender}, "descent": {ours.Descender, theirs.Descender}} {
			a, b := pair[0]/float32(f.Upem()), pair[1]/float32(fyneFont.Upem())
			if math.Abs(float64(a-b)) > 0.005 {
				t.Errorf("%s: the %s is %v, in Fyne's font %v", name, what, a, b)
			}
		}
	}
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		if _, has := cjk.NominalGlyph(r); !has {
			t.Fatalf("there is no %q", r)
		}
	}
}

// TestEveryTextCanBeBold holds that the texts of the app have no character
// that the font of bold text lacks.
func TestEveryTextCanBeBold(t *testing.T) {
	basic := parse(t, fonts.Basic())
	latin := parse(t, theme.DefaultTheme().Font(fyne.TextStyle{Bold: true}).Content())
	texts, err := locale.GUI("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range texts {
		for _, r := range text {
			_, ours := basic.NominalGlyph(r)
			if _, theirs := latin.NominalGlyph(r); !ours && !theirs && r != '\n' {
				t.Errorf("%q: bold text has no %q", key, r)
			}
		}
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	test.NewTempApp(t)
	files, err := fs.Glob(os.DirFS("../../../assets/icons"), "*.svg")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d drawings, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".svg")
		svg := string(icons.SVG(name))
		if name == "iscdesk" {
			continue
		}
		for _, part := range []string{`viewBox="0 0 24 24"`, `stroke="currentColor"`, `stroke-width="1.75"`} {
			if !strings.Contains(svg, part) {
				t.Errorf("%s is not in the style of the others: no %s", name, part)
			}
		}
		light := kit.Icon(view.Icon(name))
		if bytes.Contains(light.Content(), []byte("currentColor")) || !bytes.Contains(light.Content(), []byte("#")) {
			t.Errorf("%s has no colour", name)
		}
		error := kit.Colored(view.Icon(name), theme.ColorNameError)
		if light.Name() == error.Name() {
			t.Errorf("%s bears the same name in two colours", name)
		}
	}
	source, err := os.ReadFile("../../view/row.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(source)) {
		name, value, ok := strings.Cut(line, `Icon = "`)
		if ok && value != "\"\n" && icons.SVG(strings.TrimSuffix(strings.TrimSpace(value), `"`)) == nil {
			t.Errorf("there is no drawing for %s", strings.TrimSpace(name))
		}
	}
	for _, name := range []string{"away", "signedout", "attention", "offline", "fine", "working0", "working8"} {
		if !bytes.HasPrefix(icons.Tray(name), []byte("\x89PNG")) {
			t.Errorf("the tray has no picture %s", name)
		}
	}
}
