package guitest_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/desktop/dragout"
	"iscdesk.dev/gui/guitest"
	"iscdesk.dev/gui/guitest/droptarget"
)

// mouse presses and moves like a person's on a display.
type mouse struct {
	t       *testing.T
	desktop *guitest.Desktop
}

func (m mouse) do(ctx context.Context, args ...string) string {
	m.t.Helper()
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = m.desktop.Env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// to moves in steps.
func (m mouse) to(ctx context.Context, x, y int) {
	m.t.Helper()
	const steps = 12
	from := place(m.t, m.do(ctx, "getmouselocation"))
	var args []string
	for i := 1; i <= steps; i++ {
		args = append(args, "mousemove", strconv.Itoa(from.X+(x-from.X)*i/steps), strconv.Itoa(from.Y+(y-from.Y)*i/steps), "sleep", "0.02")
	}
	m.do(ctx, args...)
}

func displayOf(t *testing.T, d *guitest.Desktop) string {
	t.Helper()
	for _, variable := range d.Session() {
		if number, is := strings.CutPrefix(variable, "DISPLAY="); is {
			return number
		}
	}
	t.Fatal("no display")
	return ""
}

// end is how a drag ended.
type end struct {
	outcome dragout.Outcome
	err     error
}

// TestDragsEndWhateverTheTargetDoes drags a file onto targets of every manner:
// it is dropped once where that is right, and the drag ends in time, with
// nothing left behind, where it is not.
func TestDragsEndWhateverTheTargetDoes(t *testing.T) {
	desktop, err := guitest.StartDesktop(t.Context(), t.TempDir(), 640, 480, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = desktop.Close() }()
	display := displayOf(t, desktop)
	t.Setenv("DISPLAY", display)
	failed := errors.New("offline")
	write := func(_ context.Context, folder string) error {
		return os.WriteFile(filepath.Join(folder, "曲轴 1.step"), []byte("solid"), 0o600)
	}
	arrive := make(chan struct{})
	slowly := func(ctx context.Context, folder string) error {
		select {
		case <-arrive:
			return write(ctx, folder)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	never := func(ctx context.Context, _ string) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for _, tt := range []struct {
		name   string
		manner droptarget.Manner
		fetch  dragout.Fetch
		escape bool
		beside bool // let go beside the target
		slow   bool // what is dragged arrives only after the button was let go
		want   dragout.Outcome
		err    error
	}{
		{name: "taken", fetch: write, want: dragout.Dropped},
		{name: "taken when it is there", fetch: slowly, slow: true, want: dragout.Dropped},
		{name: "refused", manner: droptarget.Refuses, fetch: write},
		{name: "never answered", manner: droptarget.Mute, fetch: write, want: dragout.Silent},
		{name: "gone while it is pointed at", manner: droptarget.Vanishes, fetch: write},
		{name: "gone when it is dropped", manner: droptarget.Leaves, fetch: write, want: dragout.Silent},
		{name: "taken and forgotten", manner: droptarget.Forgets, fetch: write, want: dragout.Silent},
		{name: "Escape", fetch: never, escape: true},
		{name: "let go where nobody is", fetch: never, beside: true},
		{name: "not to be had", fetch: func(context.Context, string) error { return failed }, err: failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cache := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", cache)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			target, err := droptarget.Open(display, tt.manner, 300, 100, 200, 200)
			if err != nil {
				t.Fatal(err)
			}
			defer target.Close()
			m := mouse{t, desktop}
			m.do(ctx, "mousemove", "50", "50", "mousedown", "1")
			ended := make(chan end, 1)
			go func() {
				outcome, err := dragout.Drag(ctx, "曲轴 1.step", tt.fetch)
				ended <- end{outcome, err}
			}()
			m.to(ctx, 400, 200)
			if tt.beside {
				m.to(ctx, 60, 300)
			}
			if tt.escape {
				if err := target.AwaitMessage(ctx, "XdndPosition"); err != nil {
					t.Error(err)
				}
				m.do(ctx, "key", "Escape")
			} else {
				m.do(ctx, "mouseup", "1")
			}
			if tt.slow {
				checkWaits(ctx, t, target)
				close(arrive)
			}
			if tt.want == dragout.Dropped {
				checkDropped(ctx, t, target, "曲轴 1.step", "solid")
			}
			got := <-ended
			if got.outcome != tt.want || !errors.Is(got.err, tt.err) {
				t.Errorf("ended as %d (%v), not %d (%v); the target heard %q", got.outcome, got.err, tt.want, tt.err, target.Heard())
			}
			m.do(ctx, "mouseup", "1")
			left, err := filepath.Glob(filepath.Join(cache, "iscdesk", "dragged", "*"))
			if err != nil || (len(left) > 0) != (tt.want == dragout.Dropped) {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// checkWaits looks for a quarter of a second that nothing is dropped yet.
func checkWaits(ctx context.Context, t *testing.T, target *droptarget.Target) {
	t.Helper()
	if err := target.AwaitMessage(ctx, "XdndPosition"); err != nil {
		t.Error(err)
	}
	short, cancel := context.WithTimeout(ctx, time.Second/4)
	defer cancel()
	if text, err := target.Await(short); err == nil {
		t.Errorf("%q was dropped before it was there", text)
	}
}

// checkDropped waits for a file and looks at once at what it is, as a file
// manager does; it gives its path.
func checkDropped(ctx context.Context, t *testing.T, target *droptarget.Target, name, content string) string {
	t.Helper()
	text, err := target.Await(ctx)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(strings.TrimSuffix(text, "\r\n"))
	if err != nil || u.Scheme != "file" || u.Host != "" || filepath.Base(u.Path) != name {
		t.Fatalf("dropped %q (%v)", text, err)
	}
	if content != "" {
		if got, err := os.ReadFile(u.Path); err != nil || string(got) != content {
			t.Errorf("it is %q (%v)", got, err)
		}
	}
	return u.Path
}

// TestDocumentsAreDraggedOut drags a document and an assembly out of the
// window onto another program, and a document within the window, which does
// nothing.
func TestDocumentsAreDraggedOut(t *testing.T) {
	s := prepare(t, wants{width: 1500, height: 900})
	s.SignIn(agenttest.Engineer)
	const name, asm = "曲轴 50%.step", "支架 asm"
	s.put(agenttest.Engineer, name, "solid", "/projects/"+name)
	s.Check(s.engineer.WriteFile(asm+"/"+asm+".prt", "main"))
	s.put(agenttest.Engineer, asm+"/sub/螺栓.prt", "bolt", "/projects/other.prt")
	s.Run(agenttest.Engineer, "files", "put", asm, "/projects/"+asm, "--wait")
	s.open("--show", "documents/browse//projects/"+name)
	s.await(mainWindow, "Published.", asm)
	target, err := droptarget.Open(displayOf(t, s.desktop), droptarget.Takes, 1250, 600, 250, 300)
	s.Check(err)
	defer target.Close()
	m := mouse{t, s.desktop}
	drag := func(text string, x, y int) {
		t.Helper()
		s.Check(s.tray.Point(s.Context(), mainWindow, text))
		m.do(s.Context(), "mousedown", "1")
		m.to(s.Context(), x, y)
		m.do(s.Context(), "mouseup", "1")
	}

	drag(name, 1350, 750)
	path := checkDropped(s.Context(), t, target, name, "solid")
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", folder, info, err)
		}
	}
	s.await(mainWindow, "Published.")

	s.Check(s.tray.Point(s.Context(), mainWindow, asm))
	at := m.do(s.Context(), "getmouselocation")
	drag(name, place(t, at).X, place(t, at).Y) // onto another row
	target.Heard()
	drag(asm, 1350, 750)
	folder := checkDropped(s.Context(), t, target, asm, "")
	for file, want := range map[string]string{asm + ".prt": "main", "sub/螺栓.prt": "bolt"} {
		if got, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(file))); err != nil || string(got) != want {
			t.Errorf("%s is %q (%v)", file, got, err)
		}
	}
	if seen := s.seen(); strings.Contains(seen, "Adding to the cloud") {
		t.Errorf("a document was dropped on its own window:\n%s", seen)
	}
}

// place is where xdotool says that the pointer is.
func place(t *testing.T, said string) (at image.Point) {
	t.Helper()
	if _, err := fmt.Sscanf(said, "x:%d y:%d", &at.X, &at.Y); err != nil {
		t.Fatal(err)
	}
	return at
}
