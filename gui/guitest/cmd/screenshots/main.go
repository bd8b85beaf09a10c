// Command screenshots is what 'make screenshots' runs: it takes a picture of
// every screen of the real tray app, beside a real service and marketplace, in
// both languages and both looks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

// limit bounds the whole run.
const limit = 10 * time.Minute

func main() {
	bin := flag.String("bin", "build/bin", "folder of iscdeskd, iscdesk and iscmarket")
	out := flag.String("out", "build/screenshots", "folder for the pictures")
	width := flag.Int("width", 1280, "width of the screen in pixels")
	height := flag.Int("height", 860, "height of the screen in pixels")
	scale := flag.String("scale", "", "size of everything: 2 is twice as large")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p := photographer{bin: agenttest.BinariesIn(*bin), out: *out, width: *width, height: *height, scale: *scale}
	if err := p.work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

type photographer struct {
	bin           agenttest.Binaries
	out           string
	width, height int
	scale         string

	scene *guitest.Scene
	tray  *guitest.Tray
}

// look is one language with one theme. The words are what the navigation says
// of each room, in the order of the rooms.
type look struct {
	language, theme string
}

func (p *photographer) work(ctx context.Context) (err error) {
	if err := os.MkdirAll(p.out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "iscdesk-screenshots-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if p.scene, err = guitest.NewScene(ctx, p.bin); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.scene.Close()) }()
	if err := p.start(ctx, dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.tray.Close(), p.tray.Desktop.Close()) }()
	if err := p.shoot(ctx, "first-run", nil); err != nil {
		return err
	}
	if err := p.scene.Furnish(ctx); err != nil {
		return err
	}
	if err := p.dialog(ctx); err != nil {
		return err
	}
	if err := p.shoot(ctx, "", guitest.Rooms()); err != nil {
		return err
	}
	return p.picker(ctx)
}

func (p *photographer) start(ctx context.Context, dir string) error {
	program, err := guitest.Build(ctx, dir)
	if err != nil {
		return err
	}
	desktop, err := guitest.StartDesktop(ctx, dir, p.width, p.height, false)
	if err != nil {
		return err
	}
	var env []string
	if p.scale != "" {
		env = append(env, "FYNE_SCALE="+p.scale)
	}
	p.tray, err = desktop.StartTray(ctx, p.scene.Engineer.Program(ctx, program, env))
	if err != nil {
		return errors.Join(err, desktop.Close())
	}
	return nil
}

// shoot takes a picture of each room in every look; without rooms, of what is
// shown, under name.
func (p *photographer) shoot(ctx context.Context, name string, rooms []guitest.Room) error {
	for _, l := range []look{{"en", "light"}, {"en", "dark"}, {"zh-CN", "light"}, {"zh-CN", "dark"}} {
		if err := p.dress(ctx, l); err != nil {
			return err
		}
		if name != "" {
			if err := p.take(ctx, "", name, l); err != nil {
				return err
			}
		}
		for _, r := range rooms {
			if err := r.Enter(ctx, p.tray, l.language); err != nil {
				return fmt.Errorf("%s: %w", r.Name, err)
			}
			if err := p.take(ctx, guitest.MainWindow, r.Name, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// dress sets language and theme and waits until the window shows the language.
func (p *photographer) dress(ctx context.Context, l look) error {
	if err := p.scene.Set(ctx, "language", l.language); err != nil {
		return err
	}
	if err := p.scene.Set(ctx, "theme", l.theme); err != nil {
		return err
	}
	return p.tray.Await(ctx, "", guitest.Rooms()[0].Word(l.language))
}

// take takes a picture of a window, or without one of the whole screen.
func (p *photographer) take(ctx context.Context, window, name string, l look) error {
	if err := p.tray.Settle(ctx); err != nil {
		return err
	}
	file := filepath.Join(p.out, fmt.Sprintf("%s.%s.%s.png", name, l.language, l.theme))
	_, _ = fmt.Fprintln(os.Stdout, file)
	if window == "" {
		return p.tray.Desktop.Screenshot(ctx, file)
	}
	return p.tray.Screenshot(ctx, window, file)
}

// dialog takes the window that tells of the conflict, and answers it with
// Later.
func (p *photographer) dialog(ctx context.Context) error {
	const title = "flange.step"
	if err := p.tray.Await(ctx, title, title); err != nil {
		return err
	}
	if err := p.shoot(ctx, "dialog", nil); err != nil {
		return err
	}
	if err := p.dress(ctx, look{"en", "light"}); err != nil {
		return err
	}
	if err := p.tray.Click(ctx, title, "Later"); err != nil {
		return err
	}
	return p.tray.AwaitGone(ctx, title, "Later")
}

// picker lets an application ask for a document, and takes the window that
// comes.
func (p *photographer) picker(ctx context.Context) error {
	if err := p.scene.Ask(ctx); err != nil {
		return err
	}
	if err := p.tray.Await(ctx, "", "MiniCAD"); err != nil {
		return err
	}
	return p.shoot(ctx, "picker", nil)
}
