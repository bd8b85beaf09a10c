//go:build unix

package choose

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/ncruces/zenity"

	"iscdesk.dev/gui/desktop/process"
)

// The names of the desktop portal.
const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = "/org/freedesktop/portal/desktop"
	chooser       = "org.freedesktop.portal.FileChooser"
	request       = "org.freedesktop.portal.Request"
	foldersSince  = 3               // the version of the chooser that can ask for folders
	portalAnswers = 6 * time.Second // starting one takes up to three
)

// How a request of the portal ends. Choosers that are closed with Escape or by
// their frame say that it ended otherwise, as do portals that cannot ask: what
// ends sooner than anybody could have closed it was never shown.
const (
	answered  = 0
	cancelled = 1
	otherwise = 2
	unseen    = 500 * time.Millisecond
)

// errPortal tells that the portal cannot ask.
var errPortal = errors.New("no desktop portal asks for files")

// portal asks the desktop portal.
func portal(ctx context.Context, q Question) ([]string, error) {
	if !process.Bus() {
		return nil, errPortal
	}
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(context.WithoutCancel(ctx))) // a chooser is closed over it when ctx ends
	if err != nil {
		return nil, err
	}
	defer func() { _ = bus.Close() }() // the answer is here
	version, err := chooserVersion(ctx, bus)
	if err != nil || q.Kind == Folder && version < foldersSince {
		return nil, errors.Join(errPortal, err)
	}
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	token := "iscdesk" + rand.Text()
	handle := dbus.ObjectPath(portalPath + "/request/" + strings.NewReplacer(":", "", ".", "_").Replace(bus.Names()[0]) + "/" + token)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(request), dbus.WithMatchObjectPath(handle), dbus.WithMatchMember("Response")},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, portalName)},
	} {
		if err := bus.AddMatchSignalContext(ctx, match...); err != nil {
			return nil, err
		}
	}
	var got dbus.ObjectPath
	method, options := order(q, token)
	begun := time.Now()
	start, done := context.WithTimeout(ctx, 3*portalAnswers)
	defer done()
	if err := bus.Object(portalName, portalPath).CallWithContext(start, chooser+method, 0, parent(q.Parent), q.Title, options).Store(&got); err != nil {
		shut(ctx, bus, handle)
		return nil, err
	}
	if got != handle {
		return nil, fmt.Errorf("%w: it is too old", errPortal)
	}
	return await(ctx, bus, handle, signals, begun)
}

// chooserVersion tells which version of the chooser the portal has. One that
// has to be started first, and has nothing to start with, is not waited for.
func chooserVersion(ctx context.Context, bus *dbus.Conn) (uint32, error) {
	ctx, cancel := context.WithTimeout(ctx, portalAnswers)
	defer cancel()
	var version dbus.Variant
	err := bus.Object(portalName, portalPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, chooser, "version").Store(&version)
	number, _ := version.Value().(uint32)
	return number, err
}

// order is the method for a question, and its options.
func order(q Question, token string) (method string, options map[string]dbus.Variant) {
	options = map[string]dbus.Variant{"handle_token": dbus.MakeVariant(token), "modal": dbus.MakeVariant(true)}
	switch q.Kind {
	case Save:
		options["current_name"] = dbus.MakeVariant(q.Name)
		return ".SaveFile", options
	case Folder:
		options["directory"] = dbus.MakeVariant(true)
	default:
		options["multiple"] = dbus.MakeVariant(true)
	}
	return ".OpenFile", options
}

// parent is a window as the portal knows it.
func parent(window uintptr) string {
	if window == 0 {
		return ""
	}
	return fmt.Sprintf("x11:%x", window)
}

// await waits for the user's answer to what began then. A portal that goes away
// has none.
func await(ctx context.Context, bus *dbus.Conn, handle dbus.ObjectPath, signals <-chan *dbus.Signal, begun time.Time) ([]string, error) {
	for {
		select {
		case s, open := <-signals:
			if !open || s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
				return nil, errPortal
			}
			if s.Path == handle {
				return read(s.Body, time.Since(begun))
			}
		case <-ctx.Done():
			shut(ctx, bus, handle)
			return nil, ctx.Err()
		}
	}
}

// shut closes a chooser that nobody waits for any more.
func shut(ctx context.Context, bus *dbus.Conn, handle dbus.ObjectPath) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), portalAnswers)
	defer cancel()
	bus.Object(portalName, handle).CallWithContext(ctx, request+".Close", 0) // the portal closes it with the connection, too
}

// read reads the answer of the portal, which took a while.
func read(body []any, took time.Duration) ([]string, error) {
	var code uint32
	var results map[string]dbus.Variant
	if err := dbus.Store(body, &code, &results); err != nil {
		return nil, err
	}
	switch {
	case code == answered:
	case code == cancelled, code == otherwise && took > unseen:
		return nil, zenity.ErrCanceled
	default:
		return nil, fmt.Errorf("%w: it ended with %d", errPortal, code)
	}
	uris, _ := results["uris"].Value().([]string)
	var paths []string
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "file" || !filepath.IsAbs(u.Path) {
			return nil, fmt.Errorf("%w: it knows a place that is no file", errPortal)
		}
		paths = append(paths, filepath.FromSlash(u.Path))
	}
	return paths, nil
}
