package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
)

// answerer is a service on a socket of which a test says what each call gets:
// a status with a code, or a connection that breaks after the call was done.
type answerer struct {
	mu    sync.Mutex
	calls []string
	next  []string // "" works, "broken" breaks, another is an error's code
}

func (a *answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, r.Method+" "+r.URL.Path)
	answer := ""
	if len(a.next) > 0 {
		answer, a.next = a.next[0], a.next[1:]
	}
	switch answer {
	case "":
		_, _ = w.Write([]byte("{}"))
	case "broken":
		panic(http.ErrAbortHandler)
	default:
		row, _ := api.Lookup(api.Code(answer))
		w.WriteHeader(row.HTTP)
		_ = json.NewEncoder(w).Encode(api.Fail(row.Code))
	}
}

// made lists the calls that came.
func (a *answerer) made() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

func (a *answerer) listen(t *testing.T) *client.Client {
	socket := ipctest.Path(t)
	l, err := ipc.Listen(socket, false)
	if err != nil {
		t.Fatal(err)
	}
	server, ended := &http.Server{Handler: a}, make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	c := client.New(socket)
	t.Cleanup(func() {
		c.Close()
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return c
}

func TestWhatIsMadeAgain(t *testing.T) {
	const away, stops = "broken", string(api.ShuttingDown)
	ask := func(ctx context.Context, c *client.Client) error { _, err := c.State(ctx); return err }
	pause := func(ctx context.Context, c *client.Client) error { return c.PauseUploads(ctx, true) }
	checkIn := func(ctx context.Context, c *client.Client) error { _, err := c.CheckIn(ctx, "/a"); return err }
	folder := func(ctx context.Context, c *client.Client) error { return c.CreateFolder(ctx, "/a") }
	discard := func(ctx context.Context, c *client.Client) error { return c.Discard(ctx, "o") }
	login := func(ctx context.Context, c *client.Client) error {
		_, err := c.LoginComplete(ctx, api.LoginComplete{State: "s", Code: "c"})
		return err
	}
	for _, row := range []struct {
		name    string
		call    func(context.Context, *client.Client) error
		answers []string
		calls   int
		want    api.Code // empty: it succeeds
	}{
		{"a question", ask, []string{away, away}, 3, ""},
		{"what sets a value", pause, []string{away}, 2, ""},
		{"what was refused by a service that stops", login, []string{stops, stops}, 3, ""},
		{"what may have been carried out and is no good twice", login, []string{away}, 1, api.ServiceUnavailable},
		{"what was carried out though nobody heard it", checkIn, []string{away, string(api.DocumentNotCheckedOut)}, 2, ""},
		{"a folder that was made", folder, []string{away, string(api.Exists)}, 2, ""},
		{"a save that was discarded", discard, []string{away, string(api.NotFound)}, 2, ""},
		{"a folder that was there before", folder, []string{string(api.Exists)}, 1, api.Exists},
		{"a folder that was there before the service stopped", folder, []string{stops, string(api.Exists)}, 2, api.Exists},
		{"a refusal", pause, []string{string(api.PermissionDenied)}, 1, api.PermissionDenied},
		{"an answer that takes too long", pause, []string{string(api.Timeout)}, 1, api.Timeout},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := &answerer{next: row.answers}
			c := a.listen(t)
			waits := 0
			ctx := client.WithPatience(t.Context(), func(context.Context, error) bool { waits++; return true })
			err := row.call(ctx, c)
			if row.want == "" && err != nil || row.want != "" && !errors.Is(err, row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
			if len(a.made()) != row.calls || waits != row.calls-1 {
				t.Errorf("%d calls, %d waits, want %d calls: %q", len(a.made()), waits, row.calls, a.made())
			}
		})
	}
}

func TestPatienceOfTheCaller(t *testing.T) {
	a := &answerer{next: []string{"broken", "broken", "broken"}}
	c := a.listen(t)
	if _, err := c.State(t.Context()); !errors.Is(err, api.ServiceUnavailable) || len(a.made()) != 1 {
		t.Errorf("without patience: %v after %d calls", err, len(a.made()))
	}
	left := 1
	ctx := client.WithPatience(t.Context(), func(context.Context, error) bool { left--; return left >= 0 })
	if _, err := c.State(ctx); !errors.Is(err, api.ServiceUnavailable) || len(a.made()) != 3 {
		t.Errorf("with patience for one more: %v after %d calls", err, len(a.made()))
	}
}

func TestAWatchTellsThatItIsBroken(t *testing.T) {
	s := newService(t)
	w, err := s.client().Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	broken := make(chan error, 100)
	w.OnBreak(func(err error) {
		select {
		case broken <- err:
		default:
		}
	})
	next(t, w)
	s.stop()
	again := make(chan api.WatchMessage, 1)
	go func() { again <- next(t, w) }()
	for range 2 { // the break, and an attempt that finds nobody
		if err := <-broken; !errors.Is(err, api.ServiceUnavailable) {
			t.Errorf("broken with %v", err)
		}
	}
	s.start()
	if m := <-again; m.State == nil {
		t.Errorf("after the break: %+v", m)
	}
}
