// Package droptarget is a program of the X desktop that files can be dropped
// on, well-behaved or not: for tests of dragging out of the tray app.
package droptarget

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Manner is how a target behaves.
type Manner int

// The manners.
const (
	Takes    Manner = iota // everything, as it should
	Refuses                // says that it takes nothing
	Mute                   // never answers a position
	Vanishes               // is gone at the first position
	Forgets                // takes a drop and never asks for it, nor finishes
	Leaves                 // is gone when it is to take the drop
)

// Target is a window on a display.
type Target struct {
	conn   *xgb.Conn
	window xproto.Window
	manner Manner
	atoms  map[string]xproto.Atom
	source xproto.Window
	heard  sync.WaitGroup
	dropped,
	said chan string
}

// Open shows a window of a place and size above all others. The caller closes
// it.
func Open(display string, m Manner, x, y int16, width, height uint16) (*Target, error) {
	xgb.Logger.SetOutput(io.Discard) // what fails is an error here
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, err
	}
	t := &Target{conn: conn, manner: m, atoms: map[string]xproto.Atom{}, dropped: make(chan string, 1), said: make(chan string, 1000)}
	if err := t.show(x, y, width, height); err != nil {
		conn.Close()
		return nil, err
	}
	t.heard.Go(t.serve)
	return t, nil
}

func (t *Target) show(x, y int16, width, height uint16) error {
	for _, name := range []string{
		"XdndAware", "XdndEnter", "XdndPosition", "XdndStatus", "XdndLeave", "XdndDrop", "XdndFinished", "XdndSelection",
		"XdndActionCopy", "text/uri-list", "DROPPED",
	} {
		reply, err := xproto.InternAtom(t.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		t.atoms[name] = reply.Atom
	}
	screen := xproto.Setup(t.conn).DefaultScreen(t.conn)
	var err error
	if t.window, err = xproto.NewWindowId(t.conn); err != nil {
		return err
	}
	err = xproto.CreateWindowChecked(t.conn, screen.RootDepth, t.window, screen.Root, x, y, width, height, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0x88AACC, 1}).Check()
	if err != nil {
		return err
	}
	version := binary.LittleEndian.AppendUint32(nil, 5)
	return errors.Join(
		xproto.ChangePropertyChecked(t.conn, xproto.PropModeReplace, t.window, t.atoms["XdndAware"], xproto.AtomAtom, 32, 1, version).Check(),
		xproto.MapWindowChecked(t.conn, t.window).Check())
}

// Close takes the window away.
func (t *Target) Close() {
	t.conn.Close()
	t.heard.Wait()
}

// Await waits for a drop and gives its text/uri-list.
func (t *Target) Await(ctx context.Context) (string, error) {
	select {
	case text := <-t.dropped:
		return text, nil
	case <-ctx.Done():
		return "", fmt.Errorf("nothing was dropped: %w; it heard %q", ctx.Err(), t.Heard())
	}
}

// AwaitMessage waits until it hears a message of XDND by its name.
func (t *Target) AwaitMessage(ctx context.Context, name string) error {
	for {
		select {
		case said := <-t.said:
			if said == name {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("no %s: %w", name, ctx.Err())
		}
	}
}

// Heard is every message that it has heard since it was asked last.
func (t *Target) Heard() []string {
	var all []string
	for {
		select {
		case said := <-t.said:
			if len(all) == 0 || all[len(all)-1] != said {
				all = append(all, said)
			}
		default:
			return all
		}
	}
}

func (t *Target) serve() {
	for {
		event, fault := t.conn.WaitForEvent()
		if event == nil && fault == nil {
			return
		}
		switch e := event.(type) {
		case xproto.ClientMessageEvent:
			t.message(e)
		case xproto.SelectionNotifyEvent:
			t.taken(e)
		}
	}
}

func (t *Target) message(e xproto.ClientMessageEvent) {
	for name, atom := range t.atoms {
		if atom == e.Type {
			t.said <- name
		}
	}
	data := e.Data.Data32
	switch e.Type {
	case t.atoms["XdndEnter"]:
		t.source = xproto.Window(data[0])
		if data[0] == 0 || data[1]>>24 != 5 || !slices.Contains(data[2:], uint32(t.atoms["text/uri-list"])) {
			t.said <- fmt.Sprintf("a wrong XdndEnter: %x", data)
		}
	case t.atoms["XdndPosition"]:
		t.position()
	case t.atoms["XdndDrop"]:
		switch t.manner {
		case Leaves:
			xproto.DestroyWindow(t.conn, t.window)
		case Forgets:
		case Takes, Refuses, Mute, Vanishes:
			xproto.ConvertSelection(t.conn, t.window, t.atoms["XdndSelection"], t.atoms["text/uri-list"], t.atoms["DROPPED"], xproto.Timestamp(data[2]))
		}
	}
}

func (t *Target) position() {
	flags := uint32(1)
	switch t.manner {
	case Mute:
		return
	case Vanishes:
		xproto.DestroyWindow(t.conn, t.window)
		return
	case Refuses:
		flags = 0
	case Takes, Forgets, Leaves:
	}
	t.send("XdndStatus", flags, 0, 0, uint32(t.atoms["XdndActionCopy"]))
}

func (t *Target) taken(e xproto.SelectionNotifyEvent) {
	text := ""
	if e.Property != xproto.AtomNone {
		reply, err := xproto.GetProperty(t.conn, true, t.window, e.Property, xproto.GetPropertyTypeAny, 0, 4096).Reply()
		if err == nil {
			text = string(reply.Value)
		}
	}
	t.dropped <- text
	t.send("XdndFinished", 1, uint32(t.atoms["XdndActionCopy"]), 0, 0)
}

func (t *Target) send(kind string, data ...uint32) {
	message := xproto.ClientMessageEvent{
		Format: 32, Window: t.source, Type: t.atoms[kind],
		Data: xproto.ClientMessageDataUnionData32New(append([]uint32{uint32(t.window)}, data...)),
	}
	xproto.SendEvent(t.conn, false, t.source, xproto.EventMaskNoEvent, string(message.Bytes()))
}
