package server

import "testing"

// A program that opens connections without end must not fill the log of the
// machine with them.
func TestAFloodIsLoggedOnce(t *testing.T) {
	u := (&tenants{}).of("uid:1", Limits{Connections: 2})
	logged := 0
	flood := func() {
		for range 100 {
			u.connect()
			if u.refuse() {
				logged++
			}
		}
	}
	u.connect()
	u.connect()
	flood()
	if flood(); logged != 1 {
		t.Errorf("one flood was logged %d times", logged)
	}
	u.disconnect()
	if flood(); logged != 2 {
		t.Errorf("two floods were logged %d times", logged)
	}
	if u.disconnect(); u.connections != 0 {
		t.Errorf("%d connections are counted, none is open", u.connections)
	}
}
