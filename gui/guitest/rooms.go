package guitest

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
	"iscdesk.dev/gui/guitest/probe"
	"iscdesk.dev/gui/view/shell"
)

// MainWindow is the title of the window with the rooms, as xdotool searches it.
const MainWindow = "^iscdesk$"

// Room is a room of the window, and the keys that lead there.
type Room struct {
	Name string
	keys []string
}

// Rooms are the rooms in the order of the navigation.
func Rooms() []Room {
	rooms := make([]Room, 0, len(shell.Rooms()))
	for i, name := range shell.Rooms() {
		rooms = append(rooms, Room{Name: string(name), keys: []string{"ctrl+" + string(rune('1'+i))}})
	}
	return rooms
}

// Word is how the navigation calls the room.
func (r Room) Word(language string) string {
	texts, err := locale.GUI(string(api.ParseLanguage(language)))
	if err != nil {
		return r.Name
	}
	return texts.Fill("shell.room." + r.Name)
}

// Enter goes to the room by its keys, and waits until it is there.
func (r Room) Enter(ctx context.Context, t *Tray) error {
	if _, err := t.Desktop.window(ctx, MainWindow); err != nil {
		return err
	}
	if err := t.Key(ctx, r.keys...); err != nil {
		return err
	}
	return t.Settle(ctx)
}

// Settle waits until the window has shown the same texts for some frames.
func (t *Tray) Settle(ctx context.Context) error {
	_, err := t.Ask(ctx, probe.Request{Still: settleFrames})
	return err
}

// settleFrames is for how many frames nothing may change: half a second.
const settleFrames = 30
