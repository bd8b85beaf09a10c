package screen

import (
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
)

// ownFolder asks in the window.
func (l *local) ownFolder(title string, done func(path string)) {
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
}

// ownFiles asks in the window.
func (l *local) ownFiles(title string, done func(paths []string)) {
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
}

// ownSave asks in the window.
func (l *local) ownSave(title, name string, done func(w io.WriteCloser, path string)) {
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
