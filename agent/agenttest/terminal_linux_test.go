package agenttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"iscdesk.dev/agent/agenttest"
)

// terminal is a pseudo terminal with somebody in front of it.
type terminal struct {
	keyboard *os.File // the side of the person
	tty      *os.File // the side of the program

	reading sync.WaitGroup
	mu      sync.Mutex
	shown   bytes.Buffer
	changed chan struct{}
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number int
	raw, err := keyboard.SyscallConn()
	if err == nil {
		err = errors.Join(err, raw.Control(func(fd uintptr) {
			err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
			if err == nil {
				number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
			}
			if err == nil {
				err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
			}
		}))
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{keyboard: keyboard, tty: tty, changed: make(chan struct{}, 1)}
	term.reading.Go(func() { _, _ = io.Copy(term, keyboard) }) // ends when the program's side is closed
	t.Cleanup(func() {
		_ = tty.Close()
		_ = keyboard.Close()
		term.reading.Wait()
	})
	return term
}

// Write takes what the program shows.
func (term *terminal) Write(p []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	select {
	case term.changed <- struct{}{}:
	default:
	}
	return term.shown.Write(p)
}

// read waits until the terminal has shown text, and forgets what it showed up
// to there.
func (term *terminal) read(ctx context.Context, t *testing.T, text string) {
	t.Helper()
	for {
		term.mu.Lock()
		shown := term.shown.String()
		if at := strings.Index(shown, text); at >= 0 {
			term.shown.Next(at + len(text))
			term.mu.Unlock()
			return
		}
		term.mu.Unlock()
		select {
		case <-term.changed:
		case <-ctx.Done():
			t.Fatalf("the terminal never showed %q; it shows\n%s", text, shown)
		}
	}
}

func (term *terminal) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(term.keyboard, keys); err != nil {
		t.Fatal(err)
	}
}

// TestPickOnATerminal walks the folders with the arrow keys of a real terminal.
func TestPickOnATerminal(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	test.SignIn(agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	test.Check(engineer.WriteFile("bracket.step", "ISO-10303-21;"))
	test.Run(agenttest.Engineer, "files", "put", "bracket.step", "/shared/bracket.step", "--wait")
	app, err := engineer.StartApp(ctx, "minicad")
	test.Check(err)
	defer app.Close()
	test.Check(app.AskForDocument(ctx))

	term := openTerminal(t)
	cmd := engineer.Command(ctx, "pick")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.tty, term.tty, term.tty
	cmd.Env = append(cmd.Env, "TERM=xterm")
	before, err := unix.IoctlGetTermios(int(term.tty.Fd()), unix.TCGETS)
	test.Check(err)
	test.Check(cmd.Start())
	term.read(ctx, t, "> engineer/")
	term.press(t, "\x1b[B\x1b[B")
	term.read(ctx, t, "> shared/")
	term.press(t, "\r")
	term.read(ctx, t, "bracket.step")
	term.press(t, "\tbrack")
	term.read(ctx, t, "Filter: brack")
	term.press(t, "\x1b[B")
	term.read(ctx, t, "> bracket.step")
	term.press(t, "\r")
	term.read(ctx, t, "Chosen: /shared/bracket.step")
	test.Check(cmd.Wait())
	after, err := unix.IoctlGetTermios(int(term.tty.Fd()), unix.TCGETS)
	test.Check(err)
	if *after != *before {
		t.Errorf("the terminal was left as %+v, not as %+v", *after, *before)
	}
	picked, err := app.AwaitPicked(ctx)
	test.Check(err)
	if !strings.Contains(picked, `"openType":"OpenAndCheckout"`) || !strings.Contains(picked, "/shared/bracket.step") {
		t.Errorf("the application got %s", picked)
	}
}

// TestProgressOnATerminal draws a bar while a large drawing is saved and
// published, and takes it away.
func TestProgressOnATerminal(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	test.SignIn(agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	test.Check(engineer.WriteFile("large.step", strings.Repeat("#1=CARTESIAN_POINT('',(0.,0.,0.));\n", 1<<19)))
	term := openTerminal(t)
	cmd := engineer.Command(ctx, "files", "put", "large.step", "/shared/", "--wait")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, term.tty
	test.Check(cmd.Start())
	term.read(ctx, t, "Saving")
	term.read(ctx, t, "Publishing")
	test.Check(cmd.Wait())
	if strings.ContainsRune(out.String(), 0x1b) || !strings.Contains(out.String(), "published as version 1") {
		t.Errorf("the result is %q", out.String())
	}
}
