package server_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
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

func TestASilentSessionLivesOn(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.FrameWait, l.HelloWait = 200*time.Millisecond, 200*time.Millisecond }))
	c := r.session(alice, "silent")
	<-time.After(500 * time.Millisecond) // more than twice every limit that could apply
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
