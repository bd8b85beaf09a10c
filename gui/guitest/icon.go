package guitest

import (
	"context"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"
)

// The names by which tray icons and their menus are found on the session's bus.
const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	menuPath    = "/StatusNotifierMenu"
	menu        = "com.canonical.dbusmenu"
)

// Icon is the tray icon of a program, as the desktop's panel has it, with its
// menu.
type Icon struct {
	bus     *dbus.Conn
	owner   string
	changes chan *dbus.Signal
}

// AwaitTrayItem waits until the panel has an icon of the process.
func (d *Desktop) AwaitTrayItem(ctx context.Context, pid int) (*Icon, error) {
	bus, err := dbus.Connect(d.bus, dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	i := &Icon{bus: bus, changes: make(chan *dbus.Signal, 64)}
	bus.Signal(i.changes)
	for _, name := range []string{watcher, menu} {
		if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchInterface(name)); err != nil {
			return nil, err
		}
	}
	return i, i.await(ctx, "a tray icon", func() (bool, error) {
		value, err := bus.Object(watcher, watcherPath).GetProperty(watcher + ".RegisteredStatusNotifierItems")
		if err != nil {
			return false, err
		}
		items, _ := value.Value().([]string)
		for _, item := range items {
			var owner uint32
			name, _, _ := strings.Cut(item, "/")
			call := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name)
			if call.Store(&owner) == nil && int(owner) == pid {
				i.owner = name
				return true, nil
			}
		}
		return false, nil
	})
}

// await asks again after each signal of the panel or of the menu.
func (i *Icon) await(ctx context.Context, what string, there func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		ok, err := there()
		if ok || err != nil {
			return err
		}
		select {
		case <-i.changes:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
}

// entry is a node of a menu as the protocol has it.
type entry struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// find gives the id of the entry of that label.
func (e entry) find(label string) (id int32, ok bool) {
	if text, _ := e.Properties["label"].Value().(string); text == label {
		return e.ID, true
	}
	for _, v := range e.Children {
		var child entry
		if dbus.Store([]any{v.Value()}, &child) == nil {
			if id, ok := child.find(label); ok {
				return id, true
			}
		}
	}
	return 0, false
}

// AwaitEntry waits until the menu has an entry of that label.
func (i *Icon) AwaitEntry(ctx context.Context, label string) error {
	_, err := i.find(ctx, label)
	return err
}

func (i *Icon) find(ctx context.Context, label string) (id int32, err error) {
	err = i.await(ctx, fmt.Sprintf("the entry %q", label), func() (ok bool, err error) {
		var revision uint32
		var root entry
		call := i.bus.Object(i.owner, menuPath).CallWithContext(ctx, menu+".GetLayout", 0, int32(0), int32(-1), []string{})
		if err := call.Store(&revision, &root); err != nil {
			return false, err
		}
		id, ok = root.find(label)
		return ok, nil
	})
	return id, err
}

// Choose waits for the entry of that label and clicks on it, as the panel does.
func (i *Icon) Choose(ctx context.Context, label string) error {
	id, err := i.find(ctx, label)
	if err != nil {
		return err
	}
	return i.bus.Object(i.owner, menuPath).CallWithContext(ctx, menu+".Event", 0, id, "clicked", dbus.MakeVariant(""), uint32(0)).Err
}

// Close ends the connection to the bus.
func (i *Icon) Close() error { return i.bus.Close() }
