package main

import (
	"context"

	"fyne.io/fyne/v2"

	"iscdesk.dev/gui/desktop/dragout"
	"iscdesk.dev/gui/view"
)

// dragOut is how documents are dragged out of the window; nil: not at all.
func dragOut() view.DragOut {
	if !dragout.Can() {
		return nil
	}
	ends := map[dragout.Outcome]view.DragEnd{
		dragout.Nothing: view.DragNothing, dragout.Dropped: view.DragDone, dragout.Late: view.DragLate, dragout.Silent: view.DragSilent,
	}
	return func(ctx context.Context, name string, fetch func(context.Context, string) error) (view.DragEnd, error) {
		outcome, err := dragout.Drag(ctx, name, fetch)
		return ends[outcome], err
	}
}

// cleanDrags removes what earlier drags have left.
func cleanDrags() {
	if err := dragout.Clean(); err != nil {
		fyne.LogError("copies of dragged documents stay", err)
	}
}
