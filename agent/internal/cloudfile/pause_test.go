package cloudfile

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func (h *house) pause(on bool) {
	h.t.Helper()
	if err := h.engine.PauseUploads(h.t.Context(), api.Uploads{Paused: on}); err != nil {
		h.t.Fatal(err)
	}
}

func (m *market) calls(names ...string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		n += m.Calls[name]
	}
	return n
}

func pausedBy(e *api.Error) bool { return e != nil && e.Code == api.UploadsPaused }

func sends() []string { return []string{"POST /packs", "POST /chunks/missing", "POST /versions"} }

func TestWhilePausedNothingIsSent(t *testing.T) {
	h := newHouse(t)
	h.serve()
	h.pause(true)
	saved := h.save("/w/a.stp", "one")
	paused := func(l []api.Transfer) bool {
		return len(l) == 1 && l[0].State == transferWaiting && pausedBy(l[0].Reason) && l[0].RetryAt == 0
	}
	h.awaitTransfers("paused", paused)
	if err := h.engine.Retry(t.Context(), saved.Operation); err != nil {
		t.Error(err)
	}
	h.hello()
	h.restart()
	h.serve()
	if !h.engine.Uploads().Paused {
		t.Error("a restart goes on with the uploads")
	}
	other := h.save("/w/b.stp", "two")
	h.hello()
	h.awaitTransfers("both waiting", func(l []api.Transfer) bool { return len(l) == 2 && paused(l[:1]) && paused(l[1:]) })
	if n := h.market.calls(sends()...); n != 0 {
		t.Errorf("%d calls were made to send", n)
	}
	h.pause(false)
	h.published(saved.Operation)
	h.published(other.Operation)
}

func TestAnUploadStopsAtAChunkAndNothingIsSentTwice(t *testing.T) {
	h := newHouse(t)
	data := make([]byte, 24<<20)
	_, _ = rand.New(rand.NewSource(1)).Read(data)
	arrived := map[string]int{}
	var mu sync.Mutex
	h.market.OnChunk = func(hash string) {
		mu.Lock()
		arrived[hash]++
		third := len(arrived) == 3
		mu.Unlock()
		if third {
			h.pause(true)
		}
	}
	saved := h.saveBytes(h.begin("/w/a.stp"), data)
	h.serve()
	h.awaitTransfers("stopped", func(l []api.Transfer) bool {
		return len(l) == 1 && l[0].State == transferWaiting && pausedBy(l[0].Reason)
	})
	m, err := h.engine.ledger.Manifest(t.Context(), saved.Operation)
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	stopped := len(arrived)
	mu.Unlock()
	if all := len(m.Entries[0].Chunks); stopped >= all {
		t.Errorf("all %d chunks were sent", all)
	}
	if r, _, err := h.engine.ledger.Find(t.Context(), saved.Operation); err != nil || r.Attempts != 0 || r.Reason != nil {
		t.Errorf("a pause counts as a failure: %+v, %v", r, err)
	}
	h.market.set(func() {
		h.market.OnChunk = func(hash string) {
			mu.Lock()
			defer mu.Unlock()
			arrived[hash]++
		}
	})
	h.pause(false)
	if p := h.published(saved.Operation); p.Version != 1 {
		t.Errorf("published %+v", p)
	}
	mu.Lock()
	defer mu.Unlock()
	for hash, n := range arrived {
		if n != 1 {
			t.Errorf("%s arrived %d times", hash, n)
		}
	}
	if got := h.market.contents("/"); len(got) != 1 || got[0] != string(data) {
		t.Error("the content is another")
	}
}

func TestCheckInWhilePausedAnswersAtOnce(t *testing.T) {
	h := newHouse(t)
	h.serve()
	h.published(h.save("/w/a.stp", "one").Operation)
	if _, err := h.engine.CheckOut(t.Context(), "/me/a.stp"); err != nil {
		t.Fatal(err)
	}
	h.pause(true)
	if _, err := h.engine.CheckIn(t.Context(), "/me/a.stp"); err != nil {
		t.Errorf("nothing waits: %v", err)
	}
	h.save("/w/a.stp", "two")
	if _, err := h.engine.CheckIn(t.Context(), "/me/a.stp"); !errors.Is(err, api.UploadsPaused) {
		t.Errorf("a save waits: %v", err)
	}
	h.offline(true)
	h.pause(false)
	h.awaitTransfers("tried", func(l []api.Transfer) bool { return len(l) == 1 && l[0].RetryAt > 0 })
	h.market.set(func() { // what only sends fails
		h.market.Fail = func(call string) *api.Error {
			if slices.Contains(sends(), call) {
				return api.Fail(api.Busy)
			}
			return nil
		}
	})
	answer := make(chan error, 1)
	go func() {
		_, err := h.engine.CheckIn(context.Background(), "/me/a.stp")
		answer <- err
	}()
	h.pause(true) // while it waits, or before
	if err := <-answer; !errors.Is(err, api.UploadsPaused) {
		t.Errorf("paused while it waited: %v", err)
	}
}

