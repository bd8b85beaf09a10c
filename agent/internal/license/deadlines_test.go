package license

import "testing"

func TestDeadlinesAreNotKeptOverAWrite(t *testing.T) {
	var d deadlines
	known, mark := d.look()
	if known != nil {
		t.Fatalf("remembered before anything was read: %v", known)
	}
	d.keep(map[string]int64{"s": 1}, mark)
	if known, _ = d.look(); known["s"] != 1 {
		t.Fatalf("not remembered: %v", known)
	}
	d.forget()
	known, mark = d.look()
	if known != nil {
		t.Fatalf("remembered over a write: %v", known)
	}
	d.forget() // a lease is written between reading and remembering
	d.keep(map[string]int64{"s": 2}, mark)
	if known, _ = d.look(); known != nil {
		t.Fatalf("what was read before the write is remembered: %v", known)
	}
}
