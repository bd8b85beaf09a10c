package cloudfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// conflicted is a house in which 'mine' of /w/a.stp met 'theirs' of
// /team/a.stp, both on top of 'base'.
func conflicted(t *testing.T) (*house, api.Conflict) {
	t.Helper()
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("base"))
	h.opened("/w/a.stp", "/team/a.stp", api.OpenAndCheckout, api.CheckedOut)
	h.market.put("/team/a.stp", "x2", []byte("theirs"))
	saved := h.save("/w/a.stp", "mine")
	h.serve()
	h.published(saved.Operation)
	return h, h.conflict()
}

func (h *house) conflicts() []api.Conflict {
	h.t.Helper()
	list, err := h.engine.Conflicts(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// conflict is the only one that there is.
func (h *house) conflict() api.Conflict {
	h.t.Helper()
	list := h.conflicts()
	if len(list) != 1 {
		h.t.Fatalf("conflicts: %+v", list)
	}
	return list[0]
}

// keep answers a conflict as one who has seen c.
func (h *house) keep(c api.Conflict, keep api.Keep) error {
	return h.engine.EndConflict(h.t.Context(), c.ID, api.ConflictAnswer{Keep: keep, Theirs: c.Theirs, Mine: c.Mine})
}

// sameVersions makes sure that every version that ever was is still there, and
// those in more.
func (h *house) sameVersions(want ...string) {
	h.t.Helper()
	got := h.market.contents("/")
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Error(diff)
	}
}

// nextSave saves the local file once more and makes sure that it becomes a
// version of the document.
func (h *house) nextSave(version int) {
	h.t.Helper()
	saved := h.save("/w/a.stp", "next")
	p := h.published(saved.Operation)
	if p.Path != "/team/a.stp" || p.Version != version || p.ConflictOf != "" {
		h.t.Errorf("the next save became %+v", p)
	}
	if list := h.conflicts(); len(list) != 0 {
		h.t.Errorf("conflicts: %+v", list)
	}
}

func TestAConflictIsKeptWithAllFacts(t *testing.T) {
	h, c := conflicted(t)
	h.restart()
	if diff := cmp.Diff(c, h.conflict()); diff != "" {
		t.Error(diff)
	}
	want := api.Conflict{
		ID: "op-001", Path: "/team/a.stp", Theirs: 2, TheirAuthor: "somebody", TheirSize: 6, Copy: c.Copy, Mine: 1, MineTime: c.MineTime, MineSize: 4,
		Base: 1, Product: "minicad", LocalPath: c.LocalPath, DocumentKind: api.Single,
	}
	if diff := cmp.Diff(want, c); diff != "" || c.Copy == c.Path || time.Since(time.Unix(c.MineTime, 0)) > time.Minute {
		t.Error(diff)
	}
	h.account.set(func(a *api.Account) { a.UserID = "wang" })
	if list := h.conflicts(); len(list) != 0 {
		t.Errorf("another account sees %+v", list)
	}
	if err := h.keep(c, api.KeepMine); !errors.Is(err, api.SavedByOther) {
		t.Errorf("another account ends it: %v", err)
	}
}

func TestKeepMine(t *testing.T) {
	h, c := conflicted(t)
	if err := h.keep(c, api.KeepMine); err != nil {
		t.Fatal(err)
	}
	h.sameVersions("base", "theirs", "mine", "mine")
	if got := h.market.newest("/team/a.stp"); got != "mine" {
		t.Errorf("the newest is %q", got)
	}
	if got := h.market.shown(); !slices.Equal(got, []string{"/team/a.stp"}) {
		t.Errorf("shown: %v", got)
	}
	if o := h.lookup("/w/a.stp"); o.Path != "/team/a.stp" || o.Version != 3 {
		t.Errorf("bound to %+v", o)
	}
	if err := h.keep(c, api.KeepMine); !errors.Is(err, api.NotFound) {
		t.Errorf("the second answer: %v", err)
	}
	h.nextSave(4)
}

func TestKeepTheirs(t *testing.T) {
	h, c := conflicted(t)
	if err := h.keep(c, api.KeepTheirs); err != nil {
		t.Fatal(err)
	}
	h.sameVersions("base", "theirs", "mine")
	if got := h.market.newest("/team/a.stp"); got != "theirs" {
		t.Errorf("the newest is %q", got)
	}
	if o := h.lookup("/w/a.stp"); o.Path != "/team/a.stp" || o.Version != 2 {
		t.Errorf("bound to %+v", o)
	}
	h.nextSave(3)
	trash, err := h.engine.Trashed(t.Context(), "/")
	if err != nil || len(trash.Documents) != 1 || trash.Documents[0].Path != c.Copy {
		t.Fatalf("trash: %+v, %v", trash, err)
	}
	back, err := h.engine.Untrash(t.Context(), api.Untrash{ID: trash.Documents[0].ID})
	if err != nil || back.Path != c.Copy || h.market.newest(c.Copy) != "mine" {
		t.Errorf("back: %+v, %v", back, err)
	}
}

// Whoever keeps theirs has seen one version; what came after it is not
// overwritten.
func TestKeepTheirsDoesNotHideWhatCameAfter(t *testing.T) {
	h, c := conflicted(t)
	h.market.put("/team/a.stp", "x3", []byte("theirs, later"))
	if err := h.keep(c, api.KeepTheirs); err != nil {
		t.Fatal(err)
	}
	saved := h.save("/w/a.stp", "next")
	if p := h.published(saved.Operation); p.ConflictOf != "/team/a.stp" {
		t.Errorf("the next save became %+v", p)
	}
	h.sameVersions("base", "theirs", "theirs, later", "mine", "next")
}

func TestKeepBoth(t *testing.T) {
	h, c := conflicted(t)
	h.offline(true)
	if err := h.keep(c, api.KeepBoth); err != nil {
		t.Fatal(err)
	}
	if list := h.conflicts(); len(list) != 0 {
		t.Errorf("conflicts: %+v", list)
	}
	if o := h.lookup("/w/a.stp"); o.Path != c.Copy {
		t.Errorf("bound to %+v", o)
	}
}

func TestAnAnswerToWhatHasMovedOn(t *testing.T) {
	h, c := conflicted(t)
	h.market.put("/team/a.stp", "x3", []byte("theirs, later"))
	if err := h.keep(c, api.KeepMine); !errors.Is(err, api.DocumentConflict) {
		t.Fatalf("the document moved on: %v", err)
	}
	if c = h.conflict(); c.Theirs != 3 || c.TheirSize != int64(len("theirs, later")) {
		t.Errorf("the facts are %+v", c)
	}
	h.market.put(c.Copy, "x4", []byte("somebody's"))
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		old := c
		if err := h.keep(old, keep); !errors.Is(err, api.DocumentChanged) || api.AsError(err).Params["path"] != c.Copy {
			t.Fatalf("the copy moved on, %s: %v", keep, err)
		}
		if now := h.conflict(); now.Mine != 2 || now.MineSize != int64(len("somebody's")) {
			t.Errorf("the facts are %+v", now)
		}
	}
	if err := h.keep(h.conflict(), api.KeepMine); err != nil {
		t.Fatal(err)
	}
	if got := h.market.newest("/team/a.stp"); got != "somebody's" {
		t.Errorf("the newest is %q", got)
	}
	// The local file still holds 'mine', which is older than that.
	saved := h.save("/w/a.stp", "next")
	if p := h.published(saved.Operation); p.ConflictOf != "/team/a.stp" {
		t.Errorf("the next save became %+v", p)
	}
	h.sameVersions("base", "theirs", "theirs, later", "mine", "somebody's", "somebody's", "next")
}

