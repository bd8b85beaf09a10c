package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/session"
)

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
