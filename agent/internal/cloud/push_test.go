package cloud

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pushing is a Push under test: what it reports comes through channels, and
// each pause waits for the test.
type pushing struct {
	*Push
	owner  *tokens
	got    chan agentapi.PushMessage
	online chan bool
	pauses chan time.Duration
	resume chan struct{}
}

func startPush(t *testing.T, handler http.HandlerFunc) *pushing {
	t.Helper()
	client, owner := newClient(t, handler)
	p := &pushing{
		owner: owner, got: make(chan agentapi.PushMessage, 16), online: make(chan bool, 16),
		pauses: make(chan time.Duration), resume: make(chan struct{}),
	}
	p.Push = NewPush(client, func(m agentapi.PushMessage) { p.got <- m }, func(up bool) { p.online <- up }, slog.New(slog.DiscardHandler))
	p.sleep = func(ctx context.Context, wake <-chan struct{}, d time.Duration) error {
		select {
		case p.pauses <- d:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-p.resume:
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
		return nil
	}
	return p
}

func (p *pushing) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve ended with %v", err)
		}
	})
}

// upgrade accepts a WebSocket and runs f on it.
func upgrade(t *testing.T, f func(*websocket.Conn)) http.HandlerFunc {
	t.Helper()
	upgrader := websocket.Upgrader{}
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		f(conn)
	}
}

