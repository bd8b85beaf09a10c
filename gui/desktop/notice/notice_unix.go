//go:build unix

package notice

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"

	"iscdesk.dev/gui/desktop/process"
)

// The names of the session's notification server.
const (
	server     = "org.freedesktop.Notifications"
	serverPath = "/org/freedesktop/Notifications"
	byDefault  = "default" // the action of a click on the notification itself
	mostKept   = 64        // notifications whose clicks are waited for
)

// errNoBus tells that nothing shows notifications.
var errNoBus = errors.New("the session has no message bus")

// board keeps a connection to the bus, over which clicks come.
type board struct {
	mu    sync.Mutex // guards what follows
	bus   *dbus.Conn // nil: none yet, or lost
	opens []shown    // oldest first
}

// shown is a notification that the user may click on.
type shown struct {
	id   uint32
	open func()
}

// show asks the session's notification server. Some of them take the text for
// markup.
func (b *board) show(ctx context.Context, n Notice) error {
	b.mu.Lock() // also for the answer: a click cannot overtake it
	defer b.mu.Unlock()
	bus, err := b.connect(ctx)
	if err != nil {
		return err
	}
	actions := []string{}
	if n.Open != nil && tellsOfClicks(ctx, bus) {
		actions = []string{byDefault, n.Label}
	}
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.Text)
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("iscdesk-tray")}
	var id uint32
	if err := bus.Object(server, serverPath).CallWithContext(ctx, server+".Notify", 0, "iscdesk", uint32(0), "iscdesk",
		n.Title, text, actions, hints, int32(-1)).Store(&id); err != nil {
		return err
	}
	b.forget(id)
	if len(actions) > 0 {
		b.opens = append(b.opens, shown{id, n.Open})
		b.opens = b.opens[max(0, len(b.opens)-mostKept):]
	}
	return nil
}

// connect gives the connection, a new one where it was lost. Looking for a bus
// that is not there would start one. The caller holds mu.
func (b *board) connect(ctx context.Context) (*dbus.Conn, error) {
	if b.bus != nil && b.bus.Connected() {
		return b.bus, nil
	}
	b.bus, b.opens = nil, nil
	if !process.Bus() {
		return nil, errNoBus
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, err
	}
	signals := make(chan *dbus.Signal, 64)
	bus.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(server), dbus.WithMatchInterface(server), dbus.WithMatchObjectPath(serverPath)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, server)},
	} {
		if err := bus.AddMatchSignalContext(ctx, match...); err != nil {
			return nil, errors.Join(err, bus.Close())
		}
	}
	go b.hear(signals) // until the connection ends
	b.bus = bus
	return bus, nil
}

// tellsOfClicks asks whether the server is one that does.
func tellsOfClicks(ctx context.Context, bus *dbus.Conn) bool {
	var can []string
	err := bus.Object(server, serverPath).CallWithContext(ctx, server+".GetCapabilities", 0).Store(&can)
	return err == nil && slices.Contains(can, "actions")
}

// hear follows the clicks.
func (b *board) hear(signals <-chan *dbus.Signal) {
	for s := range signals {
		var id uint32
		var what string
		switch s.Name {
		case server + ".ActionInvoked":
			if dbus.Store(s.Body, &id, &what) == nil && what == byDefault {
				b.clicked(id)
			}
		case server + ".NotificationClosed":
			if len(s.Body) > 0 && dbus.Store(s.Body[:1], &id) == nil {
				b.mu.Lock()
				b.forget(id)
				b.mu.Unlock()
			}
		case "org.freedesktop.DBus.NameOwnerChanged": // another server counts anew
			b.mu.Lock()
			b.opens = nil
			b.mu.Unlock()
		}
	}
}

// clicked does what a click on a notification leads to, once.
func (b *board) clicked(id uint32) {
	b.mu.Lock()
	i := slices.IndexFunc(b.opens, func(s shown) bool { return s.id == id })
	if i < 0 {
		b.mu.Unlock()
		return
	}
	open := b.opens[i].open
	b.forget(id)
	b.mu.Unlock()
	open()
}

// forget forgets a notification. The caller holds mu.
func (b *board) forget(id uint32) {
	b.opens = slices.DeleteFunc(b.opens, func(s shown) bool { return s.id == id })
}

func (b *board) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bus != nil {
		_ = b.bus.Close() // the server keeps the notifications
	}
	b.bus, b.opens = nil, nil
}
