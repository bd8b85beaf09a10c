package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/session"
)

// frame builds a frame by hand, so that it can be wrong.
func frame(length uint32, kind byte, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, length)
	return append(append(b, kind), body...)
}

func message(body string) []byte { return frame(uint32(len(body))+1, 1, body) }

func helloFrame(h api.Hello) []byte {
	b, _ := json.Marshal(h)
	return message(`{"id":1,"call":"hello","args":` + string(b) + `}`)
}

// next reads the next message of a raw connection.
func next(t *testing.T, c net.Conn) session.Message {
	t.Helper()
	f, err := session.NewConn(c, nil).ReadFrame()
	if err != nil {
		t.Fatal(err)
	}
	return f.Message
}

func TestHello(t *testing.T) {
	r := newRig(t)
	r.Engines(alice).SetDeadline("session-1", 1234)
	_, reply, err := r.open(alice, hello("session-1"))
	if err != nil {
		t.Fatal(err)
	}
	want := api.HelloReply{
		Protocol: api.ProtocolVersion, Service: "1.2.3", HeartbeatSeconds: 30,
		State: api.Heartbeat{State: api.StateOffline, IntervalSeconds: 30, LeaseDeadline: 1234},
	}
	if reply != want {
		t.Errorf("got %+v", reply)
	}
}

func TestHelloIsChecked(t *testing.T) {
	r := newRig(t)
	for _, row := range []struct {
		name   string
		change func(*api.Hello)
		want   api.Code
	}{
		{"good", func(*api.Hello) {}, ""},
		{"application newer than the service", func(h *api.Hello) { h.Protocol = api.ProtocolVersion + 1 }, api.ServiceTooOld},
		{"application too old", func(h *api.Hello) { h.Protocol = api.ProtocolOldest - 1 }, api.ServiceTooNew},
		{"no role", func(h *api.Hello) { h.Role = "" }, api.InvalidArgument},
		{"unknown role", func(h *api.Hello) { h.Role = "admin" }, api.InvalidArgument},
		{"no session", func(h *api.Hello) { h.Session = "" }, api.InvalidArgument},
		{"long session", func(h *api.Hello) { h.Session = strings.Repeat("x", 300) }, api.InvalidArgument},
		{"session with a control character", func(h *api.Hello) { h.Session = "a\x00b" }, api.InvalidArgument},
		{"long product", func(h *api.Hello) { h.Product = strings.Repeat("x", 300) }, api.InvalidArgument},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := hello("session-1")
			row.change(&h)
			_, _, err := r.open(alice, h)
			if row.want == "" && err != nil || row.want != "" && !errors.Is(err, row.want) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestAnApplicationThatIsTooOldLearnsBothVersions(t *testing.T) {
	r := newRig(t)
	h := hello("session-1")
	h.Protocol = 99
	_, _, err := r.open(alice, h)
	e := api.AsError(err)
	if e.Params["client"] != "99" || e.Params["service"] != "1" {
		t.Errorf("got %v", e)
	}
}

func TestHelloHasADeadline(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.HelloWait = 50 * time.Millisecond }))
	c := r.raw(alice)
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Fatalf("still open: %v", err)
	}
}

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

func TestASilentSessionLivesOn(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.FrameWait, l.HelloWait = 20*time.Millisecond, 20*time.Millisecond }))
	c := r.session(alice, "silent")
	<-time.After(100 * time.Millisecond) // five times every limit that could apply
	if err := c.Call(t.Context(), api.CallHeartbeat, nil, nil); err != nil {
		t.Fatal(err)
	}
}

func TestCalls(t *testing.T) {
	r := newRig(t)
	c := r.session(alice, "session-1")
	for _, row := range []struct {
		call string
		args any
		want string
		code api.Code
	}{
		{api.CallHeartbeat, nil, `{"state":"offline","intervalSeconds":30,"leaseDeadline":0}`, ""},
		{api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, `{"request":"request-of-uid:1001"}`, ""},
		{api.CallLicenseRequest, api.LicenseRequest{Kind: "paper"}, "", api.InvalidArgument},
		{api.CallLicenseRequest, nil, "", api.InvalidArgument},
		{api.CallLicenseVerdict, api.LicenseVerdict{Accepted: true}, `{}`, ""},
		{api.CallLeaseAcquire, api.LeaseRequest{Nonce: "n"}, `{"id":"lease-session-1","token":"n"}`, ""},
		{api.CallLeaseRelease, api.LeaseRelease{ID: "x"}, `{}`, ""},
		{api.CallAppCheck, nil, `{}`, ""},
		{api.CallAppAnswer, api.UpgradeAnswer{}, `{}`, ""},
		{api.CallDocumentPick, nil, `{"pick":"pick-session-1"}`, ""},
		{api.CallDocumentOpened, api.OpenedDocument{LocalPath: "/a", Path: "/b", Document: "d", Version: 1}, `{}`, ""},
		{api.CallDocumentOpened, api.OpenedDocument{LocalPath: "/a\x00", Path: "/b", Document: "d", Version: 1}, "", api.InvalidArgument},
		{api.CallSolveCancel, api.SolveRef{ID: "x"}, `{}`, ""},
		{api.CallSaveBegin, api.SaveBegin{}, "", api.Unsupported},
		{"shutdown", nil, "", api.Unsupported},
	} {
		var out json.RawMessage
		err := c.Call(t.Context(), row.call, row.args, &out)
		if row.code != "" {
			if !errors.Is(err, row.code) {
				t.Errorf("%s: %v", row.call, err)
			}
			continue
		}
		if err != nil || string(out) != row.want {
			t.Errorf("%s: %s, %v", row.call, out, err)
		}
	}
}

