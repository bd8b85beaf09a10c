package front_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"iscdesk.dev/gui/desktop/front"
)

// own gives the test a runtime folder of its own, as short as a socket needs.
func own(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "f")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

// serve lets a place hear wishes until the test ends.
func serve(t *testing.T, p *front.Place) (wishes chan front.Wish, stop func()) {
	t.Helper()
	wishes = make(chan front.Wish, 10)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(ctx, func(w front.Wish) { wishes <- w }) }()
	stop = func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve ended with %v", err)
		}
	}
	return wishes, stop
}

func TestTheSecondOneBringsTheFirstToTheFront(t *testing.T) {
	dir := own(t)
	first, err := front.Claim()
	if err != nil {
		t.Fatal(err)
	}
	wishes, stop := serve(t, first)
	if _, err := front.Claim(); !errors.Is(err, front.ErrTaken) {
		t.Fatalf("the second claim: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, w := range []front.Wish{{Show: "documents/pending/7"}, {}} {
		if err := front.Ask(ctx, w); err != nil {
			t.Fatal(err)
		}
		if got := <-wishes; got != w {
			t.Errorf("heard %+v, want %+v", got, w)
		}
	}
	if err := front.Ask(ctx, front.Wish{Quiet: true}); err != nil || len(wishes) != 0 {
		t.Errorf("a quiet visit: %v, %d wishes", err, len(wishes))
	}
	if runtime.GOOS == "linux" {
		info, err := os.Stat(filepath.Join(dir, "iscdesk", "tray.sock"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the socket: %v %v", info, err)
		}
	}
	stop()
	again, err := front.Claim()
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	_, stop = serve(t, again)
	stop()
	if err := front.Ask(ctx, front.Wish{}); err == nil {
		t.Error("somebody answers though nobody runs")
	}
}

func TestOfManyThatStartAtOnceOneGetsThePlace(t *testing.T) {
	own(t)
	type outcome struct {
		place *front.Place
		err   error
	}
	outcomes := make(chan outcome)
	const many = 8
	for range many {
		go func() {
			p, err := front.Claim()
			outcomes <- outcome{p, err}
		}()
	}
	var stops []func()
	for range many {
		switch o := <-outcomes; {
		case o.err == nil:
			_, stop := serve(t, o.place)
			stops = append(stops, stop)
		case !errors.Is(o.err, front.ErrTaken):
			t.Error(o.err)
		}
	}
	if len(stops) != 1 {
		t.Errorf("%d have the place", len(stops))
	}
	for _, stop := range stops {
		stop()
	}
}
