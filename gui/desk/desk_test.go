package desk_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/gui/desk"
)

func TestMain(m *testing.M) { os.Exit(agenttest.Main(m)) }

// follower is a desk that serves, with everything that it has told.
type follower struct {
	*desk.Desk
	t *testing.T

	mu      sync.Mutex
	stir    chan struct{} // closed, and made anew, with each change
	changes []desk.Change
}

func follow(t *testing.T, socket string) *follower {
	c := client.New(socket)
	f := &follower{Desk: desk.New(desk.Config{Service: c}), t: t, stir: make(chan struct{})}
	f.Listen(func(c desk.Change) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.changes = append(f.changes, c)
		close(f.stir)
		f.stir = make(chan struct{})
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve ended with %v", err)
		}
		c.Close()
	})
	return f
}

// await waits until a snapshot is as it should be.
func (f *follower) await(ctx context.Context, what string, ok func(desk.Snapshot) bool) desk.Snapshot {
	f.t.Helper()
	for {
		f.mu.Lock()
		stir := f.stir
		f.mu.Unlock()
		if s := f.Snapshot(); ok(s) {
			return s
		}
		select {
		case <-stir:
		case <-ctx.Done():
			f.t.Fatalf("never %s: %+v", what, f.Snapshot())
		}
	}
}

func linked(l desk.Link) func(desk.Snapshot) bool {
	return func(s desk.Snapshot) bool { return s.Link == l }
}

func TestClicksOutliveAServiceThatIsKilled(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	test.SignIn(agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	f := follow(t, engineer.Socket)
	before := f.await(ctx, "connected", linked(desk.Connected))
	if !before.Known() || before.State.Account.UserName != agenttest.Engineer {
		t.Fatalf("the state is not there: %+v", before.State.Account)
	}

	test.Check(engineer.Kill())
	lost := f.await(ctx, "lost", linked(desk.Lost))
	if lost.State.Account.UserName != agenttest.Engineer || lost.Reason == nil {
		t.Errorf("what was known is gone, or nobody says why: %+v", lost)
	}
	paused, made := make(chan error, 1), make(chan error, 1)
	f.Do(func(ctx context.Context, s desk.Service) error { return s.PauseUploads(ctx, true) }, func(err error) { paused <- err })
	f.Do(func(ctx context.Context, s desk.Service) error {
		listing, err := s.List(ctx, "/")
		if err != nil || len(listing.Entries) == 0 {
			return errors.Join(err, errors.New("no spaces"))
		}
		return s.CreateFolder(ctx, listing.Entries[0].Path+"/made while it was away")
	}, func(err error) { made <- err })
	select {
	case err := <-paused:
		t.Fatalf("the click did not wait: %v", err)
	case err := <-made:
		t.Fatalf("the click did not wait: %v", err)
	default:
	}
	test.Check(engineer.Restart(ctx))
	for _, done := range []chan error{paused, made} {
		select {
		case err := <-done:
			test.Check(err)
		case <-ctx.Done():
			t.Fatal("a click was lost")
		}
	}
	f.await(ctx, "paused", func(s desk.Snapshot) bool { return s.Link == desk.Connected && s.State.Uploads.Paused })
}

func TestPatienceEnds(t *testing.T) {
	c := client.New("/nonexistent/socket")
	defer c.Close()
	d := desk.New(desk.Config{Service: c, Patience: 150 * time.Millisecond})
	ended := make(chan error, 1)
	d.Do(func(ctx context.Context, s desk.Service) error { return s.Logout(ctx) }, func(err error) { ended <- err })
	if err := <-ended; !errors.Is(err, api.ServiceUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestTheEndOfServeEndsWhatDoHasBegun(t *testing.T) {
	d := desk.New(desk.Config{Service: client.New("/nonexistent/socket"), Patience: time.Hour})
	begun, over := make(chan struct{}), false
	d.Do(func(ctx context.Context, _ desk.Service) error {
		close(begun)
		<-ctx.Done()
		over = true
		return ctx.Err()
	}, func(error) { t.Error("somebody is told after the end") })
	d.Do(func(ctx context.Context, s desk.Service) error { return s.Logout(ctx) }, nil) // waits for a service that never comes
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Serve(ctx); !errors.Is(err, context.Canceled) || !over {
		t.Errorf("Serve gave %v, what was begun is over: %t", err, over)
	}
	d.Do(func(context.Context, desk.Service) error { t.Error("done after the end"); return nil }, nil)
}
