package dragout

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// pace is how often the pointer is looked at.
const pace = 16 * time.Millisecond

// phase is how far a drag is.
type phase int

const (
	following phase = iota // the button is held
	released               // the copy or the target is waited for
	given                  // the target has been told to take it
)

// session is one drag.
type session struct {
	*display
	copy  *copying
	talk  talk
	phase phase
	now   xproto.Timestamp // the server's
	begun bool             // the copy is being fetched, or was
	ready bool             // the copy is complete
	asked bool             // the target has the data, since it was told to take it
	let   time.Time        // when the button was let go
	drop  time.Time        // when the target was told to take it
	key   bool             // Escape was pressed
	lost  bool             // something else is being dragged
}

var (
	errGone   = errors.New("the X server has closed the connection")
	errSilent = errors.New("the X server does not tell its time")
	errOwned  = errors.New("something else is being dragged")
)

// follow is one drag from the moment it begins.
func follow(ctx context.Context, c *copying) (Outcome, error) {
	d, err := openDisplay()
	if err != nil {
		return Nothing, err
	}
	defer d.close()
	s := &session{display: d, copy: c}
	if err := s.own(ctx); err != nil {
		return Nothing, err
	}
	// Without the keyboard Escape would close something in this program too;
	// where another program has it, the state of the keys says enough.
	_, _ = xproto.GrabKeyboard(d.conn, false, d.root, s.now, xproto.GrabModeAsync, xproto.GrabModeAsync).Reply()
	return s.run(ctx)
}

// own takes the selection that stands for what is being dragged.
func (s *session) own(ctx context.Context) error {
	s.touch()
	over := time.NewTimer(statusWait)
	defer over.Stop()
	for s.now == 0 {
		select {
		case e, open := <-s.events:
			if !open {
				return errGone
			}
			s.hear(e)
		case <-over.C:
			return errSilent
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	selection := s.atoms["XdndSelection"]
	xproto.SetSelectionOwner(s.conn, s.window, selection, s.now)
	owner, err := xproto.GetSelectionOwner(s.conn, selection).Reply()
	if err == nil && owner.Owner != s.window {
		err = errOwned
	}
	return err
}

func (s *session) run(ctx context.Context) (Outcome, error) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.leave()
			return Nothing, ctx.Err()
		case err := <-s.copy.done:
			if err != nil {
				s.leave()
				return Nothing, err
			}
			s.ready = true
		case e, open := <-s.events:
			if !open {
				return Nothing, errGone
			}
			if over, taken := s.hear(e); over && s.phase == given {
				return outcomeOf(taken || s.asked), nil // it has the path, whatever it says
			}
		case <-tick.C:
		}
		if outcome, over, err := s.step(ctx); over || err != nil {
			return outcome, err
		}
	}
}

func outcomeOf(taken bool) Outcome {
	if taken {
		return Dropped
	}
	return Nothing
}

// step does what is due; over tells that the drag has ended.
func (s *session) step(ctx context.Context) (Outcome, bool, error) {
	var err error
	switch s.phase {
	case following:
		if err = s.track(ctx); err != nil || s.key || s.lost {
			s.leave()
			return Nothing, true, err
		}
	case released:
		s.position()
		return s.settle()
	case given:
		if s.talk.gone || time.Since(s.drop) > finishWait {
			if s.asked {
				return Dropped, true, nil
			}
			return Silent, true, nil
		}
	}
	return Nothing, false, nil
}

// track looks where the pointer is now.
func (s *session) track(ctx context.Context) error {
	at, held, err := s.held()
	if err != nil {
		return err
	}
	s.key = s.key || held && s.escaped()
	if s.key {
		return nil
	}
	under := s.under(at)
	if !under.ours && !s.begun {
		s.begun = true
		s.copy.begin(ctx)
	}
	s.aim(under, at)
	if s.badge == 0 {
		s.showBadge(at)
	}
	s.moveBadge(at, s.talk.accepts)
	s.position()
	if !held {
		s.hideBadge()
		xproto.UngrabKeyboard(s.conn, xproto.TimeCurrentTime)
		s.phase, s.let = released, time.Now()
	}
	return nil
}

// aim turns to the target under the pointer.
func (s *session) aim(t target, at point) {
	if t.window != s.talk.window {
		s.leave()
		s.talk = talk{target: t}
		if t.takes() {
			s.enter()
		}
	}
	s.talk.want = at
}

