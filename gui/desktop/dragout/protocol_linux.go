package dragout

import (
	"net/url"
	"time"
)

// The part of XDND that needs no display: what is said, and when.

// version is the version of XDND that is spoken, oldest the oldest that is
// understood: the one of every toolkit since 2002.
const (
	version = 5
	oldest  = 3
)

// What targets are waited for.
const (
	statusWait = 1500 * time.Millisecond // for the answer to a position
	finishWait = 20 * time.Second        // for a drop to be taken
	fetchWait  = time.Minute             // after the button was let go
)

// uriList is text/uri-list with one local path.
func uriList(path string) []byte {
	u := url.URL{Scheme: "file", Path: path}
	return []byte(u.String() + "\r\n")
}

// point is a place on the screen.
type point struct{ x, y int16 }

func (p point) packed() uint32 { return uint32(uint16(p.x))<<16 | uint32(uint16(p.y)) }

// target is a window that takes drops; window 0: there is none.
type target struct {
	window uint32
	to     uint32 // who hears for it: itself, or its proxy
	// version is what both speak.
	version uint32
	// ours tells that it is a window of this program.
	ours bool
}

// takes tells whether anything can be dropped there.
func (t target) takes() bool { return t.window != 0 && !t.ours && t.version >= oldest }

// talk is what was said to one target and what it answered.
type talk struct {
	target
	want    point // where the pointer is
	sent    point // the last one that was told
	told    bool  // whether any was
	waiting bool  // for its answer
	since   time.Time
	accepts bool
	gone    bool
}

// due tells whether the target is to be told where the pointer is.
func (t *talk) due() bool {
	return t.takes() && !t.gone && !t.waiting && (!t.told || t.want != t.sent)
}

// tell writes down that it was.
func (t *talk) tell(now time.Time) { t.sent, t.told, t.waiting, t.since = t.want, true, true, now }

// status takes its answer.
func (t *talk) status(from, flags uint32) {
	if from == t.window {
		t.waiting, t.accepts = false, flags&1 != 0
	}
}

// verdict is what comes next once the button was let go.
type verdict int

const (
	wait verdict = iota
	drop         // now
	refused
	late
	silent
)

// released decides what comes next; ready tells that the copy is there.
func (t *talk) released(ready bool, let, now time.Time) verdict {
	switch {
	case !t.takes(), t.gone:
		return refused
	case t.waiting && now.Sub(t.since) > statusWait:
		return silent
	case t.waiting, t.due():
		return wait
	case !t.accepts:
		return refused
	case ready:
		return drop
	case now.Sub(let) > fetchWait:
		return late
	}
	return wait
}

// finished reads XdndFinished: before version 5 it only says that it is over.
func (t *talk) finished(from, flags uint32) (over, taken bool) {
	return from == t.window, t.version < 5 || flags&1 != 0
}
