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
	"strings"
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

// rooms is the title of the window with the rooms.
const rooms = "iscdesk"

// look is one language with one theme.
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
	if err := p.shoot(ctx, "", "first-run"); err != nil {
		return err
	}
	if err := p.scene.Furnish(ctx); err != nil {
		return err
	}
	for _, scene := range []func(context.Context) error{p.dialog, p.each, p.documents, p.solves, p.frozen, p.picker} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return nil
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

// shoot takes a picture of a window in every look, or without one of the whole
// screen.
func (p *photographer) shoot(ctx context.Context, window, name string) error {
	for _, l := range []look{{"zh-CN", "dark"}, {"zh-CN", "light"}, {"en", "dark"}, {"en", "light"}} { // what comes next clicks on English
		if err := p.dress(ctx, l); err != nil {
			return err
		}
		if err := p.take(ctx, window, name, l); err != nil {
			return err
		}
	}
	return nil
}

// each takes every room as it is entered.
func (p *photographer) each(ctx context.Context) error {
	for _, r := range guitest.Rooms() {
		if err := r.Enter(ctx, p.tray); err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
		if err := p.shoot(ctx, guitest.MainWindow, r.Name); err != nil {
			return err
		}
	}
	return nil
}

// do clicks on what is named, one after the other.
func (p *photographer) do(ctx context.Context, window string, texts ...string) error {
	for _, text := range texts {
		click := p.tray.Click
		if folder, isFolder := strings.CutSuffix(text, "/"); isFolder {
			click, text = p.tray.DoubleClick, folder
		}
		if err := click(ctx, window, text); err != nil {
			return err
		}
	}
	return nil
}

// documents takes the parts of that room: a document with what is known of it,
// its versions, what waits, and the conflict.
func (p *photographer) documents(ctx context.Context) error {
	for _, part := range []struct {
		name   string
		clicks []string
	}{
		{"documents-details", []string{"Documents", "projects/", "减速机 2026/", "支架 A.step"}},
		{"documents-versions", []string{"Versions"}},
		{"documents-pending", []string{"Not published yet"}},
		{"documents-conflicts", []string{"Conflicts"}},
	} {
		if err := p.do(ctx, rooms, part.clicks...); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		if err := p.shoot(ctx, guitest.MainWindow, part.name); err != nil {
			return err
		}
	}
	return nil
}

func (p *photographer) solves(ctx context.Context) error {
	if err := p.do(ctx, rooms, "Solves", "beam.inp/"); err != nil {
		return err
	}
	return p.shoot(ctx, guitest.MainWindow, "solves-results")
}

// frozen takes what is seen of a licence that its vendor has frozen.
func (p *photographer) frozen(ctx context.Context) error {
	if err := p.scene.Freeze(ctx, "minicad"); err != nil {
		return err
	}
	if err := p.do(ctx, rooms, "Licences"); err != nil {
		return err
	}
	if err := p.tray.Await(ctx, rooms, "Frozen"); err != nil {
		return err
	}
	return p.shoot(ctx, guitest.MainWindow, "licenses-frozen")
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
	if err := p.shoot(ctx, "", "dialog"); err != nil {
		return err
	}
	if err := p.tray.Click(ctx, title, "Later"); err != nil {
		return err
	}
	return p.tray.AwaitGone(ctx, title, "Later")
}

// picker lets an application ask for a document, and where to save another.
func (p *photographer) picker(ctx context.Context) error {
	const open, save, asks = "Open for", "Save for", "MiniCAD" // the last in both languages
	if err := p.scene.Ask(); err != nil {
		return err
	}
	if err := p.do(ctx, open, "All spaces", "projects/", "减速机 2026/", "housing.step"); err != nil {
		return err
	}
	if err := p.shoot(ctx, asks, "picker-open"); err != nil {
		return err
	}
	if err := p.do(ctx, open, "Cancel"); err != nil {
		return err
	}
	if err := p.scene.AskWhere(); err != nil {
		return err
	}
	if err := p.do(ctx, save, "Save"); err != nil {
		return err
	}
	if err := p.shoot(ctx, asks, "picker-save"); err != nil {
		return err
	}
	return p.do(ctx, save, "Cancel")
}
