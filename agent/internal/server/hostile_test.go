package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/session"
)

// Each of these ends its own connection, and no other.
func TestHostileFrames(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.FrameWait, l.HelloWait = 100*time.Millisecond, 5*time.Second }))
	bystander := r.session(bob, "bystander")
	deep := strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000)
	for _, row := range []struct {
		name  string
		bytes []byte
	}{
		{"length 0", frame(0, 1, "")},
		{"length 2^31", frame(1<<31, 1, "x")},
		{"length 2^32-1", frame(1<<32-1, 1, "x")},
		{"one byte too long", frame(session.MaxMessage+2, 1, "{")},
		{"content too long", frame(session.MaxContent+2, 2, "{")},
		{"truncated header", []byte{0, 0}},
		{"truncated body", frame(100, 1, `{"id":2`)},
		{"kind 0", frame(3, 0, "{}")},
		{"kind 3", frame(3, 3, "{}")},
		{"kind 255", frame(3, 255, "{}")},
		{"no body", frame(1, 1, "")},
		{"not JSON", message("heartbeat")},
		{"a list", message("[1,2,3]")},
		{"no call", message(`{"id":2}`)},
		{"no number", message(`{"call":"heartbeat"}`)},
		{"a negative number", message(`{"id":-1,"call":"heartbeat"}`)},
		{"an answer", message(`{"id":2,"ok":{}}`)},
		{"an event", message(`{"event":{"name":"lease.lost"}}`)},
		{"content on a session", frame(5, 2, "data")},
		{"10^6 brackets", message(`{"id":2,"call":"heartbeat","args":` + deep[:1_000_000] + `}`)},
		{"HTTP", []byte("GET /v1/state HTTP/1.1\r\nHost: " + api.Host + "\r\n\r\n")},
	} {
		for _, first := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/first=%v", row.name, first), func(t *testing.T) {
				c := r.raw(alice)
				defer c.Close()
				if !first {
					if _, err := c.Write(helloFrame(hello("hostile"))); err != nil {
						t.Fatal(err)
					}
					if m := next(t, c); m.Error != nil {
						t.Fatal(m.Error)
					}
				}
				_, _ = c.Write(row.bytes) // the server may have had enough before the end
				if half, ok := c.(*net.UnixConn); ok && strings.HasPrefix(row.name, "truncated") {
					_ = half.CloseWrite()
				}
				answer, err := io.ReadAll(c)
				var timeout net.Error
				if errors.As(err, &timeout) && timeout.Timeout() {
					t.Fatal("the connection lives")
				}
				if bytes.Contains(answer, []byte(`"ok"`)) {
					t.Errorf("it was answered: %q", answer)
				}
			})
		}
	}
	if err := bystander.Call(t.Context(), api.CallHeartbeat, nil, nil); err != nil {
		t.Errorf("the bystander: %v", err)
	}
	r.eventually("hostile sessions are gone", func() bool {
		_, body := r.call(alice, api.RouteState, "")
		return !strings.Contains(body, "hostile")
	})
}

func TestASlowFrameEndsItsConnection(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.FrameWait = 50 * time.Millisecond }))
	for _, part := range []int{1, 4, 5, 7} {
		c := r.raw(alice)
		if _, err := c.Write(helloFrame(hello("slow"))); err != nil {
			t.Fatal(err)
		}
		next(t, c)
		if _, err := c.Write(message(`{"id":2,"call":"heartbeat"}`)[:part]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("%d bytes: still open: %v", part, err)
		}
	}
}
