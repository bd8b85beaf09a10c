// Package screen draws the window of the tray app: the navigation, the room
// that is shown, the banner above it, and what is told below. A room is drawn
// by the package of its name here, from what the package of its name in
// gui/view says.
//
// Everything here belongs to the UI thread, but for what says otherwise.
package screen

import (
	"fyne.io/fyne/v2"

	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/about"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/signin"
)

// Room is one room as it is drawn. A room may also be a Shower, Searcher,
// Reloader, Backer, Dropper or Focuser.
type Room interface {
	// Object is what is shown; always the same one.
	Object() fyne.CanvasObject
	// Refresh draws what the room's view says now.
	Refresh()
}

// Shower is a room in which something particular can be shown.
type Shower interface{ Show(view.Place) }

// Searcher is a room in which something can be searched: Ctrl+F.
type Searcher interface{ Search() }

// Reloader is a room that can ask anew for what it shows: F5.
type Reloader interface{ Reload() }

// Backer is a room that has something to close or to leave: Escape. Back tells
// whether there was something.
type Backer interface{ Back() bool }

// Dropper is a room into which files can be dropped; at is their place in the
// window.
type Dropper interface {
	Drop(at fyne.Position, paths []string)
}

// Adder is a room in which something new can be begun: Ctrl+N.
type Adder interface{ Add() }

// Focuser is a room that gives the keyboard to something when it is shown.
type Focuser interface{ Focus() }

// Leaver is a room that hears when another one is shown.
type Leaver interface{ Leave() }

// Sizer is a Floating whose window is of a size of its own, which follows what
// it shows.
type Sizer interface{ Size() fyne.Size }

// Maker makes a room once, and gives what draws it. What draws it is made
// anew when the language or the look changes; the room itself stays.
type Maker func(view.Env) func(*kit.Kit) Room

// Entry is a room that the window offers.
type Entry struct {
	Room view.Room
	Make Maker
}

// Floating is drawn in a window of its own, which comes to the front by itself
// when it is wanted: the picker, a question of an application.
type Floating interface {
	Room
	// Wanted tells whether it is to be seen, and Title is its window's title.
	Wanted() bool
	Title() string
	// Closed is called when the user closes the window, which is an answer too.
	Closed()
}

// FloatMaker makes a Floating as Maker makes a Room.
type FloatMaker func(view.Env) func(*kit.Kit) Floating

// FloatEntry is a window that comes to the front by itself. A Place of its
// name shows it too.
type FloatEntry struct {
	Name view.Room
	Make FloatMaker
}

// Parts is what rooms share.
type Parts struct {
	SignIn *signin.Flow
	// Hand gives the button that mends a failure.
	Hand mend.Hand
	// Content moves documents between the user's disk and the service.
	Content content.Disk
	// About is what the room of that name needs of the program.
	About about.Config
}
