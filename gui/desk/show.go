package desk

// Show makes what c carries the truth and tells the listeners, as if the
// service had said it. Tests and pictures of the screens use it on a desk that
// nobody serves.
func (d *Desk) Show(c Change) {
	d.mu.Lock()
	d.now = c.Snapshot
	var hear []func(Change)
	for id := range d.next {
		if f := d.listeners[id]; f != nil {
			hear = append(hear, f)
		}
	}
	d.mu.Unlock()
	for _, f := range hear {
		f(c)
	}
}