func TestAnswersComeInAnyOrder(t *testing.T) {
	r := newRig(t)
	gate := make(chan struct{})
	r.Engines(alice).Gate = gate
	c := r.session(alice, "session-1")
	slow := make(chan error, 1)
	go func() {
		slow <- c.Call(context.Background(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil)
	}()
	for range 3 {
		if err := c.Call(t.Context(), api.CallLeaseRelease, api.LeaseRelease{ID: "x"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-slow:
		t.Fatalf("answered behind the gate: %v", err)
	default:
	}
	close(gate)
	if err := <-slow; err != nil {
		t.Fatal(err)
	}
}

func TestCallsUnderWayAreLimited(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.SessionCalls, l.Calls = 2, 3 }))
	gate := make(chan struct{})
	r.Engines(alice).Gate = gate
	request := func(c *session.Client, out chan<- error) {
		out <- c.Call(context.Background(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil)
	}
	results := make(chan error, 6)
	first, second := r.session(alice, "first"), r.session(alice, "second")
	for range 3 { // one of them is one too many for the session
		go request(first, results)
	}
	if err := <-results; !errors.Is(err, api.Busy) {
		t.Fatalf("third call of a session: %v", err)
	}
	for range 2 { // one of them is one too many for the user
		go request(second, results)
	}
	if err := <-results; !errors.Is(err, api.Busy) {
		t.Fatalf("fourth call of a user: %v", err)
	}
	if err := first.Call(t.Context(), api.CallHeartbeat, nil, nil); err != nil {
		t.Errorf("a heartbeat beside them: %v", err)
	}
	close(gate)
	for range 3 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func TestACallThatTakesTooLongTimesOut(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.CallWait = 20 * time.Millisecond }))
	r.Engines(alice).Gate = make(chan struct{})
	c := r.session(alice, "session-1")
	err := c.Call(t.Context(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil)
	if !errors.Is(err, api.Timeout) {
		t.Fatalf("got %v", err)
	}
}

func TestSessionsAreLimitedPerUser(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.Sessions = 2 }))
	first := r.session(alice, "a")
	r.session(alice, "b")
	if _, _, err := r.open(alice, hello("c")); !errors.Is(err, api.Busy) {
		t.Fatalf("one too many: %v", err)
	}
	r.session(alice, "b") // a reconnect is no new session
	r.session(bob, "a")
	_ = first.Close()
	r.eventually("there is room again", func() bool {
		_, _, err := r.open(alice, hello("c"))
		return err == nil
	})
}

