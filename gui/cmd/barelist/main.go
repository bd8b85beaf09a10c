// Command barelist is the least program of its kind, beside which the tray app
// is measured: a window of Fyne with a button, and behind it a list of 20,000
// rows of one text each.
package main

import (
	"context"
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/guitest/probe"
)

const rows = 20_000

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := app.NewWithID("barelist").NewWindow("barelist")
	list := widget.NewList(func() int { return rows },
		func() fyne.CanvasObject { return widget.NewLabel("") },
		func(i int, o fyne.CanvasObject) { o.(*widget.Label).SetText(fmt.Sprintf("Part-%05d.step", i)) })
	list.Hide()
	button := widget.NewButton("Documents", list.Show)
	w.SetContent(container.NewBorder(button, nil, nil, nil, list))
	w.Resize(fyne.NewSize(1080, 720))
	go func() { _ = probe.Serve(ctx, os.Getenv(probe.Env)) }() // it ends with the program
	w.ShowAndRun()
}
