package dragout

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

// atomNames are the atoms that are used, by their names.
func atomNames() []string {
	return append([]string{
		"XdndSelection", "XdndAware", "XdndProxy", "XdndEnter", "XdndPosition", "XdndStatus", "XdndLeave", "XdndDrop", "XdndFinished",
		"XdndActionCopy", "TARGETS", "TIMESTAMP", "_NET_WM_PID", "ISCDESK_TIME",
	}, typeNames()...)
}

// typeNames are the types that are offered, the best first.
func typeNames() []string {
	return []string{"text/uri-list", "text/plain;charset=utf-8", "text/plain"}
}

// display is a connection to the X server with a window that nobody sees.
type display struct {
	conn   *xgb.Conn
	root   xproto.Window
	window xproto.Window
	badge  xproto.Window // beside the pointer; 0: there is none
	atoms  map[string]xproto.Atom
	escape []xproto.Keycode
	events chan any // xgb.Event or xgb.Error; closed with the connection
	heard  sync.WaitGroup
	left   context.CancelFunc
}

// can tells whether there is an X server that is the whole desktop: under
// Wayland it is told where the pointer is only over its own windows.
func can() bool {
	return os.Getenv("DISPLAY") != "" && os.Getenv("WAYLAND_DISPLAY") == "" && os.Getenv("XDG_SESSION_TYPE") != "wayland"
}

func openDisplay() (*display, error) {
	xgb.Logger.SetOutput(io.Discard) // what fails is an error here
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("the X server: %w", err)
	}
	ctx, left := context.WithCancel(context.Background())
	d := &display{conn: conn, atoms: map[string]xproto.Atom{}, events: make(chan any, 64), left: left}
	d.heard.Go(func() { d.listen(ctx) })
	if err := d.prepare(); err != nil {
		d.close()
		return nil, fmt.Errorf("the X server: %w", err)
	}
	return d, nil
}

func (d *display) listen(ctx context.Context) {
	defer close(d.events)
	for {
		event, fault := d.conn.WaitForEvent()
		var heard any = event
		switch {
		case fault != nil:
			heard = fault
		case event == nil:
			return
		}
		select {
		case d.events <- heard:
		case <-ctx.Done(): // nobody hears any more; the end of the connection comes next
		}
	}
}

func (d *display) prepare() error {
	screen := xproto.Setup(d.conn).DefaultScreen(d.conn)
	d.root = screen.Root
	for _, name := range atomNames() {
		reply, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		d.atoms[name] = reply.Atom
	}
	var err error
	if d.window, err = xproto.NewWindowId(d.conn); err != nil {
		return err
	}
	err = xproto.CreateWindowChecked(d.conn, 0, d.window, d.root, -1, -1, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return err
	}
	return d.findEscape()
}

// findEscape learns which keys are Escape.
func (d *display) findEscape() error {
	const escape = 0xff1b
	setup := xproto.Setup(d.conn)
	first := setup.MinKeycode
	keys, err := xproto.GetKeyboardMapping(d.conn, first, byte(setup.MaxKeycode-first+1)).Reply()
	if err != nil {
		return err
	}
	for i, sym := range keys.Keysyms {
		if sym == escape {
			d.escape = append(d.escape, first+xproto.Keycode(i/int(keys.KeysymsPerKeycode)))
		}
	}
	return nil
}

// close ends the connection, and with it everything that was made by it.
func (d *display) close() {
	d.left()
	d.conn.Close()
	d.heard.Wait()
}

// touch makes the server tell its time, by an event.
func (d *display) touch() {
	xproto.ChangeProperty(d.conn, xproto.PropModeAppend, d.window, d.atoms["ISCDESK_TIME"], xproto.AtomInteger, 32, 0, nil)
}

// held is where the pointer is, and whether its first button is down.
func (d *display) held() (at point, held bool, err error) {
	reply, err := xproto.QueryPointer(d.conn, d.root).Reply()
	if err != nil {
		return point{}, false, err
	}
	return point{reply.RootX, reply.RootY}, reply.Mask&xproto.ButtonMask1 != 0 && reply.SameScreen, nil
}

// escaped tells whether Escape is down.
func (d *display) escaped() bool {
	keys, err := xproto.QueryKeymap(d.conn).Reply()
	return err == nil && slices.ContainsFunc(d.escape, func(k xproto.Keycode) bool { return keys.Keys[k/8]&(1<<(k%8)) != 0 })
}

// numbers reads a property of 32-bit numbers.
func (d *display) numbers(w xproto.Window, name string, kind xproto.Atom) []uint32 {
	reply, err := xproto.GetProperty(d.conn, false, w, d.atoms[name], kind, 0, 16).Reply()
	if err != nil || reply.Format != 32 {
		return nil
	}
	var all []uint32
	for data := reply.Value; len(data) >= 4; data = data[4:] {
		all = append(all, binary.LittleEndian.Uint32(data))
	}
	return all
}