func TestTheMarketplaceTellsThatADocumentMovedOn(t *testing.T) {
	h, c := conflicted(t)
	h.market.put("/team/a.stp", "x3", []byte("theirs, later"))
	h.engine.Pushed(agentapi.PushMessage{Type: agentapi.DocumentChanged, ID: h.market.idOf("/team/a.stp")})
	h.awaitConflict("the newest facts", func(now api.Conflict) bool { return now.Theirs == 3 && now.Mine == c.Mine })
}

func (m *market) idOf(path string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at(path).ID
}

// awaitConflict waits for a change that is told.
func (h *house) awaitConflict(what string, is func(api.Conflict) bool) {
	h.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		_, more := h.events.after(0)
		list := h.conflicts()
		if len(list) == 1 && is(list[0]) {
			return
		}
		select {
		case <-more:
		case <-deadline:
			h.t.Fatalf("never %s: %+v", what, list)
		}
	}
}

func TestLaterSavesOfTheCopyAreMine(t *testing.T) {
	h, _ := conflicted(t)
	saved := h.save("/w/a.stp", "mine 2")
	h.published(saved.Operation)
	c := h.conflict()
	if c.Mine != 2 || c.MineSize != 6 {
		t.Errorf("the facts are %+v", c)
	}
	if err := h.keep(c, api.KeepMine); err != nil {
		t.Fatal(err)
	}
	h.sameVersions("base", "theirs", "mine", "mine 2", "mine 2")
	h.nextSave(4)
}

