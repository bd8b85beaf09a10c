package process

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

// Tray tells whether the desktop has a tray that shows icons.
func Tray(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }() // it was only asked
	value, err := bus.Object("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher").
		GetProperty("org.kde.StatusNotifierWatcher.IsStatusNotifierHostRegistered")
	if err != nil {
		return false
	}
	there, ok := value.Value().(bool)
	return ok && there
}
