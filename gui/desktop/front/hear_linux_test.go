package front_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/gui/desktop/front"
)

func TestNonsenseIsNotHeard(t *testing.T) {
	dir := own(t)
	p, err := front.Claim()
	if err != nil {
		t.Fatal(err)
	}
	wishes, stop := serve(t, p)
	for _, line := range []string{"\n", "show me\n", "{\"show\":7}\n", strings.Repeat("x", 9000) + "\n", "[]\n"} {
		c, err := net.Dial("unix", filepath.Join(dir, "iscdesk", "tray.sock"))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = c.Write([]byte(line)) // it may be refused before it is read
		if n, _ := c.Read(make([]byte, 8)); n != 0 {
			t.Errorf("%.20q was answered", line)
		}
		_ = c.Close()
	}
	stop()
	if len(wishes) != 0 {
		t.Errorf("heard %+v", <-wishes)
	}
}

// TestAPlaceThatOthersCouldListenOn is one where nothing is heard, and the tray
// app runs all the same.
func TestAPlaceThatOthersCouldListenOn(t *testing.T) {
	dir := own(t)
	open := filepath.Join(dir, "iscdesk")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil { //nolint:gosec // as another user would like it
		t.Fatal(err)
	}
	p, err := front.Claim()
	if err != nil {
		t.Fatal(err)
	}
	_, stop := serve(t, p)
	defer stop()
	if _, err := os.Lstat(filepath.Join(open, "tray.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a socket where others can write: %v", err)
	}
	if _, err := front.Claim(); !errors.Is(err, front.ErrTaken) {
		t.Errorf("a second one: %v", err)
	}
	if err := front.Ask(t.Context(), front.Wish{}); err == nil {
		t.Error("somebody answers")
	}
}