func TestSavesThatWaitAreNotLeftBehind(t *testing.T) {
	h, c := conflicted(t)
	if err := h.engine.PauseUploads(t.Context(), api.Uploads{Paused: true}); err != nil {
		t.Fatal(err)
	}
	h.save("/w/a.stp", "mine 2")
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		if err := h.keep(c, keep); !errors.Is(err, api.SavesWaiting) {
			t.Errorf("%s: %v", keep, err)
		}
	}
	if diff := cmp.Diff(c, h.conflict()); diff != "" {
		t.Error(diff)
	}
}

// A save that comes in while the marketplace ends the conflict goes where its
// file belongs to then.
func TestASaveDuringTheAnswerFollows(t *testing.T) {
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		t.Run(string(keep), func(t *testing.T) {
			h, c := conflicted(t)
			var meanwhile api.Saved
			f := func(step string) {
				if step == StepResolved {
					h.steps.Store(nil)
					meanwhile = h.save("/w/a.stp", "meanwhile")
				}
			}
			h.steps.Store(&f)
			if err := h.keep(c, keep); err != nil {
				t.Fatal(err)
			}
			p := h.published(meanwhile.Operation)
			if p.Path != "/team/a.stp" || p.ConflictOf != "" || h.market.newest("/team/a.stp") != "meanwhile" {
				t.Errorf("it became %+v", p)
			}
			if list := h.conflicts(); len(list) != 0 {
				t.Errorf("conflicts: %+v", list)
			}
		})
	}
}

func TestOfflineAConflictStays(t *testing.T) {
	h, c := conflicted(t)
	h.offline(true)
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		if err := h.keep(c, keep); !errors.Is(err, api.MarketplaceFailed) {
			t.Errorf("%s: %v", keep, err)
		}
	}
	h.restart()
	h.serve()
	h.offline(false)
	h.hello()
	if diff := cmp.Diff(c, h.conflict()); diff != "" {
		t.Error(diff)
	}
	h.nextSaveOfCopy(c)
	if err := h.keep(h.conflict(), api.KeepTheirs); err != nil {
		t.Error(err)
	}
	h.sameVersions("base", "theirs", "mine", "next")
}

// nextSaveOfCopy makes sure that saves of the copy go on: nothing waits for an
// answer that was not done.
func (h *house) nextSaveOfCopy(c api.Conflict) {
	h.t.Helper()
	saved := h.save("/w/a.stp", "next")
	if p := h.published(saved.Operation); p.Path != c.Copy || p.Version != 2 {
		h.t.Errorf("the next save became %+v", p)
	}
}

func TestALostAnswerIsFound(t *testing.T) {
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		t.Run(string(keep), func(t *testing.T) {
			h, c := conflicted(t)
			h.market.set(func() { h.market.LoseAnswers = 1 })
			if err := h.keep(c, keep); err != nil {
				t.Fatal(err)
			}
			if list := h.conflicts(); len(list) != 0 {
				t.Errorf("conflicts: %+v", list)
			}
			h.nextSave(map[api.Keep]int{api.KeepMine: 4, api.KeepTheirs: 3}[keep])
		})
	}
}

func TestACopyThatSomebodyHasCheckedOutStays(t *testing.T) {
	for _, path := range []string{"copy", "document"} {
		t.Run(path, func(t *testing.T) {
			h, c := conflicted(t)
			held := map[string]string{"copy": c.Copy, "document": c.Path}[path]
			h.market.set(func() { h.market.at(held).Checkout = agentapi.Checkout{UserID: "wang", UserName: "wang"} })
			if err := h.keep(c, api.KeepMine); !errors.Is(err, api.DocumentCheckedOut) || api.AsError(err).Params["path"] != held {
				t.Errorf("mine: %v", err)
			}
			if diff := cmp.Diff(c, h.conflict()); diff != "" {
				t.Error(diff)
			}
			h.sameVersions("base", "theirs", "mine")
		})
	}
}