func TestTheNewerConnectionOfASessionWins(t *testing.T) {
	r := newRig(t)
	others := r.session(bob, "same") // another user's session of that name is another session
	old := r.session(alice, "same")
	fresh := r.session(alice, "same")
	select {
	case <-old.Done():
	case <-time.After(patience):
		t.Fatal("the older connection lives")
	}
	for who, c := range map[string]*session.Client{"the newer": fresh, "the other user's": others} {
		if err := c.Call(t.Context(), api.CallHeartbeat, nil, nil); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	_ = fresh.Close()
	want := []string{"opened same", "apps opened same", "closed same", "files closed same", "apps closed same"}
	r.eventually("the session is closed", func() bool { return len(r.Engines(alice).Log()) >= len(want) })
	if got := r.Engines(alice).Log(); !slices.Equal(got, want) {
		t.Errorf("alice's engines heard %q", got)
	}
	if got := r.Engines(bob).Log(); !slices.Equal(got, want[:2]) {
		t.Errorf("bob's engines heard %q", got)
	}
}

func TestSessionsStandInTheState(t *testing.T) {
	r := newRig(t)
	r.session(alice, "session-1")
	_, body := r.call(alice, api.RouteState, "")
	var st api.State
	if err := json.Unmarshal([]byte(body), &st); err != nil {
		t.Fatal(err)
	}
	if len(st.Sessions) != 1 || st.Sessions[0].ID != "session-1" || st.Sessions[0].Product != "cad" || st.Sessions[0].PID != 4711 {
		t.Errorf("got %+v", st.Sessions)
	}
	if _, body := r.call(bob, api.RouteState, ""); strings.Contains(body, "session-1") {
		t.Errorf("bob sees %s", body)
	}
}

func TestEventsReachTheirSessionAndNoOther(t *testing.T) {
	r := newRig(t)
	mine, same, others := r.session(alice, "mine"), r.session(bob, "mine"), r.session(alice, "others")
	events := r.Engines(alice).Events
	events.Publish(t.Context(), api.Event{Name: "one", Session: "mine"})
	events.Publish(t.Context(), api.Event{Name: "two", Product: "cad"})
	events.Publish(t.Context(), api.Event{Name: "three", Product: "cae"})
	events.Publish(t.Context(), api.Event{Name: "four"})
	events.Publish(t.Context(), api.Event{Name: "five", Session: "mine"})
	for _, want := range []string{"one", "two", "five"} {
		if e := nextEvent(t, mine); e.Name != want {
			t.Errorf("got %s, want %s", e.Name, want)
		}
	}
	if e := nextEvent(t, others); e.Name != "two" {
		t.Errorf("the other session got %s", e.Name)
	}
	r.Engines(bob).Events.Publish(t.Context(), api.Event{Name: "last", Session: "mine"})
	if e := nextEvent(t, same); e.Name != "last" {
		t.Errorf("bob got alice's %s", e.Name)
	}
}

func nextEvent(t *testing.T, c *session.Client) api.Event {
	t.Helper()
	select {
	case e, ok := <-c.Events():
		if !ok {
			t.Fatalf("the session ended: %v", c.Err())
		}
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
	}
	return api.Event{}
}

func TestAReconnectResumesTheEvents(t *testing.T) {
	r := newRig(t)
	events := r.Engines(alice).Events
	c := r.session(alice, "session-1")
	events.Publish(t.Context(), api.Event{Name: "before", Session: "session-1"})
	seen := nextEvent(t, c).Seq
	_ = c.Close()
	for i := range 200 {
		events.Publish(t.Context(), api.Event{Name: fmt.Sprint(i), Session: "session-1"})
	}
	h := hello("session-1")
	h.LastEvent = seen
	c, _, err := r.open(alice, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		if e := nextEvent(t, c); e.Name != fmt.Sprint(i) {
			t.Fatalf("got %s, want %d", e.Name, i)
		}
	}
}

func Test64SessionsAtOnce(t *testing.T) {
	r := newRig(t)
	var all sync.WaitGroup
	for i := range 64 {
		id := fmt.Sprint("session-", i)
		c := r.session(alice, id)
		all.Go(func() {
			for range 50 {
				if err := c.Call(t.Context(), api.CallHeartbeat, nil, nil); err != nil {
					t.Error(id, err)
					return
				}
				var grant api.LeaseGrant
				if err := c.Call(t.Context(), api.CallLeaseAcquire, api.LeaseRequest{Nonce: id}, &grant); err != nil || grant.Token != id {
					t.Error(id, grant, err)
					return
				}
			}
			for i := range 50 {
				if e := nextEvent(t, c); e.Name != fmt.Sprint(i) {
					t.Error(id, "got", e.Name, "want", i)
					return
				}
			}
		})
	}
	for i := range 50 {
		r.Engines(alice).Events.Publish(t.Context(), api.Event{Name: fmt.Sprint(i), Product: "cad"})
	}
	all.Wait()
}

func TestStoppingTellsTheSessionsAndFinishesTheirCalls(t *testing.T) {
	r := newRig(t)
	gate := make(chan struct{})
	r.Engines(alice).Gate = gate
	c := r.session(alice, "session-1")
	answer := make(chan error, 1)
	go func() {
		answer <- c.Call(context.Background(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil)
	}()
	r.eventually("the call is under way", func() bool { return r.server.Calls(alice) == 1 })
	began := time.Now()
	r.stop()
	if e := nextEvent(t, c); e.Name != api.EventServiceClosing {
		t.Errorf("got %s", e.Name)
	}
	close(gate)
	if err := <-answer; err != nil {
		t.Errorf("the call under way: %v", err)
	}
	r.await("the end", r.ended)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestStoppingDoesNotWaitForAPeerThatDoesNotRead(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.StopWait = time.Second }))
	c := r.raw(alice)
	if _, err := c.Write(helloFrame(hello("deaf"))); err != nil {
		t.Fatal(err)
	}
	next(t, c)
	big := json.RawMessage(`"` + strings.Repeat("x", 500_000) + `"`)
	for range 8 {
		r.Engines(alice).Events.Publish(t.Context(), api.Event{Name: "big", Session: "deaf", Data: big})
	}
	began := time.Now()
	r.stop()
	r.await("the end", r.ended)
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}
