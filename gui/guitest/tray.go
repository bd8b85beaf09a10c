package guitest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"iscdesk.dev/gui/guitest/probe"
)

// Tray is a running tray app.
type Tray struct {
	Desktop *Desktop
	cmd     *exec.Cmd
	log     string
	conn    net.Conn
	answers *bufio.Reader
}

// StartTray runs a tray app that was built for tests. command is its command
// line with the environment of the person whose it is; the desktop's is added.
func (d *Desktop) StartTray(ctx context.Context, command *exec.Cmd) (*Tray, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }()
	t := &Tray{Desktop: d, cmd: command, log: "tray.log"}
	command.Env = append(command.Env, d.Session()...)
	command.Env = append(command.Env, probe.Env+"="+listener.Addr().String())
	if err := d.run(command, t.log); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	if t.conn, err = listener.Accept(); err != nil {
		return nil, errors.Join(fmt.Errorf("the tray app did not answer: %w\n%s", err, d.Log(t.log)), end(command))
	}
	t.answers = bufio.NewReader(t.conn)
	return t, nil
}

// PID is the process of the tray app.
func (t *Tray) PID() int { return t.cmd.Process.Pid }

// Log is the end of what it wrote.
func (t *Tray) Log() string { return t.Desktop.Log(t.log) }

// AwaitEnd waits until it ends by itself.
func (t *Tray) AwaitEnd(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = t.conn.Close() })
	defer stop()
	if _, err := t.answers.ReadByte(); ctx.Err() != nil {
		return fmt.Errorf("the tray app goes on: %w (%w)", ctx.Err(), err)
	}
	return t.Close()
}

// Close ends the tray app.
func (t *Tray) Close() error {
	return errors.Join(end(t.cmd), t.conn.Close())
}

// patience is how long Ask waits for what is to be shown.
const patience = 15 * time.Second

// Ask sends a request and waits for its answer. What is not there in time is an
// error that tells what is shown in its place.
func (t *Tray) Ask(ctx context.Context, r probe.Request) (probe.Answer, error) {
	var a probe.Answer
	if r.Within == 0 {
		r.Within = patience
	}
	request, err := json.Marshal(r)
	if err != nil {
		return a, err
	}
	stop := context.AfterFunc(ctx, func() { _ = t.conn.Close() })
	defer stop()
	if _, err = t.conn.Write(append(request, '\n')); err == nil {
		var line []byte
		if line, err = t.answers.ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &a)
		}
	}
	switch {
	case err != nil:
		return a, fmt.Errorf("asking the tray app for %+v: %w (%w)\n%s", r, err, ctx.Err(), t.Log())
	case a.Late:
		return a, fmt.Errorf("not within %s: %+v; there is\n%s%s", r.Within, r, list(a), t.Log())
	}
	return a, nil
}

// Await waits until a text can be seen in a window.
func (t *Tray) Await(ctx context.Context, window, text string) error {
	_, err := t.Ask(ctx, probe.Request{Window: window, Text: text})
	return err
}

// AwaitGone waits until a text cannot be seen any more.
func (t *Tray) AwaitGone(ctx context.Context, window, text string) error {
	_, err := t.Ask(ctx, probe.Request{Window: window, Text: text, Gone: true})
	return err
}

// AwaitNoWindow waits until no window of that title is shown.
func (t *Tray) AwaitNoWindow(ctx context.Context, window string) error {
	_, err := t.Ask(ctx, probe.Request{Window: window, Gone: true})
	return err
}

// Seen is every text that can be seen, one a line.
func (t *Tray) Seen(ctx context.Context) (string, error) {
	a, err := t.Ask(ctx, probe.Request{})
	return list(a), err
}

func list(a probe.Answer) string {
	var b strings.Builder
	for _, w := range a.Windows {
		fmt.Fprintf(&b, "== %s (focus %s)\n", w.Title, w.Focused)
		for _, x := range w.Texts {
			fmt.Fprintf(&b, "%v %s\n", x.At, x.Text)
		}
	}
	return b.String()
}

// placeFrames is for how many frames a text has to stand in its place before it
// is clicked on: nobody clicks on what is just being laid out.
const placeFrames = 6

// Click waits for a text and clicks on it.
func (t *Tray) Click(ctx context.Context, window, text string) error {
	if err := t.Point(ctx, window, text); err != nil {
		return err
	}
	return t.Press(ctx, false)
}

// DoubleClick waits for a text and clicks on it twice.
func (t *Tray) DoubleClick(ctx context.Context, window, text string) error {
	if err := t.Point(ctx, window, text); err != nil {
		return err
	}
	return t.Press(ctx, true)
}

// Point waits for a text and moves the pointer there, and again where it has
// moved meanwhile.
func (t *Tray) Point(ctx context.Context, window, text string) error {
	var last image.Rectangle
	for {
		a, err := t.Ask(ctx, probe.Request{Window: window, Text: text, Still: placeFrames})
		if err != nil {
			return err
		}
		w, at, _ := a.Find(window, text)
		if at == last {
			return nil
		}
		last = at
		id, err := t.Desktop.window(ctx, titled(w.Title))
		if err != nil {
			return err
		}
		x, y := (at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2
		if err := t.Desktop.tool(ctx, nil, "xdotool", "mousemove", "--window", id, strconv.Itoa(x), strconv.Itoa(y)); err != nil {
			return err
		}
	}
}

// Press clicks where the pointer is.
func (t *Tray) Press(ctx context.Context, twice bool) error {
	if twice {
		return t.Desktop.tool(ctx, nil, "xdotool", "click", "--repeat", "2", "--delay", "60", "1")
	}
	return t.Desktop.tool(ctx, nil, "xdotool", "click", "1")
}

// titled is the pattern of a window of just that title.
func titled(title string) string { return "^" + regexp.QuoteMeta(title) + "$" }

// Key presses keys, as xdotool names them: "Return", "ctrl+f".
func (t *Tray) Key(ctx context.Context, keys ...string) error {
	return t.Desktop.tool(ctx, nil, "xdotool", append([]string{"key", "--delay", "30"}, keys...)...)
}

// Type types a text into what has the keyboard.
func (t *Tray) Type(ctx context.Context, text string) error {
	return t.Desktop.tool(ctx, nil, "xdotool", "type", "--delay", "20", text)
}

// Screenshot writes a window as a PNG; what lies over it is in the picture.
func (t *Tray) Screenshot(ctx context.Context, window, file string) error {
	id, err := t.Desktop.window(ctx, window)
	if err != nil {
		return err
	}
	_ = os.Remove(file)
	return t.Desktop.tool(ctx, nil, "import", "-window", id, file)
}

// Colour is the colour of a point of a window, as "#RRGGBB".
func (t *Tray) Colour(ctx context.Context, window string, x, y int) (string, error) {
	id, err := t.Desktop.window(ctx, window)
	if err != nil {
		return "", err
	}
	var text string
	at := fmt.Sprintf("1x1+%d+%d", x, y)
	if err := t.Desktop.tool(ctx, &text, "import", "-window", id, "-crop", at, "+repage", "-depth", "8", "txt:-"); err != nil {
		return "", err
	}
	colour := regexp.MustCompile("#[0-9A-F]{6}").FindString(text)
	if colour == "" {
		return "", fmt.Errorf("import: %s", text)
	}
	return colour, nil
}
