package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
)

// watch connects a watch as a user and reads its first message.
func (r *rig) watch(user string, header http.Header) (*websocket.Conn, *api.State) {
	r.t.Helper()
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return r.dial(user), nil }}
	ws, _, err := d.Dial("ws://"+api.Host+"/v1/watch", header) //nolint:bodyclose // the library has closed it
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = ws.Close() })
	m := r.read(ws)
	if m.State == nil {
		r.t.Fatalf("the first message has no state: %+v", m)
	}
	return ws, m.State
}

func (r *rig) read(ws *websocket.Conn) api.WatchMessage {
	r.t.Helper()
	var m api.WatchMessage
	if err := errors.Join(ws.SetReadDeadline(time.Now().Add(patience)), ws.ReadJSON(&m)); err != nil {
		r.t.Fatal(err)
	}
	return m
}

func TestWatchBeginsWithTheStateAndFollows(t *testing.T) {
	r := newRig(t)
	events := r.Engines(alice).Events
	ws, st := r.watch(alice, nil)
	if st.Service.Version != "1.2.3" || st.Account.UserName != alice || len(st.Licenses) != 1 {
		t.Errorf("state: %+v", st)
	}
	events.Changed(api.SectionLicenses)
	if m := r.read(ws); m.Changed == nil || len(m.Changed.Licenses) != 1 || fmt.Sprint(m.Sections) != "[licenses]" || m.State != nil {
		t.Errorf("section: %+v", m)
	}
	r.Engines(bob).Events.Publish(t.Context(), api.Event{Name: "bob's"})
	events.Publish(t.Context(), api.Event{Name: "one", Session: "any", Data: json.RawMessage(`{"a":1}`)})
	if m := r.read(ws); m.Event == nil || m.Event.Name != "one" || string(m.Event.Data) != `{"a":1}` || m.Changed != nil {
		t.Errorf("event: %+v", m)
	}
	r.session(alice, "session-1")
	if m := r.read(ws); m.Changed == nil || len(m.Changed.Sessions) != 1 {
		t.Errorf("sessions: %+v", m)
	}
}

func TestAWatchThatFallsBehindStartsAgain(t *testing.T) {
	r := newRig(t)
	events := r.Engines(alice).Events
	events.WatchRoom = 4
	ws, _ := r.watch(alice, nil)
	const all = 400
	big := json.RawMessage(`"` + strings.Repeat("x", 32<<10) + `"`)
	for i := range all {
		events.Publish(t.Context(), api.Event{Name: fmt.Sprint(i), Data: big})
	}
	events.Publish(t.Context(), api.Event{Name: "last"})
	seen, skipped, restarts := 0, 0, 0
	for seen+skipped < all+1 {
		m := r.read(ws)
		switch {
		case m.Skipped > 0:
			if m.State == nil {
				t.Fatal("it fell behind and got no state")
			}
			skipped += m.Skipped
			restarts++
		case m.Event != nil:
			seen++
		}
	}
	if restarts == 0 || seen+skipped != all+1 {
		t.Errorf("%d seen, %d skipped, %d restarts", seen, skipped, restarts)
	}
	events.Publish(t.Context(), api.Event{Name: "after"})
	if m := r.read(ws); m.Event == nil || m.Event.Name != "after" {
		t.Errorf("afterwards: %+v", m)
	}
}

func TestWatchRefusesBrowsers(t *testing.T) {
	r := newRig(t)
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return r.dial(alice), nil }}
	for _, origin := range []string{"http://evil.example", "http://" + api.Host, "null"} {
		_, answer, err := d.Dial("ws://"+api.Host+"/v1/watch", http.Header{"Origin": {origin}})
		if err == nil || answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", origin, err)
		}
		answer.Body.Close()
	}
	if status, body := r.call(alice, api.RouteWatch, ""); status != 400 || code(body) != api.Protocol {
		t.Errorf("without an upgrade: %d %s", status, body)
	}
	if status, body := r.call(alice, api.RouteSession, ""); status != 400 || code(body) != api.Protocol {
		t.Errorf("a session without an upgrade: %d %s", status, body)
	}
}

func TestWatchesThatTalkOrAreSilentAreCutOff(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.PingWait = 50 * time.Millisecond }))
	gone := func(why string) {
		r.eventually(why, func() bool { return r.Engines(alice).Events.Watching() == 0 })
	}
	ws, _ := r.watch(alice, nil)
	if err := ws.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	gone("one that talks ends")
	ws, _ = r.watch(alice, nil)
	_ = ws // it never reads again, so it never answers a ping
	gone("one that is silent ends")
}

func TestAWatchThatAnswersPingsLivesOn(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.PingWait = 200 * time.Millisecond }))
	ws, _ := r.watch(alice, nil)
	pings := 0
	answer := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		if pings++; pings == 4 { // twice the patience of the server
			r.Engines(alice).Events.Publish(context.Background(), api.Event{Name: "late"})
		}
		return answer(data)
	})
	if m := r.read(ws); m.Event == nil || m.Event.Name != "late" {
		t.Errorf("got %+v", m)
	}
}

func TestStoppingEndsWatchesPolitely(t *testing.T) {
	r := newRig(t)
	ws, _ := r.watch(alice, nil)
	r.stop()
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	_, _, err := ws.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("got %v", err)
	}
}
