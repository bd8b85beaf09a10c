// Package view is what all rooms of the tray app share: how urgent something
// is, what a button does, and what a room is given to work with.
//
// A room is a folder here, which decides and words what is to be seen from
// what the service says, and a folder of the same name in gui/screen, which
// draws it. Nothing below this folder knows Fyne.
package view

import (
	"context"
	"io"
	"time"

	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
)

// Tone is how much something wants the eye. Screens give each its icon and
// colour; the text always says the same, so that colour is never needed.
type Tone int

// The tones, from the one that wants it least.
const (
	Quiet Tone = iota
	Good
	Busy
	Attention
	Trouble
)

// Action is something that the user can do: a button, an entry of a menu.
type Action struct {
	// Name is stable and never shown: tests and shortcuts find it by it.
	Name  string
	Label string
	// Do begins it and returns at once; nil: it cannot be done now, and Why
	// says why.
	Do  func()
	Why string
	// Confirm is asked before Do; empty: nothing. Danger marks what cannot be
	// taken back.
	Confirm string
	Danger  bool
	// Primary marks the one action that is meant first.
	Primary bool
}

// Room names a room of the window.
type Room string

// The rooms, in the order in which the window offers them.
const (
	Home         Room = "home"
	Documents    Room = "documents"
	Licenses     Room = "licenses"
	Applications Room = "applications"
	Solves       Room = "solves"
	Messages     Room = "messages"
	Settings     Room = "settings"
	About        Room = "about"
)

// Picker is no room of the window but a place all the same: the window in
// which an application's question for a file (Place.Item) is answered.
const Picker Room = "picker"

// Place is where a click leads: a room, and what to show in it.
type Place struct {
	Room Room
	// Part names a part of the room (in Documents: "pending", "conflicts"; in
	// Settings: a section), Item a path, a product, an id.
	Part, Item string
}

// Env is what a room is given. Its functions return at once and may be called
// on the UI thread.
type Env struct {
	Desk  *desk.Desk
	Words func() *i18n.Words
	Now   func() time.Time
	// Go shows a place.
	Go func(Place)
	// Tell shows a failure of something that the user has just done, quietly
	// and without taking the focus.
	Tell func(error)
	// Refresh asks for the room to be drawn again: its own state has changed.
	// It may be called from any goroutine.
	Refresh func()
	Local   Local
	// DragOut drags a document out of the window; nil: the desktop lets nobody.
	DragOut DragOut
}

// DragOut follows the pointer while its button is held, and returns when that
// is over; it belongs on a goroutine of the desk. fetch brings what is dragged
// into the folder that it is given, under name; it is called only where the
// drag leads out of the window.
type DragOut func(ctx context.Context, name string, fetch func(ctx context.Context, folder string) error) (DragEnd, error)

// DragEnd is how a drag out of the window ended.
type DragEnd int

// The ends. DragNothing: it was not dropped, or nobody there takes files.
// DragLate: it could not be fetched in time. DragSilent: the program that it
// was dropped on did not answer.
const (
	DragNothing DragEnd = iota
	DragDone
	DragLate
	DragSilent
)

// Local is what the user's own session does for him, with his own rights.
// Everything here returns at once; failures go to Env.Tell.
type Local interface {
	// Browse shows a web page (http and https only).
	Browse(url string)
	// Open opens a file or folder with the program that the desktop has for it.
	Open(path string)
	// Launch starts a program in its own folder.
	Launch(program string)
	// Copy puts text into the clipboard.
	Copy(text string)
	// ChooseFolder, ChooseFiles and ChooseSave ask for a place on this machine;
	// done is called with nothing where the user cancels.
	ChooseFolder(title string, done func(path string))
	ChooseFiles(title string, done func(paths []string))
	ChooseSave(title, name string, done func(w io.WriteCloser, path string))
}