func (s *session) enter() {
	s.talk.gone = !s.watch(s.talk.target, true)
	data := []uint32{s.talk.version << 24}
	for _, name := range typeNames() {
		data = append(data, uint32(s.atoms[name]))
	}
	s.send(s.talk.target, "XdndEnter", data...)
}

// leave tells the target that nothing comes of it.
func (s *session) leave() {
	if s.talk.takes() && !s.talk.gone {
		s.send(s.talk.target, "XdndLeave")
		s.watch(s.talk.target, false)
	}
	s.talk = talk{}
}

// position tells the target where the pointer is, where it is to be told.
func (s *session) position() {
	s.touch()
	if !s.talk.due() {
		return
	}
	s.talk.tell(time.Now())
	s.send(s.talk.target, "XdndPosition", 0, s.talk.sent.packed(), uint32(s.now), uint32(s.atoms["XdndActionCopy"]))
}

// settle decides what becomes of what was let go.
func (s *session) settle() (Outcome, bool, error) {
	outcome := Nothing
	switch next := s.talk.released(s.ready, s.let, time.Now()); {
	case s.lost, next == refused:
	case next == wait:
		return Nothing, false, nil
	case next == drop:
		s.send(s.talk.target, "XdndDrop", 0, uint32(s.now))
		s.phase, s.drop = given, time.Now()
		return Nothing, false, nil
	case next == late:
		outcome = Late
	case next == silent:
		outcome = Silent
	}
	s.leave()
	return outcome, true, nil
}

// hear takes what the server tells; over tells that the target has finished.
func (s *session) hear(heard any) (over, taken bool) {
	switch e := heard.(type) {
	case xproto.PropertyNotifyEvent:
		s.now = e.Time
	case xproto.KeyPressEvent:
		for _, key := range s.escape {
			s.key = s.key || e.Detail == key
		}
	case xproto.DestroyNotifyEvent:
		s.talk.gone = s.talk.gone || uint32(e.Window) == s.talk.window
	case xproto.SelectionClearEvent:
		s.lost = s.lost || e.Selection == s.atoms["XdndSelection"]
	case xproto.SelectionRequestEvent:
		s.give(e)
	case xproto.ClientMessageEvent:
		return s.answer(e)
	case xgb.Error: // a window went away while something was sent to it
		s.talk.gone = s.talk.gone || s.talk.window != 0 && e.BadId() == s.talk.to
	}
	return false, false
}

func (s *session) answer(e xproto.ClientMessageEvent) (over, taken bool) {
	if e.Format != 32 {
		return false, false
	}
	data := e.Data.Data32
	switch e.Type {
	case s.atoms["XdndStatus"]:
		s.talk.status(data[0], data[1])
	case s.atoms["XdndFinished"]:
		return s.talk.finished(data[0], data[1])
	}
	return false, false
}

// give hands what is dragged to whoever asks for it: the place where it will
// lie when it is dropped.
func (s *session) give(e xproto.SelectionRequestEvent) {
	reply := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target}
	property := e.Property
	if property == xproto.AtomNone {
		property = e.Target // asked by a program of before ICCCM
	}
	if kind, format, data := s.data(e.Target); data != nil && e.Selection == s.atoms["XdndSelection"] {
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, e.Requestor, property, kind, format, uint32(len(data)/int(format/8)), data)
		reply.Property = property
		s.asked = s.asked || s.phase == given && kind == e.Target
	}
	xproto.SendEvent(s.conn, false, e.Requestor, xproto.EventMaskNoEvent, string(reply.Bytes()))
}

// data is what is dragged in one of the types; nil: not in that.
func (s *session) data(kind xproto.Atom) (xproto.Atom, byte, []byte) {
	switch kind {
	case s.atoms["text/uri-list"]:
		return kind, 8, uriList(s.copy.path)
	case s.atoms["text/plain"], s.atoms["text/plain;charset=utf-8"]:
		return kind, 8, []byte(s.copy.path)
	case s.atoms["TIMESTAMP"]:
		return xproto.AtomInteger, 32, binary.LittleEndian.AppendUint32(nil, uint32(s.now))
	case s.atoms["TARGETS"]:
		var all []byte
		for _, name := range append(typeNames(), "TARGETS", "TIMESTAMP") {
			all = binary.LittleEndian.AppendUint32(all, uint32(s.atoms[name]))
		}
		return xproto.AtomAtom, 32, all
	}
	return 0, 0, nil
}