// Another machine of the user's has set the copy aside, and the document may
// be gone.
func TestWhatAnotherMachineHasSetAside(t *testing.T) {
	h, c := conflicted(t)
	h.market.set(func() { h.market.at(c.Copy).aside = true })
	if err := h.keep(c, api.KeepMine); err != nil {
		t.Errorf("the copy is aside: %v", err)
	}
	if got := h.market.newest("/team/a.stp"); got != "mine" {
		t.Errorf("the newest is %q", got)
	}
	h, c = conflicted(t)
	h.market.set(func() { h.market.at(c.Path).aside = true })
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		if err := h.keep(c, keep); !errors.Is(err, api.NotFound) {
			t.Errorf("the document is aside, %s: %v", keep, err)
		}
	}
	if got := h.market.shown(); !slices.Equal(got, []string{c.Copy}) {
		t.Errorf("shown: %v", got)
	}
}

// The copy of a conflict can be the document of another.
func TestAConflictWithTheCopyOfAConflict(t *testing.T) {
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		t.Run(string(keep), func(t *testing.T) {
			h, first := conflicted(t)
			h.market.put(first.Copy, "x3", []byte("somebody's"))
			saved := h.save("/w/a.stp", "mine 2")
			if p := h.published(saved.Operation); p.ConflictOf != first.Copy {
				t.Fatalf("it became %+v", p)
			}
			if err := h.keep(first, keep); !errors.Is(err, api.DocumentChanged) {
				t.Fatalf("somebody's version of the copy was not seen: %v", err)
			}
			for _, c := range h.conflicts() {
				if c.ID == first.ID {
					first = c
				}
			}
			if err := h.keep(first, keep); err != nil {
				t.Fatal(err)
			}
			newest := map[api.Keep]int{api.KeepMine: 3, api.KeepTheirs: 2}[keep]
			h.awaitConflict("one with the document", func(c api.Conflict) bool { return c.Path == "/team/a.stp" && c.Theirs == newest && c.TheirSize > 0 })
			if err := h.keep(h.conflict(), api.KeepMine); err != nil {
				t.Fatal(err)
			}
			if got := h.market.newest("/team/a.stp"); got != "mine 2" {
				t.Errorf("the newest is %q", got)
			}
			h.nextSave(newest + 2)
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	h, c := conflicted(t)
	for _, a := range []api.ConflictAnswer{{}, {Keep: "neither", Theirs: 2}, {Keep: api.KeepMine}, {Keep: api.KeepTheirs}, {Keep: api.KeepMine, Theirs: 2, Mine: -1}} {
		if err := h.engine.EndConflict(t.Context(), c.ID, a); !errors.Is(err, api.InvalidArgument) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	if err := h.engine.EndConflict(t.Context(), "nothing", api.ConflictAnswer{Keep: api.KeepBoth}); !errors.Is(err, api.NotFound) {
		t.Errorf("no conflict: %v", err)
	}
}

// TestACrashDuringAnAnswer ends the process in each step of an answer: after
// the next start the conflict has ended as answered, or it is there as before.
func TestACrashDuringAnAnswer(t *testing.T) {
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		for _, step := range []string{StepAnswered, StepResolved} {
			t.Run(fmt.Sprint(keep, " ", step), func(t *testing.T) {
				h, c := conflicted(t)
				crashed := h.crashAt(step)
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					_ = h.keep(c, keep)
				}()
				<-crashed
				<-ended
				h.comeBack()
				saved := h.save("/w/a.stp", "next") // before anything is settled
				h.serve()
				p := h.published(saved.Operation)
				if p.ConflictOf != "" {
					t.Errorf("the next save became %+v", p)
				}
				list := h.conflicts()
				if done := step == StepResolved; done != (len(list) == 0) || done != (p.Path == c.Path) {
					t.Errorf("conflicts: %+v; the next save became %+v", list, p)
				}
				want := []string{"base", "theirs", "mine", "next"}
				if keep == api.KeepMine && step == StepResolved {
					want = append(want, "mine")
				}
				h.sameVersions(want...)
				for _, path := range h.market.shown() {
					if strings.Contains(path, "conflict") != (step == StepAnswered) && path != c.Path {
						t.Errorf("shown: %s", path)
					}
				}
			})
		}
	}
}
