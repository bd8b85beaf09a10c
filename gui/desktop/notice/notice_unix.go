//go:build unix

package notice

import (
	"context"
	"strings"

	"github.com/godbus/dbus/v5"
)

// show asks the session's notification server. Some of them take the text for
// markup.
func show(ctx context.Context, n Notice) error {
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }() // the server keeps the notification
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.Text)
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("iscdesk-tray")}
	return bus.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").CallWithContext(ctx,
		"org.freedesktop.Notifications.Notify", 0, "iscdesk", uint32(0), "iscdesk", n.Title, text,
		[]string{}, hints, int32(-1)).Err
}