func untilClosed(conn *websocket.Conn) {
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestPushDeliversAndReconnects(t *testing.T) {
	drop := make(chan struct{})
	connections := 0
	p := startPush(t, upgrade(t, func(conn *websocket.Conn) {
		connections++
		_ = conn.WriteJSON(agentapi.PushMessage{Type: agentapi.Hello})
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"from_the_future"}`))
		_ = conn.WriteJSON(agentapi.PushMessage{Type: agentapi.LicenseDecided, ID: "e1"})
		<-drop
	}))
	p.run(t)
	for range 2 {
		if !receive(t, p.online) {
			t.Fatal("not online")
		}
		if m := receive(t, p.got); m.Type != agentapi.Hello {
			t.Fatalf("%+v, want hello first", m)
		}
		if m := receive(t, p.got); m.Type != agentapi.LicenseDecided || m.ID != "e1" {
			t.Fatalf("%+v", m)
		}
		drop <- struct{}{}
		if receive(t, p.online) {
			t.Fatal("still online")
		}
		if d := receive(t, p.pauses); d <= 0 || d > 2*backoffFirst+time.Millisecond {
			t.Fatalf("pause %v", d)
		}
		p.resume <- struct{}{}
	}
	receive(t, p.online)
	drop <- struct{}{}
	receive(t, p.pauses)
}

func TestPushIsQuietWhileSignedOut(t *testing.T) {
	asked := make(chan struct{}, 8)
	handler := upgrade(t, untilClosed)
	p := startPush(t, func(w http.ResponseWriter, r *http.Request) { asked <- struct{}{}; handler(w, r) })
	p.owner.set(0, api.Fail(api.SignedOut))
	p.run(t)
	if d := receive(t, p.pauses); d >= 0 {
		t.Fatalf("pause %v, want one without end", d)
	}
	if len(asked) != 0 {
		t.Fatal("the marketplace was asked without a token")
	}
	p.owner.set(0, nil)
	p.Wake()
	receive(t, asked)
	if !receive(t, p.online) {
		t.Fatal("not online")
	}
	p.owner.set(1, nil) // another user
	p.Wake()
	receive(t, asked)
	p.owner.set(1, api.Fail(api.SignedOut))
	p.Wake()
	if d := receive(t, p.pauses); d >= 0 {
		t.Fatalf("pause %v after signing out", d)
	}
}

func TestPushRefusedToken(t *testing.T) {
	var auth []string
	handler := upgrade(t, untilClosed)
	p := startPush(t, func(w http.ResponseWriter, r *http.Request) {
		auth = append(auth, r.Header.Get("Authorization"))
		if len(auth) == 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler(w, r)
	})
	p.run(t)
	if !receive(t, p.online) || len(auth) != 2 || auth[1] != "Bearer tok-2" {
		t.Fatalf("%q", auth)
	}
}

func TestPushNoticesSilence(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	p := startPush(t, upgrade(t, func(*websocket.Conn) { <-release })) // reads nothing, so answers no ping
	p.ping, p.silence = 20*time.Millisecond, 100*time.Millisecond
	p.run(t)
	if !receive(t, p.online) || receive(t, p.online) {
		t.Fatal("silence was not noticed")
	}
	receive(t, p.pauses)
}

func TestPushRefusesHugeAndMalformedMessages(t *testing.T) {
	for name, content := range map[string][]byte{
		"huge":      make([]byte, maxPushMessage+1),
		"malformed": []byte(`{"type":`),
	} {
		t.Run(name, func(t *testing.T) {
			p := startPush(t, upgrade(t, func(conn *websocket.Conn) {
				_ = conn.WriteMessage(websocket.TextMessage, content)
				untilClosed(conn)
			}))
			p.run(t)
			receive(t, p.online)
			receive(t, p.pauses)
			if len(p.got) != 0 {
				t.Fatal("it was delivered")
			}
		})
	}
}

func TestBackoffGrowsAndStaysBounded(t *testing.T) {
	for attempt, want := range []float64{2, 4, 8, 16, 32, 64, 120, 120} {
		if got := backoffBound(attempt); got.Seconds() != want {
			t.Errorf("attempt %d: %v", attempt, got)
		}
	}
	if backoffBound(1_000_000) != backoffMost {
		t.Error("a long outage overflows")
	}
	low, high := backoffMost, time.Duration(0)
	for range 1000 {
		d := Backoff(10)
		low, high = min(low, d), max(high, d)
	}
	if low > 10*time.Second || high < 110*time.Second {
		t.Errorf("the jitter spans only %v to %v", low, high)
	}
}

func TestAfterSleepADeadConnectionIsFoundOut(t *testing.T) {
	var connections atomic.Int32
	hold := make(chan struct{})
	p := startPush(t, upgrade(t, func(conn *websocket.Conn) {
		if connections.Add(1) == 1 {
			<-hold // reads nothing, so answers no ping
			return
		}
		untilClosed(conn)
	}))
	defer close(hold)
	p.ping, p.silence, p.proof = time.Hour, time.Hour, 50*time.Millisecond
	p.run(t)
	if !receive(t, p.online) {
		t.Fatal("not online")
	}
	p.Awake()
	if receive(t, p.online) {
		t.Fatal("a connection that does not answer is taken for a live one")
	}
	receive(t, p.pauses)
	p.Awake() // ends the pause
	if !receive(t, p.online) {
		t.Fatal("not online again")
	}
}

func TestAfterSleepALiveConnectionStays(t *testing.T) {
	asked, closed := make(chan struct{}), make(chan struct{})
	p := startPush(t, upgrade(t, func(conn *websocket.Conn) {
		answer := conn.PingHandler()
		conn.SetPingHandler(func(data string) error {
			defer func() { asked <- struct{}{} }()
			return answer(data)
		})
		untilClosed(conn)
		close(closed)
	}))
	p.ping, p.silence = time.Hour, time.Hour
	p.run(t)
	if !receive(t, p.online) {
		t.Fatal("not online")
	}
	for range 2 {
		p.Awake()
		receive(t, asked)
	}
	select {
	case <-closed:
		t.Fatal("closed")
	default:
	}
}

func TestPushWithoutAMarketplaceWaits(t *testing.T) {
	p := startPush(t, func(http.ResponseWriter, *http.Request) {})
	p.client.base = nil
	p.run(t)
	for range 2 {
		if pause := <-p.pauses; pause >= 0 {
			t.Errorf("tries again after %s", pause)
		}
		p.resume <- struct{}{}
	}
}
