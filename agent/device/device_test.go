package device

import (
	"errors"
	"net"
	"regexp"
	"testing"

	"github.com/denisbrodbeck/machineid"

	"iscdesk.dev/agent/api"
)

var errNone = errors.New("none")

func fake(machine string, host string, list ...nic) sources {
	give := func(s string) func() (string, error) {
		return func() (string, error) {
			if s == "error" {
				return "", errNone
			}
			return s, nil
		}
	}
	return sources{machine: give(machine), host: give(host), nics: func() ([]nic, error) { return list, nil }}
}

const good = "0123456789abcdef0123456789abcdef"

func TestID(t *testing.T) {
	card, second, virtual := nic{"04:7c:16:5e:e3:5d", true}, nic{"04:7c:16:00:00:01", true}, nic{"02:42:ac:11:00:02", false}
	same := func(a, b sources) bool {
		x, errX := a.id("minicad")
		y, errY := b.id("minicad")
		return errX == nil && errY == nil && x == y
	}
	for _, c := range []struct {
		name string
		a, b sources
		same bool
	}{
		{"cards play no part beside a machine id", fake(good, "h1", card), fake(good, "h2"), true},
		{"another machine", fake(good, "h1"), fake("f"+good[1:], "h1"), false},
		{"order of cards", fake("error", "h", card, second), fake("error", "h", second, card), true},
		{"a bridge comes and goes", fake("error", "h", card), fake("error", "h", card, virtual), true},
		{"another card", fake("error", "h", card), fake("error", "h", second), false},
		{"another host", fake("error", "h1", card), fake("error", "h2", card), false},
		{"container without hardware", fake("error", "h", virtual), fake("error", "h", virtual), true},
		{"empty file as missing", fake("", "h", card), fake("error", "h", card), true},
		{"uninitialized as missing", fake("uninitialized", "h", card), fake("error", "h", card), true},
		{"zeros as missing", fake("00000000000000000000000000000000", "h", card), fake("error", "h", card), true},
	} {
		if same(c.a, c.b) != c.same {
			t.Errorf("%s", c.name)
		}
	}
}

func TestUnknown(t *testing.T) {
	for name, s := range map[string]sources{
		"no cards":     fake("error", "h"),
		"no host name": fake("error", "error", nic{"04:7c:16:5e:e3:5d", true}),
		"empty id":     fake("", "error"),
	} {
		if id, err := s.id("minicad"); id != "" || !errors.Is(err, api.DeviceUnknown) {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

func TestProductsCannotCompareNotes(t *testing.T) {
	s := fake(good, "h")
	a, _ := s.id("minicad")
	b, _ := s.id("maxicad")
	if a == b || !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(a) {
		t.Fatalf("%q %q", a, b)
	}
}

func TestThisMachine(t *testing.T) {
	id, err := ID("minicad")
	again, errAgain := ID("minicad")
	if id != again || (err == nil) != (errAgain == nil) {
		t.Fatalf("%q, then %q", id, again)
	}
	if machine, e := machineid.ID(); e == nil && usable(machine) {
		if want, _ := machineid.ProtectedID("minicad"); id != want {
			t.Fatalf("%q, want what machineid gives: %q", id, want)
		}
	}
	if err != nil && !errors.Is(err, api.DeviceUnknown) {
		t.Fatal(err)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string][2]bool{ // is an address, is its maker's
		"04:7c:16:5e:e3:5d":       {true, true},
		"02:42:ac:11:00:02":       {true, false},
		"01:00:5e:00:00:01":       {true, false},
		"00:00:00:00:00:00":       {false, true},
		"00:00:00:00:fe:80:00:01": {false, true},
	} {
		a, err := net.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		if macAddress(a) != want[0] || makersOwn(a) != want[1] {
			t.Errorf("%s: %v %v", text, macAddress(a), makersOwn(a))
		}
	}
}
