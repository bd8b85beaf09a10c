package awake

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

func TestMissed(t *testing.T) {
	for _, c := range []struct {
		name         string
		wall, steady time.Duration
		want         bool
	}{
		{"nothing happened", period, period, false},
		{"a busy machine looks late", period + 20*time.Second, period + 20*time.Second, false},
		{"the clock is slewed", period + time.Second, period, false},
		{"slept, where the steady clock stands still", time.Hour, period, true},
		{"slept, where the steady clock goes on", time.Hour, time.Hour, true},
		{"slept for a minute", period + time.Minute, period + time.Minute, true},
		{"set forward", period + time.Minute, period, true},
		{"set back", period - time.Hour, period, true},
	} {
		if got := missed(c.wall, c.steady); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestWhatTheSystemTellsWakes(t *testing.T) {
	told, woken := make(chan struct{}), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- Watcher{Told: told, Wake: func() { woken <- struct{}{} }, Log: slog.New(slog.DiscardHandler)}.Serve(ctx)
	}()
	for range 2 {
		told <- struct{}{}
		<-woken
	}
	close(told) // whoever told is gone; the watch goes on
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestWhoIsToldByNobodyLooksHimself(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	err := Watcher{Wake: func() { t.Error("woken on a machine that did not sleep") }, Log: slog.New(slog.DiscardHandler)}.Serve(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestComparingIsQuietWhileNothingHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		noticed := make(chan struct{}, 1)
		if err := compare(ctx, noticed); !errors.Is(err, context.DeadlineExceeded) || len(noticed) != 0 {
			t.Fatal(err, len(noticed))
		}
	})
}
