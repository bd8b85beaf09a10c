package session_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc/ipctest"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/session/sessiontest"
)

func TestMain(m *testing.M) { ipctest.VerifyTestMain(m) }

func start(t *testing.T, change func(*sessiontest.Server)) *sessiontest.Server {
	t.Helper()
	s := sessiontest.New(t.TempDir())
	if change != nil {
		change(s)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func dial(t *testing.T, s *sessiontest.Server, role api.Role) *session.Client {
	t.Helper()
	c, _, err := session.Dial(t.Context(), s.Socket, api.Hello{Protocol: api.ProtocolVersion, Role: role, Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func echo(_ *sessiontest.Peer, args json.RawMessage) (any, error) { return args, nil }

func TestCallsOfManyGoroutinesGetTheirOwnAnswers(t *testing.T) {
	s := start(t, func(s *sessiontest.Server) { s.Handlers["echo"] = echo })
	c := dial(t, s, api.RoleSession)
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 50 {
				want, got := g*1000+i, 0
				var err error
				if g%2 == 0 {
					err = c.CallWithin(5*time.Second, "echo", want, &got)
				} else {
					err = c.Call(t.Context(), "echo", want, &got)
				}
				if err != nil || got != want {
					t.Errorf("echo(%d) = %d, %v", want, got, err)
				}
			}
		})
	}
	wg.Wait()
}

// Two answers that arrive in one piece belong to two callers, of whom one
// reads: the other must get his all the same.
func TestAnswersThatArriveTogether(t *testing.T) {
	var mu sync.Mutex
	var first []byte
	s := start(t, func(s *sessiontest.Server) {
		s.Handlers["pair"] = func(p *sessiontest.Peer, args json.RawMessage) (any, error) {
			body := append([]byte(`{"id":`), args...)
			body = append(body, `,"ok":null}`...)
			frame := append([]byte{0, 0, 0, byte(len(body) + 1), byte(session.KindMessage)}, body...)
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = frame
				return nil, sessiontest.Silence
			}
			_, err := p.Raw.Write(append(first, frame...))
			first = nil
			return nil, errors.Join(err, sessiontest.Silence)
		}
	})
	c := dial(t, s, api.RoleSession)
	for round := range 200 {
		var wg sync.WaitGroup
		for i := range 2 {
			// Hello was call 1; the two calls of a round take the next ids in
			// some order, and the answers name both.
			wg.Go(func() {
				if err := c.CallWithin(5*time.Second, "pair", 2+2*round+i, nil); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
	}
}

// TestAnAnswerAfterTheReadersOwn has one call wait while another reads for
// both, and its answer come when that one has its own and nobody reads.
func TestAnAnswerAfterTheReadersOwn(t *testing.T) {
	begun := make(chan string, 2)
	gates := map[string]chan struct{}{"first": make(chan struct{}), "second": make(chan struct{})}
	s := start(t, func(s *sessiontest.Server) {
		s.Handlers["wait"] = func(_ *sessiontest.Peer, args json.RawMessage) (any, error) {
			name := strings.Trim(string(args), `"`)
			begun <- name
			<-gates[name]
			return name, nil
		}
	})
	c := dial(t, s, api.RoleSession)
	for range 20 {
		answers := map[string]chan error{"first": make(chan error, 1), "second": make(chan error, 1)}
		for _, name := range []string{"first", "second"} {
			go func() {
				answers[name] <- c.CallWithin(5*time.Second, "wait", name, nil)
			}()
			<-begun
		}
		for _, name := range []string{"first", "second"} {
			gates[name] <- struct{}{}
			if err := <-answers[name]; err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func TestEventsComeInOrderWhileCallsGoOn(t *testing.T) {
	const count = 500
	s := start(t, nil)
	c := dial(t, s, api.RoleSession)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range count {
			s.Send(sessiontest.Event(uint64(i+1), "test", i))
		}
	})
	wg.Go(func() {
		for range count {
			if err := c.CallWithin(5*time.Second, api.CallHeartbeat, nil, nil); err != nil {
				t.Error(err)
			}
		}
	})
	for want := uint64(1); want <= count; want++ {
		select {
		case e := <-c.Events():
			if e.Seq != want {
				t.Fatalf("event %d came when %d was due", e.Seq, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("event %d never came", want)
		}
	}
	wg.Wait()
}

func TestCallErrors(t *testing.T) {
	s := start(t, func(s *sessiontest.Server) {
		s.Handlers["hang"] = func(*sessiontest.Peer, json.RawMessage) (any, error) { return nil, sessiontest.Silence }
		s.Handlers["refuse"] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
			return nil, api.Fail(api.LeaseNoSeat, "total", "2")
		}
		s.Handlers["cut"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) { return nil, p.Close() }
		s.Handlers["huge"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			_, err := p.Raw.Write(sessiontest.Huge())
			return nil, err
		}
		s.Handlers["stall"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			if _, err := p.Raw.Write([]byte{0, 0, 0, 200, 1, '{'}); err != nil {
				return nil, err
			}
			return nil, sessiontest.Silence
		}
	})
	cases := []struct {
		call string
		want api.Code
		over bool
	}{
		{"hang", api.Timeout, false},
		{"refuse", api.LeaseNoSeat, false},
		{"nobody knows it", api.Unsupported, false},
		{"cut", api.ServiceUnavailable, true},
		{"huge", api.Protocol, true},
		{"stall", api.ServiceUnavailable, true},
	}
	for _, tc := range cases {
		for _, way := range []string{"within", "context"} {
			t.Run(tc.call+"/"+way, func(t *testing.T) {
				t.Parallel()
				c := dial(t, s, api.RoleSession)
				var err error
				if way == "within" {
					err = c.CallWithin(200*time.Millisecond, tc.call, nil, nil)
				} else {
					ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
					defer cancel()
					err = c.Call(ctx, tc.call, nil, nil)
				}
				direct := way == "within" && runtime.GOOS == "linux" // the caller reads himself
				if tc.call == "stall" && !direct && errors.Is(err, api.Timeout) {
					err = api.ServiceUnavailable // the context was over before the frame
				}
				if !errors.Is(err, tc.want) {
					t.Errorf("got %v, want %s", err, tc.want)
				}
				if tc.over {
					<-c.Done()
					if err := c.CallWithin(time.Second, api.CallHeartbeat, nil, nil); err == nil {
						t.Error("a call succeeded on a dead connection")
					}
				} else if err := c.CallWithin(5*time.Second, api.CallHeartbeat, nil, nil); err != nil {
					t.Errorf("the connection did not survive: %v", err)
				}
			})
		}
	}
}

func TestDialErrors(t *testing.T) {
	with := func(text string) func(*sessiontest.Server) {
		return func(s *sessiontest.Server) {
			s.Upgrade = func(c net.Conn) { _, _ = io.WriteString(c, text) }
		}
	}
	cases := []struct {
		name   string
		change func(*sessiontest.Server)
		want   api.Code
	}{
		{"not HTTP", with("SSH-2.0-OpenSSH\r\n\r\n"), api.Protocol},
		{"endless head", with("HTTP/1.1 101 Switching Protocols\r\n" + strings.Repeat("A: b\r\n", 5000)), api.Protocol},
		{"another upgrade", with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), api.Protocol},
		{"cut off in the head", with("HTTP/1.1 101 Switching"), api.ServiceUnavailable},
		{"refused", func(s *sessiontest.Server) { s.Upgrade = sessiontest.Refuse(403, api.Fail(api.PermissionDenied)) }, api.PermissionDenied},
		{"refused without a reason", with("HTTP/1.1 500 Oops\r\n\r\n"), api.ServiceUnavailable},
		{"too old", func(s *sessiontest.Server) { s.Reply.Protocol = 0 }, api.ServiceTooOld},
		{"too new", func(s *sessiontest.Server) { s.Reply.Protocol = 2 }, api.ServiceTooNew},
		{"silent", func(s *sessiontest.Server) {
			s.Upgrade = func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
		}, api.Timeout},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tc.change)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, _, err := session.Dial(ctx, s.Socket, api.Hello{Protocol: 1, Role: api.RoleSession})
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
	if _, _, err := session.Dial(t.Context(), ipctest.Path(t), api.Hello{}); !errors.Is(err, api.ServiceUnavailable) {
		t.Errorf("no socket: got %v", err)
	}
}

func TestContentFlowsBothWays(t *testing.T) {
	big := bytes.Repeat([]byte("drawing "), 400_000) // several frames
	s := start(t, func(s *sessiontest.Server) {
		s.Handlers["store"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			if err := p.WriteMessage(session.Message{ID: 2, OK: json.RawMessage(`{}`)}); err != nil {
				return nil, err
			}
			got, err := p.ReadContent()
			if err != nil || !bytes.Equal(got, big) {
				t.Errorf("the service got %d bytes, %v", len(got), err)
			}
			return nil, sessiontest.Silence
		}
		s.Handlers["commit"] = echo
		s.Handlers["load"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			return nil, errors.Join(p.WriteMessage(session.Message{ID: 4, OK: json.RawMessage(`{}`)}),
				p.WriteContent(big), p.EndContent(), sessiontest.Silence)
		}
	})
	c := dial(t, s, api.RoleTransfer)
	if err := c.Call(t.Context(), "store", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.WriteContent(big), c.EndContent()); err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), "commit", 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), "load", nil, nil); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c.Content())
	if err != nil || !bytes.Equal(got, big) {
		t.Errorf("loaded %d bytes of %d, %v", len(got), len(big), err)
	}
}

func TestContentThatTheServiceRefuses(t *testing.T) {
	s := start(t, func(s *sessiontest.Server) {
		s.Handlers["store"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			full := api.Fail(api.DiskFull)
			return nil, errors.Join(p.WriteMessage(session.Message{ID: 2, OK: json.RawMessage(`{}`)}),
				p.WriteMessage(session.Message{ID: 2, Error: full}), p.Close(), sessiontest.Silence)
		}
		s.Handlers["load"] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			return nil, errors.Join(p.WriteMessage(session.Message{ID: 2, OK: json.RawMessage(`{}`)}),
				p.WriteContent([]byte("half")), p.WriteMessage(session.Message{ID: 2, Error: api.Fail(api.ContentDamaged)}))
		}
	})
	up := dial(t, s, api.RoleTransfer)
	if err := up.Call(t.Context(), "store", nil, nil); err != nil {
		t.Fatal(err)
	}
	var err error
	for range 100 {
		if err = up.WriteContent(make([]byte, 1<<20)); err != nil {
			break
		}
	}
	if !errors.Is(err, api.DiskFull) {
		t.Errorf("writing gave %v", err)
	}
	down := dial(t, s, api.RoleTransfer)
	if err := down.Call(t.Context(), "load", nil, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(down.Content()); !errors.Is(err, api.ContentDamaged) || string(got) != "half" {
		t.Errorf("reading gave %q, %v", got, err)
	}
}

func TestCloseFailsTheCallsThatWait(t *testing.T) {
	called := make(chan struct{}, 2)
	s := start(t, func(s *sessiontest.Server) {
		s.Handlers["hang"] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
			called <- struct{}{}
			return nil, sessiontest.Silence
		}
	})
	c := dial(t, s, api.RoleSession)
	failed := make(chan error, 2)
	go func() { failed <- c.CallWithin(time.Minute, "hang", nil, nil) }()
	go func() { failed <- c.Call(t.Context(), "hang", nil, nil) }()
	<-called
	<-called
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-failed; !errors.Is(err, api.ServiceUnavailable) {
			t.Errorf("got %v", err)
		}
	}
}

func BenchmarkHeartbeat(b *testing.B) {
	s := sessiontest.New(b.TempDir())
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	defer s.Stop()
	c, _, err := session.Dial(b.Context(), s.Socket, api.Hello{Protocol: 1, Role: api.RoleSession})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for b.Loop() {
		var beat api.Heartbeat
		if err := c.CallWithin(time.Second, api.CallHeartbeat, nil, &beat); err != nil {
			b.Fatal(err)
		}
	}
}
