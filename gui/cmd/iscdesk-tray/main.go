// Command iscdesk-tray is the tray app: it watches the iscdesk service, shows
// what it says, and asks it to do what the user wants.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/systray"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/signin"
	"iscdesk.dev/assets/icons"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/desktop/front"
	"iscdesk.dev/gui/desktop/instances"
	"iscdesk.dev/gui/desktop/notice"
	"iscdesk.dev/gui/desktop/process"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/screen"
	"iscdesk.dev/gui/view/notify"
)

// appID is the name by which desktops know the program.
const appID = "iscdesk-tray"

// settled is when what the start has needed can be given back to the system.
const settled = 5 * time.Second

func main() {
	process.Console()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without what only a process has. It ends with an exit
// code.
func run(args []string, out, errs io.Writer) int {
	o, fault := parse(args)
	w := speak(o, "", "")
	say := func(to io.Writer, text string) { _, _ = fmt.Fprintln(to, text) }
	switch {
	case fault != "":
		say(errs, w.T(fault))
		return exitUsage
	case o.help:
		_, _ = io.WriteString(out, help(w))
		return exitOK
	case o.version:
		_, _ = io.WriteString(out, versionLine())
		return exitOK
	case o.quit:
		if _, err := instances.Quit(context.Background()); err != nil {
			say(errs, w.T("command.not_quit"))
			return exitFailed
		}
		return exitOK
	case !process.Screen():
		say(errs, w.T("command.no_screen"))
		return exitFailed
	}
	switch err := live(o); {
	case errors.Is(err, errNoScreen):
		say(errs, w.T("command.no_screen"))
		return exitFailed
	case err != nil:
		say(errs, w.T("command.failed", "reason", err.Error()))
		return exitFailed
	}
	return exitOK
}

// live claims the user's one place and shows the window until it is quit.
// Where another has the place, that one comes to the front.
func live(o options) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	mine, err := front.Claim()
	if errors.Is(err, front.ErrTaken) {
		return front.Ask(ctx, front.Wish{Show: o.show, Quiet: o.autostart})
	}
	if err != nil {
		return err
	}
	// A program that lives as long as the session keeps its memory small.
	debug.SetGCPercent(50)
	trim := time.AfterFunc(settled, debug.FreeOSMemory)
	defer trim.Stop()
	if err := process.CatchCrashes(); err != nil {
		fyne.LogError("crashes are not written down", err)
	}
	err = show(ctx, cancel, o, mine)
	if end := process.EndWell(); end != nil {
		fyne.LogError("the file of crashes stays", end)
	}
	return err
}

// errNoScreen tells that the desktop which the environment names does not
// answer.
var errNoScreen = errors.New("no screen")

// draw makes the window. Fyne panics where its library has found no screen.
func draw(c screen.Config) (w *screen.Window, err error) {
	defer func() {
		fault := recover()
		if reason, is := fault.(error); is && strings.HasPrefix(reason.Error(), "NotInitialized: ") {
			err = errNoScreen
		} else if fault != nil {
			panic(fault)
		}
	}()
	return screen.New(c), nil
}

// show is the program's life on the desktop.
func show(ctx context.Context, cancel context.CancelFunc, o options, mine *front.Place) error {
	asked, err := instances.Asked(ctx)
	if err != nil { // another user may have taken the name: the app runs, and ends by other means
		fyne.LogError("nobody can ask the program to end", err)
	}
	service := client.New(o.socket)
	defer service.Close()
	d := desk.New(desk.Config{Service: service})
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource(appID+".png", icons.Tray("fine")))
	onUI := uiThread()
	w, err := draw(screen.Config{
		App: a, Desk: d, Rooms: screen.Rooms, Floats: screen.Floats, OnUI: onUI,
		Words:   func(setting, auto string) *i18n.Words { return speak(o, setting, auto) },
		DragOut: dragOut(),
		OpenPage: func(ctx context.Context, page string) error {
			return signin.OpenBrowser(ctx, os.Getenv, page)
		},
	})
	if err != nil {
		return err
	}
	var board notice.Board
	defer board.Close()
	w.Run(screen.Background{Quit: a.Quit, Notify: func(ctx context.Context, n notify.Notice) error {
		return board.Show(ctx, notice.Notice{Title: n.Title, Text: n.Text, Label: n.Label, Open: func() { w.ShowPlace(n.Place) }})
	}})
	hasIcon := tray(a, w)
	systray.SetOnTapped(func() { onUI(w.Present) }) // Fyne's own way shows the window from another thread
	if o.autostart {
		w.StayOnlyIf(func(s api.Settings) bool { return s.StartAtLogin })
	}
	var all sync.WaitGroup
	a.Lifecycle().SetOnStarted(func() {
		all.Go(func() { _ = d.Serve(ctx) })                                       // it ends with ctx
		all.Go(func() { _ = mine.Serve(ctx, func(f front.Wish) { wish(w, f) }) }) // the same
		all.Go(func() { await(ctx, asked, func() { onUI(a.Quit) }) })             // installers and the end of the session
		all.Go(func() { _ = serveProbe(ctx) })                                    // for tests alone
		all.Go(cleanDrags)
		if hasIcon {
			all.Go(func() { awaitTray(ctx, func() { onUI(w.TrayIsThere) }) }) // it may come later than the program
		}
	})
	wish(w, front.Wish{Show: o.show, Quiet: o.autostart})
	a.Run()
	cancel()
	all.Wait()
	cleanDrags()
	return nil
}

// uiThread gives what runs functions on the UI thread, which is the one that
// calls it. Fyne runs them there while its loop runs, and right where they
// come from before and after: those that come from elsewhere are dropped then.
func uiThread() func(func()) {
	ui := process.Thread()
	return func(f func()) {
		fyne.Do(func() {
			if process.Thread() == ui {
				f()
			}
		})
	}
}

// wish shows what a start has asked for.
func wish(w *screen.Window, f front.Wish) {
	if f.Quiet {
		return
	}
	if p, known := place(f.Show); known {
		w.ShowPlace(p)
	}
}

func await(ctx context.Context, asked <-chan struct{}, then func()) {
	select {
	case <-asked:
		then()
	case <-ctx.Done():
	}
}

// tray puts the icon where the desktop may show it. Fyne takes it only before
// it runs, and fails at the end without a bus.
func tray(a fyne.App, w *screen.Window) bool {
	host, ok := a.(desktop.App)
	if ok = ok && process.Bus(); ok {
		w.PutIcon(host)
	}
	return ok
}

// awaitTray waits for a tray in which the icon is seen.
func awaitTray(ctx context.Context, there func()) {
	if process.AwaitTray(ctx) {
		there()
	}
}

// speak gives the texts of the language that the command line, the settings or
// the session ask for, in this order; auto is what the administrator wants
// where the user leaves it open.
func speak(o options, setting, auto string) *i18n.Words {
	lang := process.Language()
	for _, choice := range []string{o.lang, setting, auto} {
		if choice == string(api.Chinese) || choice == string(api.English) {
			lang = api.Language(choice)
			break
		}
	}
	w, err := i18n.New(lang, nil)
	if err != nil {
		panic(err) // the texts are part of the program; a test reads them all
	}
	return w
}
