package cloudfile

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/transfer"
)

// allSteps are the steps in which the process may end.
func allSteps() []string {
	return []string{StepBeforeStage, StepAfterFsync, StepRecorded, StepCut, StepMidUpload, StepBeforePublish, StepAfterPublish, StepBeforeEvent}
}

// crashAt ends whatever comes to the step, and everything that comes to any
// step after that: from there on the disk is as a power cut would leave it.
// It returns a channel that is closed at that moment.
func (h *house) crashAt(step string) <-chan struct{} {
	crashed := make(chan struct{})
	var over atomic.Bool
	events := h.events
	f := func(s string) {
		if s == step && over.CompareAndSwap(false, true) {
			events.mute(true)
			close(crashed)
		}
		if over.Load() {
			runtime.Goexit()
		}
	}
	h.steps.Store(&f)
	return crashed
}

// comeBack starts again after a crash.
func (h *house) comeBack() {
	h.t.Helper()
	h.close()
	h.steps.Store(nil)
	h.events.mute(false)
	h.open()
}

// saveInto saves in a goroutine of its own, which a crash may end; it tells
// whether the caller was told 'saved'.
func (h *house) saveInto(req api.SaveBegin, content string) bool {
	saved := false
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := h.try(req, []byte(content))
		saved = err == nil
		if err != nil {
			h.t.Error(err)
		}
	}()
	<-ended
	return saved
}

func TestACrashAtAnyStepLosesNothingAndDoublesNothing(t *testing.T) {
	for _, first := range allSteps() {
		for _, second := range append(allSteps(), "") {
			t.Run(first+" then "+second, func(t *testing.T) {
				h := newHouse(t)
				req := h.begin("/w/a.stp")
				crashed := h.crashAt(first)
				h.serve()
				told := h.saveInto(req, "the drawing")
				if !told && !slices.Contains([]string{StepBeforeStage, StepAfterFsync, StepRecorded}, first) {
					t.Fatal("not saved")
				}
				<-crashed
				h.comeBack()
				if second != "" {
					crashed = h.crashAt(second)
					h.serve()
					if !told {
						told = h.saveInto(req, "the drawing") // the application tries again
					}
					// The second step may lie behind this save already.
					if _, open, _ := h.engine.ledger.Find(t.Context(), req.Operation); open && !slices.Contains(allSteps()[:3], second) && !h.past(req.Operation, second) {
						<-crashed
					}
					h.comeBack()
				}
				h.serve()
				if !told && !h.saveInto(req, "the drawing") {
					t.Fatal("not saved at last")
				}
				if p := h.published(req.Operation); p.Version != 1 || p.Reason != nil || p.ConflictOf != "" {
					t.Errorf("published %+v", p)
				}
				h.awaitTransfers("done", func(l []api.Transfer) bool { return len(l) == 0 })
				h.close()
				if got := h.market.contents("/"); !slices.Equal(got, []string{"the drawing"}) {
					t.Errorf("versions: %q", got)
				}
				if left := h.staged(); len(left) != 0 {
					t.Errorf("left in the staging: %v", left)
				}
			})
		}
	}
}

// past tells whether a save will not come to a step any more: its content was
// uploaded, or it was published, before.
func (h *house) past(operation, step string) bool {
	h.market.mu.Lock()
	_, published := h.market.done[operation]
	uploaded := len(h.market.chunks) > 0
	h.market.mu.Unlock()
	r, _, err := h.engine.ledger.Find(h.t.Context(), operation)
	if err != nil {
		h.t.Fatal(err)
	}
	switch step {
	case StepCut:
		m, err := h.engine.ledger.Manifest(h.t.Context(), operation)
		return err != nil || transfer.IsCut(m) // no manifest is left of a save that ended
	case StepMidUpload:
		return uploaded || published
	case StepBeforePublish, StepAfterPublish:
		return r.State != "queued"
	}
	return r.State == "done"
}

