// Command iscdesk-tray is the tray app: it watches the iscdesk service, shows
// what it says, and asks it to do what the user wants.
package main

import (
	"context"
	"os"
	"slices"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/assets/version"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/screen"
	"iscdesk.dev/gui/view/about"
)

func main() {
	if slices.Contains(os.Args[1:], "--quit") {
		os.Exit(quitOthers())
	}
	service := client.New("")
	d := desk.New(desk.Config{Service: service})
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	a := app.NewWithID("iscdesk-tray")
	w := screen.New(screen.Config{
		App: a, Desk: d, Words: words, Rooms: screen.Rooms, Floats: screen.Floats,
		About: about.Config{Version: version.String(), LicenseTexts: about.InstalledTexts()},
	})
	serving.Go(func() { _ = d.Serve(ctx) })    // it ends with ctx
	serving.Go(func() { _ = serveProbe(ctx) }) // likewise
	go quitWhenAsked(ctx, func() { fyne.Do(a.Quit) })
	w.Fyne().SetMaster()
	w.Present()
	fyne.CurrentApp().Run()
	cancel()
	serving.Wait()
	service.Close()
}

// words speaks the language of a setting; auto is that of the environment.
func words(setting string) *i18n.Words {
	lang := api.Language(setting)
	if lang != api.Chinese && lang != api.English {
		lang = api.ParseLanguage(os.Getenv("LANG"))
	}
	w, err := i18n.New(lang, nil)
	if err != nil {
		panic(err) // the texts are part of the program; a test reads them all
	}
	return w
}
