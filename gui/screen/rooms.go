package screen

// Rooms is every room of the window. A new one is a line here; the README of
// gui has the whole recipe.
func Rooms(p Parts) []Entry {
	return []Entry{}
}

// Floats is every window that comes to the front by itself.
func Floats(p Parts) []FloatEntry {
	return []FloatEntry{}
}