// TestNothingIsEverLost lets chance decide: saves of a few documents, others
// who publish in between, networks that go, crashes at any step. In the end
// everything that was called saved is in the history, once.
func TestNothingIsEverLost(t *testing.T) {
	runs := 8
	if testing.Short() {
		runs = 4
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewSource(int64(seed)))
			h := newHouse(t)
			h.market.put("/team/shared.stp", "theirs-0", []byte("theirs 0"))
			h.opened("/w/shared.stp", "/team/shared.stp", api.OpenAndCheckout, api.CheckedOut)
			h.serve()
			saved, tried := map[string]string{}, map[string]string{}
			locals := []string{"/w/shared.stp", "/w/a.stp", "/w/b.stp"}
			for i := 1; i <= 30; i++ {
				switch chance.Intn(10) {
				case 0:
					h.offline(chance.Intn(2) == 0)
				case 1:
					h.market.put("/team/shared.stp", fmt.Sprint("theirs-", i), fmt.Appendf(nil, "theirs %d", i))
				case 2:
					h.market.set(func() { h.market.LoseAnswers, h.market.CutPacks = chance.Intn(2), chance.Intn(2) })
				case 3:
					h.crashAt(allSteps()[chance.Intn(len(allSteps()))])
				case 4:
					h.comeBack()
					h.serve()
				case 5:
					h.hello()
				default:
					req, content := h.begin(locals[chance.Intn(len(locals))]), fmt.Sprint("content ", i)
					tried[req.Operation] = content
					if h.saveInto(req, content) {
						saved[req.Operation] = content
					}
				}
			}
			h.comeBack()
			h.offline(false)
			h.market.set(func() { h.market.LoseAnswers, h.market.CutPacks = 0, 0 })
			h.serve()
			h.hello()
			h.awaitTransfers("all sent", func(l []api.Transfer) bool { return len(l) == 0 })
			all := h.market.contents("/")
			for operation, content := range tried {
				count := 0
				for _, c := range all {
					if c == content {
						count++
					}
				}
				if _, promised := saved[operation]; count > 1 || (promised && count == 0) {
					t.Errorf("%s (%s): %d times in %q", operation, content, count, all)
				}
				if saved[operation] != "" && h.published(operation).Version == 0 {
					t.Errorf("%s: nobody was told", operation)
				}
			}
			if left := h.staged(); len(left) != 0 {
				t.Errorf("left in the staging: %v", left)
			}
		})
	}
}

func TestTwentyThousandSmallFiles(t *testing.T) {
	h := newHouse(t)
	h.serve()
	const n = 20_000
	req := h.begin("/w/big")
	req.Kind = api.Assembly
	var all strings.Builder
	for i := range n {
		content := fmt.Sprintf("part %d ", i)
		req.Entries = append(req.Entries, api.FileEntry{Path: fmt.Sprintf("p%02d/part-%05d.prt", i%50, i), Size: int64(len(content))})
		all.WriteString(content)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	saved := h.saveBytes(req, []byte(all.String()))
	if p := h.published(saved.Operation); p.Version != 1 {
		t.Errorf("published %+v", p)
	}
	header, content, err := h.fetch("/me/big", 0)
	if err != nil || content != all.String() || len(header.Entries) != n || hashOf(header) != saved.Hash {
		t.Errorf("fetched %d bytes of %d entries: %v", len(content), len(header.Entries), err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("%d MiB are held", grown>>20)
	}
}

func TestAFullDiskRecordsNothing(t *testing.T) {
	h := newHouse(t)
	req := h.begin("/w/a.stp")
	req.Entries = []api.FileEntry{{Path: "a.stp", Size: 3}}
	s, err := h.engine.BeginSave(t.Context(), h.app(), req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte("one")); err != nil {
		t.Fatal(err)
	}
	_ = h.db.Close() // the database cannot take the row
	if _, err := s.Commit(t.Context(), api.SaveCommit{Operation: req.Operation}); err == nil {
		t.Fatal("saved without a record")
	}
	if left := h.staged(); len(left) != 0 {
		t.Errorf("left in the staging: %v", left)
	}
	h.open()
	if l := h.engine.Transfers(); len(l) != 0 {
		t.Errorf("transfers %+v", l)
	}
	if _, err := h.try(req, []byte("one")); err != nil {
		t.Errorf("the same operation, later: %v", err)
	}
}

func TestLeftoversAreCleanedAtStart(t *testing.T) {
	h := newHouse(t)
	h.save("/w/a.stp", "kept")
	kept := h.staged()
	req := h.begin("/w/b.stp")
	req.Entries = []api.FileEntry{{Path: "b.stp", Size: 100}}
	s, err := h.engine.BeginSave(t.Context(), h.app(), req)
	if err != nil {
		t.Fatal(err)
	}
	half := h.staged()
	if len(half) != 2 {
		t.Fatalf("staged: %v", half)
	}
	s.Abort()
	if _, err := s.Commit(t.Context(), api.SaveCommit{}); !errors.Is(err, api.InvalidArgument) {
		t.Errorf("commit after abort: %v", err)
	}
	for _, path := range half { // the process had ended with the save half done
		if !slices.Contains(kept, path) {
			if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := h.db
	h.open()
	_ = before.Close()
	if got := h.staged(); !slices.Equal(got, kept) {
		t.Errorf("staged: %v, want %v", got, kept)
	}
}
