package documents_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/documents"
)

// looks are what a golden does not hold: where things are, how large, in which
// colour. It holds what there is, in which order, and every text.
func looks() *regexp.Regexp {
	return regexp.MustCompile(` (pos|size|fillColor|color|textSize|style|alignment|rsc|fillMode|translucency|radius|strokeColor|strokeWidth|startColor|endColor|angle)="[^"]*"`)
}

// settle draws what is known by now. Texts that wrap need their width before
// they know their height, so that it takes two rounds.
func (d *drawn) settle() {
	d.Until("nothing is loading", func(documents.View) bool { return !d.Room.Browser().View().Loading })
	d.screen.Refresh()
	for range 2 {
		size := d.window.Canvas().Size()
		d.window.Content().Refresh()
		d.window.Resize(size.AddWidthHeight(1, 0))
		d.window.Resize(size)
	}
}

// TestGolden compares the structure of every state in both languages with
// testdata. A new or wanted structure is taken over from testdata/failed.
func TestGolden(t *testing.T) {
	look(t)
	strip := looks()
	for name, set := range states() {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			file := name + "." + string(lang) + ".xml"
			t.Run(file, func(t *testing.T) {
				d := draw(t, lang, fyne.NewSize(1100, 680))
				set(d)
				d.settle()
				got := strip.ReplaceAllString(test.RenderToMarkup(d.window.Canvas()), "")
				want, err := os.ReadFile(filepath.Join("testdata", file))
				if err == nil && string(want) == got {
					return
				}
				failed := filepath.Join("testdata", "failed", file)
				err = errors.Join(err, os.MkdirAll(filepath.Dir(failed), 0o755), os.WriteFile(failed, []byte(got), 0o600))
				t.Errorf("the structure is another than in testdata; it is now in %s (%v)", failed, err)
			})
		}
	}
}
