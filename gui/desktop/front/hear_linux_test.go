package front_test

import (
	"net"
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
