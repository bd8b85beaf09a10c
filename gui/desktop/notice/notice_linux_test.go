package notice

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// server is a notification server that keeps what it is asked to show.
type server struct{ shown chan [2]string }

// Notify is the method of the desktop's notification servers.
func (s server) Notify(_ string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	s.shown <- [2]string{title, text}
	return 1, nil
}

func TestANoticeReachesTheDesktopWithoutMarkup(t *testing.T) {
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
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	s := server{make(chan [2]string, 1)}
	if err := conn.Export(s, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if err := Show(t.Context(), Notice{Title: "文档", Text: `“<img src="http://x/">&` + "\x07" + `$(x)”未能发布`}); err != nil {
		t.Fatal(err)
	}
	if got := <-s.shown; got != [2]string{"文档", `“&lt;img src="http://x/"&gt;&amp;$(x)”未能发布`} {
		t.Errorf("shown %q", got)
	}
}
