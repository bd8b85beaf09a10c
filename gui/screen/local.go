package screen

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/desktop/start"
)

// local is the user's own session: what rooms ask of it is done on goroutines
// of the desk, and what fails is told.
type local struct {
	desk   *desk.Desk
	app    fyne.App
	window fyne.Window
	tell   func(error)
	onUI   func(func())
}

func (l *local) do(f func(ctx context.Context) error) {
	l.desk.Do(func(ctx context.Context, _ desk.Service) error { return f(ctx) }, l.tell)
}

// Browse implements view.Local.
func (l *local) Browse(page string) {
	l.do(func(ctx context.Context) error { return start.Browse(ctx, page) })
}

// Open implements view.Local.
func (l *local) Open(path string) { l.do(func(context.Context) error { return start.Open(path) }) }

// Launch implements view.Local.
func (l *local) Launch(program string) {
	l.do(func(context.Context) error { return start.Launch(program) })
}

// Copy implements view.Local.
func (l *local) Copy(text string) { l.onUI(func() { l.app.Clipboard().SetContent(text) }) }

// ChooseFolder implements view.Local.
func (l *local) ChooseFolder(title string, done func(path string)) {
	l.onUI(func() {
		d := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
			switch {
			case err != nil:
				l.tell(err)
				done("")
			case folder == nil:
				done("")
			default:
				done(folder.Path())
			}
		}, l.window)
		d.SetTitleText(title)
		l.show(d)
	})
}

// ChooseFiles implements view.Local.
func (l *local) ChooseFiles(title string, done func(paths []string)) {
	l.onUI(func() {
		d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
			switch {
			case err != nil:
				l.tell(err)
				done(nil)
			case file == nil:
				done(nil)
			default:
				path := file.URI().Path()
				l.tell(file.Close())
				done([]string{path})
			}
		}, l.window)
		d.SetTitleText(title)
		l.show(d)
	})
}

// ChooseSave implements view.Local.
func (l *local) ChooseSave(title, name string, done func(w io.WriteCloser, path string)) {
	l.onUI(func() {
		d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
			switch {
			case err != nil:
				l.tell(err)
				done(nil, "")
			case file == nil:
				done(nil, "")
			default:
				done(file, file.URI().Path())
			}
		}, l.window)
		d.SetTitleText(title)
		d.SetFileName(name)
		l.show(d)
	})
}

// show makes a file dialog as large as the window allows.
func (l *local) show(d interface {
	Resize(size fyne.Size)
	Show()
},
) {
	size := l.window.Canvas().Size()
	d.Resize(fyne.NewSize(size.Width*0.9, size.Height*0.9))
	d.Show()
}
