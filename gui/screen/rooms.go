package screen

// Rooms is every room of the window, in the order of its navigation, and
// Floats every window that comes to the front by itself. A new screen is one
// line here; the README of gui has the whole recipe.
func Rooms() []Entry { return nil }

// Floats lists the windows that come to the front by themselves.
func Floats() []FloatMaker { return nil }
