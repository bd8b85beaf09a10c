// Package probe tells a test what the tray app shows, and where. Only the
// program that is built for tests (tag guitest) has it: it connects to the
// test's own port on the loopback interface, and answers there. It acts on
// nothing: tests click and type as people do, through the window system.
package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"image"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

// Env names the variable with the address that the program connects to.
const Env = "ISCDESK_TRAY_PROBE"

// Request asks for what is shown once a text can be seen; without Text at once.
type Request struct {
	// Window is part of the title of the window; empty: any.
	Window string `json:"window,omitempty"`
	Text   string `json:"text,omitempty"`
	// Gone waits until the text cannot be seen any more; without Text, until no
	// such window is shown.
	Gone bool `json:"gone,omitempty"`
	// Still waits until for so many frames nothing has changed, or with Text,
	// until that has stood in its place for so many.
	Still int `json:"still,omitempty"`
	// Within bounds the waiting; 0: it has no bound.
	Within time.Duration `json:"within,omitempty"`
	// Scroll moves the longest list by so many pixels in Steps, one each frame,
	// and tells how long each took.
	Scroll int `json:"scroll,omitempty"`
	Steps  int `json:"steps,omitempty"`
}

// Answer is what is shown.
type Answer struct {
	Windows []Window `json:"windows"`
	// Late tells that the time was over before what was asked for was there.
	Late bool `json:"late,omitempty"`
	// Frames are the times of the frames that were asked for.
	Frames []time.Duration `json:"frames,omitempty"`
}

// Window is one window with the texts that can be seen in it.
type Window struct {
	Title string `json:"title"`
	Texts []Text `json:"texts"`
	// Focused tells what has the keyboard, as the name of its Go type.
	Focused string `json:"focused,omitempty"`
}

// Text is a text and where it is drawn, in pixels of its window.
type Text struct {
	Text string          `json:"text"`
	At   image.Rectangle `json:"at"`
	// Cut tells that a part of it is out of sight, and no scrolling shows it.
	Cut bool `json:"cut,omitempty"`
}

// Serve connects to address and answers until ctx ends.
func Serve(ctx context.Context, address string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	out := json.NewEncoder(conn)
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		var r Request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		if err := out.Encode(answer(ctx, r)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// met tells whether what is shown is what was asked for.
func (r Request) met(a Answer) bool {
	switch {
	case r.Text != "":
		return a.Shows(r.Window, r.Text) != r.Gone
	case r.Gone:
		return !slices.ContainsFunc(a.Windows, func(w Window) bool { return strings.Contains(w.Title, r.Window) })
	}
	return true
}

// same tells whether what was asked for is as it was a frame before.
func (r Request) same(before, now Answer) bool {
	if r.Text == "" || r.Gone {
		return reflect.DeepEqual(before, now)
	}
	old, oldAt, was := before.Find(r.Window, r.Text)
	w, at, is := now.Find(r.Window, r.Text)
	return was == is && old.Title == w.Title && oldAt == at
}

// answer looks at every frame until what was asked for can be seen.
func answer(ctx context.Context, r Request) Answer {
	frame := time.NewTicker(time.Second / 60)
	defer frame.Stop()
	if r.Within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Within)
		defer cancel()
	}
	var before Answer
	for still := 0; ; {
		var a Answer
		fyne.DoAndWait(func() { a = look() })
		if still++; !r.same(before, a) {
			still, before = 0, a
		}
		if still >= r.Still && r.met(a) {
			if r.Steps > 0 {
				a.Frames = scroll(r)
			}
			return a
		}
		select {
		case <-frame.C:
		case <-ctx.Done():
			a.Late = true
			return a
		}
	}
}
