package sdkbridge

import (
	"errors"
	"sync"
	"sync/atomic"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// overdue holds, by document, the save whose call came back before the save had
// ended, or without knowing how it did. The application may try it again: that
// is then begun under the same operation, so that the service, which has it
// already, makes no second version of the same content.
//
// A save to a place that the user picks, and a solve, are meant anew each time.
type overdue struct {
	mu    sync.Mutex
	saves map[document]attempt
}

// document is what an application saves.
type document struct {
	path     string
	assembly bool
}

// attempt is what the service knows a save by: one that is repeated under an
// operation has to bear the same tag.
type attempt struct{ operation, tag string }

func (o SaveOrder) document() (d document, plain bool) {
	return document{o.Path, o.Assembly}, !o.SaveAs && !o.Solve
}

func (l *overdue) find(o SaveOrder) (attempt, bool) {
	d, plain := o.document()
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.saves[d]
	return a, ok && plain
}

func (l *overdue) remember(o SaveOrder, a attempt) {
	d, plain := o.document()
	if !plain {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.saves == nil {
		l.saves = map[document]attempt{}
	}
	l.saves[d] = a
}

func (l *overdue) forget(o SaveOrder) {
	d, plain := o.document()
	if !plain {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.saves, d)
}

// isOther tells whether an operation was refused because it had saved something
// else before: the file has changed since.
func isOther(err error) bool {
	if errors.Is(err, workspace.ErrOtherContent) {
		return true
	}
	refused := api.AsError(err)
	return refused != nil && refused.Code == api.InvalidArgument && refused.Params["argument"] == "operation"
}

// caller is the call that waits for a save. Either it hears how the save ended
// or it has left before; both sides know which.
type caller struct{ gone atomic.Int32 }

const (
	waiting = iota
	heard
	left
)

// leaves gives up waiting; it fails once the save has ended.
func (c *caller) leaves() bool { return c.gone.CompareAndSwap(waiting, left) }

// hears tells, when the save has ended, whether the call still waits.
func (c *caller) hears() bool { return c.gone.CompareAndSwap(waiting, heard) }
