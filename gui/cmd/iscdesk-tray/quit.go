package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"iscdesk.dev/gui/desktop/instances"
)

// quitOthers is --quit: it ends the tray apps that run from this program, as
// the installers do before they replace or remove it. It needs no display.
func quitOthers() int {
	const patience = 20 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := instances.Quit(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "iscdesk-tray:", err)
		return 1
	}
	return 0
}

// quitWhenAsked calls quit once another process, or the end of the session,
// asks this one to end; not after ctx has ended.
func quitWhenAsked(ctx context.Context, quit func()) {
	asked, err := instances.Asked(ctx)
	if err != nil {
		return // then it is killed instead, which loses nothing
	}
	<-asked
	if ctx.Err() == nil {
		quit()
	}
}
