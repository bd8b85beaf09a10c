package bus

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

func TestMain(m *testing.M) {
	// database/sql keeps one goroutine per open database until Close is done.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// disk is a database that can be opened again, as after a restart.
type disk struct {
	t    *testing.T
	path string
	time *clock
	keep int
	db   *sql.DB
}

func newDisk(t *testing.T) *disk {
	d := &disk{t: t, path: filepath.Join(t.TempDir(), "agent.db"), time: &clock{now: time.Unix(1_800_000_000, 0)}}
	t.Cleanup(func() { _ = d.db.Close() })
	return d
}

// bus opens the events, for the first time or again.
func (d *disk) bus() *Bus {
	d.t.Helper()
	if d.db != nil {
		if err := d.db.Close(); err != nil {
			d.t.Fatal(err)
		}
	}
	db, err := store.Open(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.db = db
	b, err := New(d.t.Context(), Config{DB: db, Now: d.time.read, Keep: d.keep})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func app(id string) api.Session { return api.Session{ID: id, Product: "cad"} }

func since(t *testing.T, b *Bus, session string, seq uint64) *Stream {
	t.Helper()
	s, err := b.Since(t.Context(), app(session), seq)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// names reads as many events as are wanted and gives their names.
func names(t *testing.T, s *Stream, want int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var got []string
	last := uint64(0)
	for range want {
		e, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("after %v: %v", got, err)
		}
		if e.Seq <= last {
			t.Fatalf("event %d after %d", e.Seq, last)
		}
		last = e.Seq
		got = append(got, e.Name)
	}
	return got
}

// none makes sure that nothing waits.
func none(t *testing.T, s *Stream) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if e, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %+v, %v", e, err)
	}
}

func publish(t *testing.T, b *Bus, session, product string, names ...string) {
	t.Helper()
	for _, n := range names {
		b.Publish(t.Context(), api.Event{Name: n, Session: session, Product: product})
	}
}

func TestEventsReachWhomTheyAreFor(t *testing.T) {
	b := newDisk(t).bus()
	mine, theirs := since(t, b, "mine", 0), since(t, b, "theirs", 0)
	publish(t, b, "mine", "", "one")
	publish(t, b, "theirs", "", "two")
	publish(t, b, "", "cad", "three")
	publish(t, b, "", "cae", "four")
	publish(t, b, "", "", "five")
	publish(t, b, "mine", "cae", "six") // the session decides
	if got := names(t, mine, 3); !slices.Equal(got, []string{"one", "three", "six"}) {
		t.Errorf("mine: %v", got)
	}
	if got := names(t, theirs, 2); !slices.Equal(got, []string{"two", "three"}) {
		t.Errorf("theirs: %v", got)
	}
	none(t, mine)
}

func TestEventsSurviveARestart(t *testing.T) {
	d := newDisk(t)
	b := d.bus()
	first := since(t, b, "mine", 0)
	data := json.RawMessage(`{"a":1}`)
	b.Publish(t.Context(), api.Event{Name: "before", Session: "mine", Data: data})
	e, err := first.Next(t.Context())
	if err != nil || string(e.Data) != string(data) || e.Time != d.time.read().UnixMilli() {
		t.Fatalf("%+v, %v", e, err)
	}
	publish(t, b, "mine", "", "while away 1")
	publish(t, b, "", "cad", "while away 2")
	b = d.bus()
	publish(t, b, "mine", "", "after")
	again := since(t, b, "mine", e.Seq)
	if got := names(t, again, 3); !slices.Equal(got, []string{"while away 1", "while away 2", "after"}) {
		t.Errorf("got %v", got)
	}
	none(t, again)
}

func TestWhatASessionHasHadIsForgotten(t *testing.T) {
	d := newDisk(t)
	b := d.bus()
	s := since(t, b, "mine", 0)
	publish(t, b, "mine", "", "one", "two")
	e, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	since(t, b, "mine", e.Seq)
	if got := names(t, since(t, b, "mine", 0), 1); !slices.Equal(got, []string{"two"}) {
		t.Errorf("got %v", got)
	}
}

func TestANewSessionDoesNotHearWhatItsProductWasToldBefore(t *testing.T) {
	b := newDisk(t).bus()
	old := since(t, b, "old", 0)
	publish(t, b, "", "cad", "before")
	fresh := since(t, b, "fresh", 0)
	publish(t, b, "", "cad", "after")
	if got := names(t, fresh, 1); !slices.Equal(got, []string{"after"}) {
		t.Errorf("fresh: %v", got)
	}
	if got := names(t, old, 2); !slices.Equal(got, []string{"before", "after"}) {
		t.Errorf("old: %v", got)
	}
	if got := names(t, since(t, b, "old", 0), 2); !slices.Equal(got, []string{"before", "after"}) {
		t.Errorf("old, connected anew before it had any: %v", got)
	}
}

func TestNumbersNeverComeTwice(t *testing.T) {
	d := newDisk(t)
	last := uint64(0)
	for restart := range 3 {
		b := d.bus()
		s := since(t, b, "mine", 0)
		for range block + 10 { // mostly ones that never touch the disk
			b.Publish(t.Context(), api.Event{Name: api.EventUploadProgress, Session: "else"})
		}
		publish(t, b, "mine", "", "x")
		var e api.Event
		for e.Seq <= last { // the ones before the restart come again
			var err error
			if e, err = s.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
			if e.Seq == last {
				continue
			}
		}
		if e.Seq < last+block {
			t.Errorf("restart %d: %d after %d", restart, e.Seq, last)
		}
		last = e.Seq
		since(t, b, "mine", last)
	}
}

func TestProgressIsNotKept(t *testing.T) {
	d := newDisk(t)
	b := d.bus()
	live := since(t, b, "mine", 0)
	none(t, live) // it has caught up
	b.Publish(t.Context(), api.Event{Name: api.EventUploadProgress, Session: "mine"})
	if got := names(t, live, 1); got[0] != api.EventUploadProgress {
		t.Errorf("live: %v", got)
	}
	none(t, since(t, d.bus(), "mine", 0))
}

func TestAStreamThatFallsBehindLosesNothing(t *testing.T) {
	b := newDisk(t).bus()
	s := since(t, b, "mine", 0)
	none(t, s)
	const all = streamQueue + 2*pageSize + 7
	for i := range all {
		publish(t, b, "mine", "", strconv.Itoa(i))
		b.Publish(t.Context(), api.Event{Name: api.EventUploadProgress, Session: "mine"})
	}
	want := 0
	for want < all {
		e, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e.Name == api.EventUploadProgress {
			continue
		}
		if e.Name != strconv.Itoa(want) {
			t.Fatalf("got %s, want %d", e.Name, want)
		}
		want++
	}
	publish(t, b, "mine", "", "live again")
	if got := names(t, s, 1); got[0] != "live again" {
		t.Errorf("got %v", got)
	}
}

func TestWhatIsKeptIsLimited(t *testing.T) {
	d := newDisk(t)
	d.keep = 30
	b := d.bus()
	for i := range d.keep + 20 {
		publish(t, b, "mine", "", strconv.Itoa(i))
	}
	publish(t, b, "theirs", "", "theirs")
	if got := names(t, since(t, b, "mine", 0), 1); got[0] != "20" {
		t.Errorf("the oldest is %s", got[0])
	}
	d.time.move(keptFor - time.Hour)
	publish(t, b, "theirs", "", "younger")
	d.time.move(2 * time.Hour)
	b = d.bus()
	none(t, since(t, b, "mine", 0))
	if got := names(t, since(t, b, "theirs", 0), 1); got[0] != "younger" {
		t.Errorf("got %v", got)
	}
}

func TestALastEventFromTheFutureHidesNothing(t *testing.T) {
	b := newDisk(t).bus()
	s := since(t, b, "mine", 1<<62)
	publish(t, b, "mine", "", "one")
	if got := names(t, s, 1); got[0] != "one" {
		t.Errorf("got %v", got)
	}
}

func TestPublishSurvivesItsCaller(t *testing.T) {
	d := newDisk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.bus().Publish(ctx, api.Event{Name: "one", Session: "mine"})
	if got := names(t, since(t, d.bus(), "mine", 0), 1); got[0] != "one" {
		t.Errorf("got %v", got)
	}
}

func TestADiskThatFailsCostsNoDelivery(t *testing.T) {
	d := newDisk(t)
	b := d.bus()
	s := since(t, b, "mine", 0)
	none(t, s)
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	publish(t, b, "mine", "", "one", "two")
	if got := names(t, s, 2); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("got %v", got)
	}
}

