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
	// Gone waits until the text cannot be seen any more.
	Gone bool `json:"gone,omitempty"`
	// Still waits until nothing has changed for so many frames.
	Still int `json:"still,omitempty"`
	// Scroll moves the longest list by so many pixels in Steps, one each frame,
	// and tells how long each took.
	Scroll int `json:"scroll,omitempty"`
	Steps  int `json:"steps,omitempty"`
}

// Answer is what is shown.
type Answer struct {
	Windows []Window `json:"windows"`
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

// answer looks at every frame until what was asked for can be seen.
func answer(ctx context.Context, r Request) Answer {
	frame := time.NewTicker(time.Second / 60)
	defer frame.Stop()
	var before Answer
	for still := 0; ; {
		var a Answer
		fyne.DoAndWait(func() { a = look() })
		if still++; !reflect.DeepEqual(a, before) {
			still, before = 0, a
		}
		if still >= r.Still && (r.Text == "" || a.Shows(r.Window, r.Text) != r.Gone) {
			if r.Steps > 0 {
				a.Frames = scroll(r)
			}
			return a
		}
		select {
		case <-frame.C:
		case <-ctx.Done():
			return a
		}
	}
}
