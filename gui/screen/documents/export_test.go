package documents

// StopClock keeps the seconds from being counted: the test driver has no
// thread of its own on which that could be done.
func (s *Screen) StopClock() { s.pending.after = func(func()) {} }
