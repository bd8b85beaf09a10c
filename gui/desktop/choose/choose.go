// Package choose asks the user for files and folders with the file chooser of
// his own desktop. What comes back are names that he has chosen: only a
// process with his own rights may open them.
package choose

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/ncruces/zenity"
)

// ErrNone tells that this desktop has no file chooser of its own, or one that
// does not answer.
var ErrNone = errors.New("the desktop has no file chooser")

// Kind is what is asked for.
type Kind int

// The kinds of questions.
const (
	Files  Kind = iota // one or several that exist
	Folder             // one that exists
	Save               // one to write; the chooser asks before one is overwritten
)

// Question is a question for files or a folder.
type Question struct {
	Kind  Kind
	Title string
	// Name is what a file to write is called unless the user says otherwise.
	Name string
	// Parent is the window over which the chooser stands, as the desktop knows
	// it: an X11 window or a HWND; 0: none.
	Parent uintptr
}

// Ask asks the user and waits for his answer: absolute paths, none where he
// cancels. It fails with ErrNone where another way of asking is needed. It
// belongs on no thread that draws.
func Ask(ctx context.Context, q Question) ([]string, error) {
	paths, err := ask(ctx, q)
	switch {
	case errors.Is(err, zenity.ErrCanceled):
		return nil, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, errors.Join(ErrNone, err)
	}
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			return nil, ErrNone
		}
	}
	return paths, nil
}

// dialog asks with what the zenity library has for the system.
func dialog(ctx context.Context, q Question, parent ...zenity.Option) ([]string, error) {
	options := append(parent, zenity.Context(ctx), zenity.Title(q.Title), zenity.Modal())
	var path string
	var err error
	switch q.Kind {
	case Folder:
		path, err = zenity.SelectFile(append(options, zenity.Directory())...)
	case Save:
		path, err = zenity.SelectFileSave(append(options, zenity.Filename(q.Name), zenity.ConfirmOverwrite())...)
	default:
		return zenity.SelectFileMultiple(options...)
	}
	if err != nil {
		return nil, err
	}
	return []string{path}, nil
}