// TestNoChoiceLosesAnything lets chance decide: others publish, the user saves,
// pauses, answers his conflicts in every way, networks go and answers with
// them, and the process ends in any step. In the end every save that was
// promised is in the history of a document that is seen or set aside.
func TestNoChoiceLosesAnything(t *testing.T) {
	runs := 12
	if testing.Short() {
		runs = 4
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewSource(int64(seed)))
			h := newHouse(t)
			h.market.put("/team/a.stp", "theirs-0", []byte("theirs 0"))
			h.opened("/w/a.stp", "/team/a.stp", api.OpenAndCheckout, api.CheckedOut)
			h.serve()
			promised, both := []string{"theirs 0"}, false // once both are kept, the file stays with the copy
			for i := 1; i <= 40; i++ {
				switch chance.Intn(11) {
				case 0:
					h.offline(chance.Intn(3) == 0)
				case 1, 2:
					content := fmt.Sprint("theirs ", i)
					h.market.put("/team/a.stp", fmt.Sprint("theirs-", i), []byte(content))
					h.engine.Pushed(agentapi.PushMessage{Type: agentapi.DocumentChanged, ID: h.market.idOf("/team/a.stp")})
					promised = append(promised, content)
				case 3:
					h.market.set(func() { h.market.LoseAnswers = chance.Intn(2) })
				case 4:
					steps := append(allSteps(), StepAnswered, StepResolved)
					h.crashAt(steps[chance.Intn(len(steps))])
				case 5:
					h.comeBack()
					h.serve()
				case 6:
					_ = h.engine.PauseUploads(t.Context(), api.Uploads{Paused: chance.Intn(2) == 0})
				case 7, 8:
					both = h.answerOne(chance) == api.KeepBoth || both
				default:
					content := fmt.Sprint("mine ", i)
					if h.saveInto(h.begin("/w/a.stp"), content) {
						promised = append(promised, content)
					}
				}
			}
			h.comeBack()
			h.offline(false)
			h.market.set(func() { h.market.LoseAnswers = 0 })
			h.pause(false)
			h.serve()
			h.hello()
			h.awaitTransfers("all sent", func(l []api.Transfer) bool { return len(l) == 0 })
			all := h.market.contents("/")
			for _, content := range promised {
				if !slices.Contains(all, content) {
					t.Errorf("%q is lost: %q", content, all)
				}
			}
			for range 20 { // and every conflict can be ended
				list := h.conflicts()
				if len(list) == 0 {
					break
				}
				if err := h.keep(list[0], api.KeepTheirs); err != nil && !errors.Is(err, api.DocumentChanged) {
					t.Errorf("%+v: %v", list[0], err)
				}
			}
			if list := h.conflicts(); len(list) != 0 {
				t.Errorf("conflicts that do not end: %+v", list)
			}
			if got := h.market.contents("/"); len(got) != len(all) {
				t.Errorf("%d versions of %d are left", len(got), len(all))
			}
			saved := h.save("/w/a.stp", "last")
			if p := h.published(saved.Operation); p.Version == 0 || !both && strings.Contains(p.Path, "conflict") && p.ConflictOf == "" {
				t.Errorf("the last save became %+v", p)
			}
		})
	}
}

// answerOne answers a conflict in some way, in a goroutine that a crash may
// end, and gives the way.
func (h *house) answerOne(chance *rand.Rand) api.Keep {
	list, err := h.engine.Conflicts(h.t.Context())
	if err != nil || len(list) == 0 {
		return ""
	}
	c := list[chance.Intn(len(list))]
	keep := []api.Keep{api.KeepMine, api.KeepTheirs, api.KeepBoth}[min(chance.Intn(5)/2, 2)]
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = h.keep(c, keep) // whatever it says, nothing is lost
	}()
	<-ended
	return keep
}
