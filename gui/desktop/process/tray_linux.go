package process

import (
	"context"
	"os"
	"path/filepath"

	"github.com/godbus/dbus/v5"
)

// The session's register of tray icons, and what tells that something shows
// them.
const (
	watcher      = "org.kde.StatusNotifierWatcher"
	watcherPath  = "/StatusNotifierWatcher"
	hostProperty = watcher + ".IsStatusNotifierHostRegistered"
)

// Bus tells whether the session has a message bus, over which icons, menus and
// notifications go. Looking for one that is not there would start another.
func Bus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		_, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus"))
		if err != nil || os.Getenv("XDG_RUNTIME_DIR") == "" {
			return false
		}
	}
	bus, err := dbus.ConnectSessionBus()
	return err == nil && bus.Close() == nil
}

// AwaitTray waits until the desktop has a tray that shows icons, which it may
// have only some time after the session has begun, or never. It tells whether
// there is one.
func AwaitTray(ctx context.Context) bool {
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }() // it was only asked
	changes := make(chan *dbus.Signal, 16)
	bus.Signal(changes)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher)},
		{dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostRegistered")},
	} {
		if err := bus.AddMatchSignalContext(ctx, match...); err != nil {
			return false
		}
	}
	for !hasHost(bus) {
		select {
		case _, open := <-changes:
			if !open {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func hasHost(bus *dbus.Conn) bool {
	value, err := bus.Object(watcher, watcherPath).GetProperty(hostProperty)
	if err != nil {
		return false
	}
	there, ok := value.Value().(bool)
	return ok && there
}