func TestManyAtOnce(t *testing.T) {
	b := newDisk(t).bus()
	var all sync.WaitGroup
	const writers, each = 4, 40
	for reader := range 4 {
		s := since(t, b, fmt.Sprint("reader ", reader), 0)
		all.Go(func() { names(t, s, writers*each) })
	}
	for range writers {
		all.Go(func() {
			for range each {
				publish(t, b, "", "cad", "x")
			}
		})
	}
	all.Wait()
}

func TestWatch(t *testing.T) {
	b := newDisk(t).bus()
	w, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	b.Changed(api.SectionApps)
	b.Changed(api.SectionPicks)
	b.Changed(api.SectionApps)
	publish(t, b, "mine", "", "one")
	publish(t, b, "", "", "two")
	if _, sections, _, err := w.Next(t.Context()); err != nil || !slices.Equal(sections, []string{api.SectionApps, api.SectionPicks}) {
		t.Errorf("%v, %v", sections, err)
	}
	for _, want := range []string{"one", "two"} {
		if e, _, _, err := w.Next(t.Context()); err != nil || e.Name != want {
			t.Errorf("%+v, %v", e, err)
		}
	}
}

func TestAWatchThatFallsBehindIsToldOnce(t *testing.T) {
	b := newDisk(t).bus()
	w, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	const all = watchQueue + 50
	for range all {
		b.Publish(t.Context(), api.Event{Name: api.EventUploadProgress})
	}
	b.Changed(api.SectionApps) // the whole state follows anyway
	e, sections, skipped, err := w.Next(t.Context())
	if err != nil || e != nil || sections != nil || skipped != all {
		t.Fatalf("%+v %v %d %v", e, sections, skipped, err)
	}
	publish(t, b, "", "", "after")
	if e, _, skipped, err := w.Next(t.Context()); err != nil || skipped != 0 || e == nil || e.Name != "after" {
		t.Errorf("%+v %d %v", e, skipped, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, _, _, err := w.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
