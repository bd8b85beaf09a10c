package notice

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// shownNotice is what a notification server was asked to show.
type shownNotice struct {
	title, text string
	actions     []string
}

// desktop is a notification server that keeps what it is asked to show.
type desktop struct {
	bus   *dbus.Conn
	can   []string
	last  uint32
	shown chan shownNotice
}

// GetCapabilities is a method of the desktop's notification servers.
func (d *desktop) GetCapabilities() ([]string, *dbus.Error) { return d.can, nil }

// Notify is another.
func (d *desktop) Notify(_ string, _ uint32, _, title, text string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.last++
	d.shown <- shownNotice{title, text, actions}
	return d.last, nil
}

func (d *desktop) emit(t *testing.T, signal string, values ...any) {
	t.Helper()
	if err := d.bus.Emit(serverPath, server+"."+signal, values...); err != nil {
		t.Fatal(err)
	}
}

// session starts a message bus with a notification server that can what is
// said.
func session(t *testing.T, can ...string) *desktop {
	t.Helper()
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = bus.Process.Signal(os.Interrupt)
		_ = bus.Wait() // it ends by the signal
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	return serve(t, can...)
}

// serve puts a notification server on the session's bus.
func serve(t *testing.T, can ...string) *desktop {
	t.Helper()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the bus ends anyway
	d := &desktop{bus: conn, can: can, shown: make(chan shownNotice, 1)}
	if err := conn.Export(d, serverPath, server); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(server, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestANoticeReachesTheDesktopWithoutMarkup(t *testing.T) {
	d := session(t, "body", "body-markup")
	var b Board
	defer b.Close()
	if err := b.Show(t.Context(), Notice{Title: "文档", Text: `“<img src="http://x/">&` + "\x07" + `$(x)”未能发布`, Label: "查看", Open: func() {}}); err != nil {
		t.Fatal(err)
	}
	got := <-d.shown
	if got.title != "文档" || got.text != `“&lt;img src="http://x/"&gt;&amp;$(x)”未能发布` || len(got.actions) > 0 {
		t.Errorf("shown %q", got)
	}
}

func TestAClickLeadsToItsPlaceOnce(t *testing.T) {
	d := session(t, "actions", "body")
	var b Board
	defer b.Close()
	opened := make(chan string, 10)
	show := func(d *desktop, name string) {
		t.Helper()
		if err := b.Show(t.Context(), Notice{Title: name, Label: "Show", Open: func() { opened <- name }}); err != nil {
			t.Fatal(err)
		}
		if got := <-d.shown; !slices.Equal(got.actions, []string{"default", "Show"}) {
			t.Errorf("actions %q", got.actions)
		}
	}
	for _, name := range []string{"1", "2", "3"} {
		show(d, name)
	}
	d.emit(t, "NotificationClosed", uint32(1), uint32(2))
	for _, click := range []struct {
		id     uint32
		action string
	}{{1, "default"}, {99, "default"}, {3, "other"}, {2, "default"}, {2, "default"}} {
		d.emit(t, "ActionInvoked", click.id, click.action)
	}
	d.emit(t, "ActionInvoked", "no", "number")
	d.emit(t, "ActionInvoked", uint32(3), "default")
	if got := []string{<-opened, <-opened}; !slices.Equal(got, []string{"2", "3"}) {
		t.Errorf("opened %q", got)
	}

	show(d, "old") // 4
	if err := d.bus.Close(); err != nil {
		t.Fatal(err)
	}
	d = serve(t, "actions")
	d.emit(t, "ActionInvoked", uint32(4), "default") // of another server
	show(d, "new")                                   // 1
	d.emit(t, "ActionInvoked", uint32(1), "default")
	if got := <-opened; got != "new" || len(opened) > 0 {
		t.Errorf("opened %q", got)
	}
}

func TestWithoutABusNoneIsStarted(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	var b Board
	defer b.Close()
	if err := b.Show(t.Context(), Notice{Title: "x"}); err == nil || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		t.Errorf("%v, bus %q", err, os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	}
}