// maxDepth bounds the way down to a window; real ones are a handful deep.
const maxDepth = 32

// under finds what takes drops at a place of the screen.
func (d *display) under(at point) target {
	w := d.root
	for range maxDepth {
		reply, err := xproto.TranslateCoordinates(d.conn, d.root, w, at.x, at.y).Reply()
		if err != nil || reply.Child == 0 {
			break
		}
		w = reply.Child
		if t, found := d.look(w); found {
			return t
		}
	}
	if w != d.root {
		return target{}
	}
	return d.desktop()
}

// desktop is the root window, which takes drops by a proxy only.
func (d *display) desktop() target {
	if t, found := d.look(d.root); found && t.to != t.window {
		return t
	}
	return target{}
}

// look tells whether drops on a window are taken, and by whom.
func (d *display) look(w xproto.Window) (target, bool) {
	t := target{window: uint32(w), to: uint32(w)}
	if pid := d.numbers(w, "_NET_WM_PID", xproto.AtomCardinal); len(pid) == 1 && int(pid[0]) == os.Getpid() {
		t.ours = true
		return t, true
	}
	if proxy := d.numbers(w, "XdndProxy", xproto.AtomWindow); len(proxy) == 1 {
		again := d.numbers(xproto.Window(proxy[0]), "XdndProxy", xproto.AtomWindow)
		if len(again) == 1 && again[0] == proxy[0] { // else it is left over from a program that is gone
			t.to = proxy[0]
		}
	}
	aware := d.numbers(xproto.Window(t.to), "XdndAware", xproto.AtomAtom)
	if len(aware) == 0 {
		return target{}, false
	}
	t.version = min(version, aware[0])
	return t, true
}

// send sends a message of XDND to a target.
func (d *display) send(t target, kind string, data ...uint32) {
	message := xproto.ClientMessageEvent{
		Format: 32, Window: xproto.Window(t.window), Type: d.atoms[kind],
		Data: xproto.ClientMessageDataUnionData32New(append(append([]uint32{uint32(d.window)}, data...), make([]uint32, 4-len(data))...)),
	}
	xproto.SendEvent(d.conn, false, xproto.Window(t.to), xproto.EventMaskNoEvent, string(message.Bytes()))
}

// watch has the server tell when a target is gone. It tells whether it is
// there yet.
func (d *display) watch(t target, on bool) bool {
	mask := uint32(xproto.EventMaskNoEvent)
	if on {
		mask = xproto.EventMaskStructureNotify
	}
	return xproto.ChangeWindowAttributesChecked(d.conn, xproto.Window(t.window), xproto.CwEventMask, []uint32{mask}).Check() == nil
}

// The badge is a sheet of paper beside the pointer, filled where it would be
// taken.
const (
	badgeWide, badgeHigh = 20, 26
	badgeOff             = 14
	badgeInk             = 0x50565E
	badgePaper           = 0xFFFFFF
	badgeTaken           = 0x2E9E5B
)

// showBadge is decoration: a drag goes on without it.
func (d *display) showBadge(at point) {
	screen := xproto.Setup(d.conn).DefaultScreen(d.conn)
	id, err := xproto.NewWindowId(d.conn)
	if err != nil || screen.RootDepth < 24 || shape.Init(d.conn) != nil {
		return
	}
	xproto.CreateWindow(d.conn, screen.RootDepth, id, d.root, at.x+badgeOff, at.y+badgeOff, badgeWide, badgeHigh, 1,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel|xproto.CwBorderPixel|xproto.CwOverrideRedirect,
		[]uint32{badgePaper, badgeInk, 1})
	// The pointer looks through it.
	shape.Rectangles(d.conn, shape.SoSet, shape.SkInput, xproto.ClipOrderingUnsorted, id, 0, 0, nil)
	xproto.MapWindow(d.conn, id)
	d.badge = id
}

func (d *display) moveBadge(at point, taken bool) {
	if d.badge == 0 {
		return
	}
	fill := uint32(badgePaper)
	if taken {
		fill = badgeTaken
	}
	xproto.ChangeWindowAttributes(d.conn, d.badge, xproto.CwBackPixel, []uint32{fill})
	xproto.ClearArea(d.conn, false, d.badge, 0, 0, 0, 0)
	xproto.ConfigureWindow(d.conn, d.badge, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowStackMode,
		[]uint32{uint32(int32(at.x) + badgeOff), uint32(int32(at.y) + badgeOff), xproto.StackModeAbove})
}

func (d *display) hideBadge() {
	if d.badge != 0 {
		xproto.DestroyWindow(d.conn, d.badge)
		d.badge = 0
	}
}
