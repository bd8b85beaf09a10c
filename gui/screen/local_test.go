package screen

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/desktop/choose"
)

// TestLocalAsksTheDesktop plays the desktop's file chooser.
func TestLocalAsksTheDesktop(t *testing.T) {
	test.NewTempApp(t)
	w := test.NewTempWindow(t, nil)
	saved := filepath.Join(t.TempDir(), "梁.zip")
	asked, answer := make(chan choose.Question, 1), make(chan []string)
	told := make(chan error, 1)
	ui := make(chan func(), 4)
	next := func() { (<-ui)() } // what the UI thread does next
	l := &local{
		desk: desk.New(desk.Config{}), window: w, onUI: func(f func()) { ui <- f },
		tell: func(err error) {
			if err != nil {
				told <- err
			}
		},
		choose: func(_ context.Context, q choose.Question) ([]string, error) {
			asked <- q
			if paths := <-answer; paths != nil {
				return paths, nil
			}
			return nil, choose.ErrNone
		},
	}
	files := make(chan []string, 1)
	l.ChooseFiles("上传", func(paths []string) { files <- paths })
	next()
	if q := <-asked; q.Kind != choose.Files || q.Title != "上传" {
		t.Errorf("asked %+v", q)
	}
	l.ChooseFolder("a second one", func(path string) { files <- []string{path} })
	if got := <-files; !slices.Equal(got, []string{""}) {
		t.Errorf("a second chooser gave %q", got)
	}
	answer <- []string{"/a", "/b"}
	next()
	if got := <-files; !slices.Equal(got, []string{"/a", "/b"}) {
		t.Errorf("chosen %q", got)
	}
	written := make(chan string, 1)
	save := func(w io.WriteCloser, path string) {
		if w != nil {
			_, err := io.WriteString(w, "x")
			if err != nil || w.Close() != nil {
				path = "failed"
			}
		}
		written <- path
	}
	for _, path := range []string{saved, filepath.Join(saved, "under a file")} {
		l.ChooseSave("Save", "梁.zip", save)
		next()
		if q := <-asked; q.Kind != choose.Save || q.Name != "梁.zip" {
			t.Errorf("asked %+v", q)
		}
		answer <- []string{path}
		next()
		next() // the file is open, or is not
		got := <-written
		if path == saved && got != saved || path != saved && (got != "" || <-told == nil) {
			t.Errorf("%q: written to %q", path, got)
		}
	}
	if info, err := os.Stat(saved); err != nil || info.Size() != 1 {
		t.Errorf("%v, %v", info, err)
	}

	l.ChooseFolder("Folder", func(string) {})
	next()
	<-asked
	answer <- nil
	next()
	if w.Canvas().Overlays().Top() == nil {
		t.Error("without a chooser of the desktop the window does not ask")
	}
}
