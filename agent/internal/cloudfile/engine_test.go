package cloudfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
)

func TestASaveIsPublishedAndTold(t *testing.T) {
	h := newHouse(t)
	h.serve()
	saved := h.save("/w/a.stp", "one")
	if saved.Path != "/me/a.stp" || saved.Size != 3 || len(saved.Hash) != 64 || saved.Reason != nil {
		t.Fatalf("saved %+v", saved)
	}
	p := h.published(saved.Operation)
	if p.Path != "/me/a.stp" || p.Version != 1 || p.LocalPath != filepath.FromSlash("/w/a.stp") || p.Reason != nil {
		t.Errorf("published %+v", p)
	}
	o := h.lookup("/w/a.stp")
	if o.Document != p.Document || o.Version != 1 || o.Hash != saved.Hash || o.OpenType != api.OpenAndCheckout {
		t.Errorf("bound to %+v", o)
	}
	h.awaitTransfers("done", func(l []api.Transfer) bool { return len(l) == 0 })
	h.close()
	if left := h.staged(); len(left) != 0 {
		t.Errorf("staged content is left: %v", left)
	}
}

// While a published save is about to be told, another save makes the engine
// look at all of them.
func TestAPublishedSaveIsToldOnce(t *testing.T) {
	h := newHouse(t)
	first, second := h.begin("/w/a.stp"), h.begin("/w/b.stp")
	var interrupted atomic.Bool
	meanwhile := func(step string) {
		if step != StepBeforeEvent || !interrupted.CompareAndSwap(false, true) {
			return
		}
		if _, err := h.try(second, []byte("two")); err != nil {
			t.Error(err)
		}
		h.published(second.Operation)
	}
	h.steps.Store(&meanwhile)
	h.saveBytes(first, []byte("one"))
	h.serve()
	h.published(first.Operation)
	h.close() // every upload has ended
	told := 0
	all, _ := h.events.after(0)
	for _, e := range all {
		var p api.Published
		if e.Name == api.EventDocumentPublished && json.Unmarshal(e.Data, &p) == nil && p.Operation == first.Operation {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func (h *house) staged() []string {
	list, err := filepath.Glob(filepath.Join(h.dir, "staging", "*"))
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestSavesOfOneDocumentFollowEachOther(t *testing.T) {
	h := newHouse(t)
	for _, content := range []string{"one", "two", "three"} {
		h.save("/w/a.stp", content)
	}
	h.restart()
	h.serve()
	for i := 1; i <= 3; i++ {
		if p := h.published(fmt.Sprintf("op-%03d", i)); p.Version != i || p.ConflictOf != "" {
			t.Errorf("save %d became %+v", i, p)
		}
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, h.market.contents("/")); diff != "" {
		t.Error(diff)
	}
}

func TestAConflictKeepsBothAndLaterSavesFollowTheCopy(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("base"))
	h.opened("/w/a.stp", "/team/a.stp", api.OpenAndCheckout, api.CheckedOut)
	h.market.put("/team/a.stp", "x2", []byte("theirs"))
	first, second := h.save("/w/a.stp", "mine 1"), h.save("/w/a.stp", "mine 2")
	h.serve()
	p := h.published(first.Operation)
	if p.ConflictOf != "/team/a.stp" || !errors.Is(p.Reason, api.DocumentConflict) || p.Path == "/team/a.stp" {
		t.Errorf("first: %+v", p)
	}
	q := h.published(second.Operation)
	if q.ConflictOf != "" || q.Path != p.Path || q.Version != 2 {
		t.Errorf("second: %+v", q)
	}
	if diff := cmp.Diff([]string{"base", "theirs", "mine 1", "mine 2"}, h.market.contents("/")); diff != "" {
		t.Error(diff)
	}
	if o := h.lookup("/w/a.stp"); o.Path != p.Path || o.Version != 2 {
		t.Errorf("bound to %+v", o)
	}
}

// A marketplace that was restored from a backup does not know the newest
// documents. What is saved of them is published all the same.
func TestADocumentThatIsGoneIsMadeAgain(t *testing.T) {
	h := newHouse(t)
	h.serve()
	h.published(h.save("/w/a.stp", "one").Operation)
	h.market.set(func() { clear(h.market.docs) })
	second := h.published(h.save("/w/a.stp", "two").Operation)
	third := h.published(h.save("/w/a.stp", "three").Operation)
	if second.Reason != nil || second.Version != 1 || third.Document != second.Document || third.Version != 2 {
		t.Errorf("published %+v, then %+v", second, third)
	}
	if got := h.market.contents("/me/a.stp"); !slices.Equal(got, []string{"two", "three"}) {
		t.Errorf("versions %q", got)
	}
}

func TestWhatMayBeSaved(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("base"))
	h.market.put("/me/b.stp", "x2", []byte("there already"))
	h.opened("/w/a.stp", "/team/a.stp", api.OpenOnly, api.CheckedIn)
	if _, err := h.try(h.begin("/w/a.stp"), []byte("x")); !errors.Is(err, api.DocumentReadOnly) {
		t.Errorf("opened to read: %v", err)
	}
	if _, err := h.try(h.begin("/w/b.stp"), []byte("x")); !errors.Is(err, api.Exists) || api.AsError(err).Params["what"] != "/me/b.stp" {
		t.Errorf("the name exists: %v", err)
	}
	if _, err := h.engine.CheckOut(t.Context(), "/team/a.stp"); err != nil {
		t.Fatal(err)
	}
	if o := h.lookup("/w/a.stp"); o.WorkState != api.CheckedOut {
		t.Errorf("after check-out: %+v", o)
	}
	saved := h.save("/w/a.stp", "changed")
	h.serve()
	if p := h.published(saved.Operation); p.Version != 2 || p.Path != "/team/a.stp" {
		t.Errorf("published %+v", p)
	}
	h.market.set(func() {
		h.market.at("/me/b.stp").Checkout.UserID, h.market.at("/me/b.stp").Checkout.UserName = "wang", "Wang"
	})
	req := h.begin("/w/b.stp")
	req.Path, req.Overwrite = "/me/b.stp", true
	if _, err := h.try(req, []byte("x")); !errors.Is(err, api.DocumentCheckedOut) || api.AsError(err).Params["owner"] != "Wang" {
		t.Errorf("checked out by another: %v", err)
	}
	h.account.set(func(a *api.Account) { a.State, a.UserID = api.AccountSignedOut, "" })
	if _, err := h.try(h.begin("/w/new.stp"), []byte("x")); !errors.Is(err, api.SignedOut) {
		t.Errorf("signed out: %v", err)
	}
	if _, err := h.try(h.begin("/w/a.stp"), []byte("kept")); err != nil {
		t.Errorf("signed out, but it is known whose it is: %v", err)
	}
}

func TestBadAnnouncementsAreRefused(t *testing.T) {
	h := newHouse(t)
	for name, change := range map[string]func(*api.SaveBegin){
		"no operation":     func(r *api.SaveBegin) { r.Operation = "" },
		"odd operation":    func(r *api.SaveBegin) { r.Operation = "a\nb" },
		"long operation":   func(r *api.SaveBegin) { r.Operation = strings.Repeat("x", 200) },
		"no name":          func(r *api.SaveBegin) { r.Name = "" },
		"a name with /":    func(r *api.SaveBegin) { r.Name = "a/b" },
		"no kind":          func(r *api.SaveBegin) { r.Kind = "" },
		"a path outside":   func(r *api.SaveBegin) { r.Entries[0].Path = "../a" },
		"a negative size":  func(r *api.SaveBegin) { r.Entries[0].Size = -1 },
		"no entries":       func(r *api.SaveBegin) { r.Entries = []api.FileEntry{} },
		"a bad cloud path": func(r *api.SaveBegin) { r.Path = "/me/../x" },
		"a zero byte":      func(r *api.SaveBegin) { r.LocalPath = "a\x00b" },
	} {
		req := h.begin("/w/a.stp")
		req.Entries = []api.FileEntry{{Path: "a.stp", Size: 1}}
		change(&req)
		if _, err := h.try(req, []byte("x")); !errors.Is(err, api.InvalidArgument) && !errors.Is(err, api.NameInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := h.staged(); len(left) != 0 {
		t.Errorf("staged content is left: %v", left)
	}
}

func TestAnOperationIsOneSave(t *testing.T) {
	h := newHouse(t)
	h.serve()
	req := h.begin("/w/a.stp")
	first := h.saveBytes(req, []byte("one"))
	h.published(first.Operation)
	again, err := h.try(req, []byte("one"))
	if err != nil || again.Hash != first.Hash {
		t.Errorf("repeated: %+v, %v", again, err)
	}
	req.Entries = []api.FileEntry{{Path: "a.stp", Size: 5}}
	if _, err := h.try(req, []byte("other")); !errors.Is(err, api.InvalidArgument) {
		t.Errorf("used for another save: %v", err)
	}
	open := h.begin("/w/b.stp")
	open.Entries = []api.FileEntry{{Path: "b.stp", Size: 5}}
	s, err := h.engine.BeginSave(t.Context(), h.app(), open)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.engine.BeginSave(t.Context(), h.app(), open); !errors.Is(err, api.Busy) {
		t.Errorf("twice at once: %v", err)
	}
	s.Abort()
	if _, err := h.try(open, []byte("fresh")); err != nil {
		t.Errorf("after an abort: %v", err)
	}
	if got := h.market.contents("/me/a.stp"); !slices.Equal(got, []string{"one"}) {
		t.Errorf("versions %q", got)
	}
}

func TestAFileThatChangedIsNotSaved(t *testing.T) {
	h := newHouse(t)
	req := h.begin("/w/a.stp")
	req.Entries = []api.FileEntry{{Path: "a.stp", Size: 3}}
	s, err := h.engine.BeginSave(t.Context(), h.app(), req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Write([]byte("one"))
	if _, err := s.Commit(t.Context(), api.SaveCommit{Operation: req.Operation, Changed: "a.stp"}); !errors.Is(err, api.FileChanged) {
		t.Errorf("got %v", err)
	}
	if len(h.staged()) != 0 || len(h.engine.Transfers()) != 0 {
		t.Error("something was kept")
	}
}

func TestOfflineIsWaitedOutAndHelloEndsTheWait(t *testing.T) {
	h := newHouse(t)
	h.offline(true)
	saved := h.save("/w/a.stp", "one")
	h.serve()
	h.awaitTransfers("waiting with a reason", func(l []api.Transfer) bool {
		return len(l) == 1 && l[0].State == "waiting" && l[0].RetryAt > 0 && errors.Is(l[0].Reason, api.MarketplaceFailed)
	})
	listing, err := h.engine.List(t.Context(), "/me")
	if err == nil {
		t.Errorf("a folder never seen is listed: %+v", listing)
	}
	h.offline(false)
	h.hello()
	if p := h.published(saved.Operation); p.Version != 1 || p.Path != "/me/a.stp" {
		t.Errorf("published %+v", p)
	}
	if l, err := h.engine.List(t.Context(), "/me"); err != nil || len(l.Entries) != 1 || l.Stale {
		t.Errorf("listing %+v, %v", l, err)
	}
	h.offline(true)
	h.save("/w/new.stp", "two")
	l, err := h.engine.List(t.Context(), "/me/")
	if err != nil || !l.Stale || len(l.Entries) != 2 || l.Entries[0].Pending || !l.Entries[1].Pending {
		t.Errorf("listing while offline %+v, %v", l, err)
	}
}

func TestARefusalKeepsTheContentUntilItIsRetried(t *testing.T) {
	h := newHouse(t)
	h.market.set(func() {
		h.market.Fail = func(call string) *api.Error {
			if call == "POST /versions" {
				return api.Fail(api.PermissionDenied)
			}
			return nil
		}
	})
	h.serve()
	first, second := h.save("/w/a.stp", "one"), h.save("/w/a.stp", "two")
	if p := h.published(first.Operation); !errors.Is(p.Reason, api.PermissionDenied) || p.Version != 0 {
		t.Errorf("refused: %+v", p)
	}
	h.awaitTransfers("failed, with the second behind", func(l []api.Transfer) bool {
		return len(l) == 2 && l[0].State == "failed" && errors.Is(l[0].Reason, api.PermissionDenied) && l[1].State == "waiting"
	})
	if len(h.staged()) != 2 {
		t.Errorf("staged: %v", h.staged())
	}
	h.restart()
	h.serve()
	h.hello()
	h.market.set(func() { h.market.Fail = nil })
	if err := h.engine.Retry(t.Context(), second.Operation); err != nil {
		t.Fatal(err)
	}
	if p := await(h, api.EventDocumentPublished, func(p api.Published) bool { return p.Operation == second.Operation && p.Reason == nil }); p.Version != 2 {
		t.Errorf("published %+v", p)
	}
	if err := h.engine.Retry(t.Context(), "nothing"); !errors.Is(err, api.NotFound) {
		t.Errorf("retry of nothing: %v", err)
	}
}

func TestAnotherAccountDoesNotSendIt(t *testing.T) {
	h := newHouse(t)
	saved := h.save("/w/a.stp", "li's")
	h.account.set(func(a *api.Account) { a.UserID = "wang" })
	h.serve()
	h.awaitTransfers("waiting for its account", func(l []api.Transfer) bool {
		return len(l) == 1 && l[0].State == "waiting" && errors.Is(l[0].Reason, api.SavedByOther)
	})
	other := h.save("/w/b.stp", "wang's")
	h.published(other.Operation)
	if _, err := h.engine.Lookup(t.Context(), api.DocumentLookup{LocalPath: "/w/a.stp"}); !errors.Is(err, api.NotFound) {
		t.Errorf("another account's binding is shown: %v", err)
	}
	h.account.set(func(a *api.Account) { a.State = api.AccountExpired })
	h.hello()
	h.awaitTransfers("waiting for anybody", func(l []api.Transfer) bool { return len(l) == 1 && errors.Is(l[0].Reason, api.SignedOut) })
	if got := h.market.contents("/me/a.stp"); len(got) != 0 {
		t.Fatalf("sent: %q", got)
	}
	h.account.set(func(a *api.Account) { a.UserID, a.State = "li", api.AccountSignedIn })
	h.hello()
	h.published(saved.Operation)
}

func TestAccidentsOnTheLine(t *testing.T) {
	h := newHouse(t)
	data := make([]byte, 20<<20)
	_, _ = rand.New(rand.NewSource(3)).Read(data)
	h.market.CutPacks, h.market.LoseAnswers = 2, 1
	h.serve()
	saved := h.saveBytes(h.begin("/w/big.stp"), data)
	for p := (api.Published{}); p.Version == 0; {
		h.awaitTransfers("waiting or done", func(l []api.Transfer) bool { return len(l) == 0 || l[0].RetryAt > 0 })
		h.hello()
		if len(h.events.named(api.EventDocumentPublished)) > 0 {
			p = h.published(saved.Operation)
		}
	}
	if got := h.market.contents("/"); len(got) != 1 || got[0] != string(data) {
		t.Fatalf("%d versions", len(got))
	}
	h.market.set(func() { h.market.CutFetches, h.market.Spoil = 1, 1 })
	if header, content, err := h.fetch("/me/big.stp", 0); err != nil || content != string(data) || header.Entries[0].Size != int64(len(data)) {
		t.Errorf("fetched %d bytes, %v", len(content), err)
	}
	h.market.set(func() { h.market.Spoil = 100 })
	if _, _, err := h.fetch("/me/big.stp", 1); !errors.Is(err, api.ContentDamaged) {
		t.Errorf("spoilt content: %v", err)
	}
	if n := len(h.events.named(api.EventUploadProgress)); n < 2 || n > 40 {
		t.Errorf("%d events of progress", n)
	}
}

func TestTheNewestIsWhatWasSavedHere(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("published"))
	h.opened("/w/a.stp", "/team/a.stp", api.OpenAndCheckout, api.CheckedOut)
	first := h.save("/w/a.stp", "on its way")
	header, content, err := h.fetch("/team/a.stp", 0)
	if err != nil || content != "on its way" || header.Version != 1 || hashOf(header) != first.Hash {
		t.Errorf("newest: %q %+v %v", content, header, err)
	}
	if _, content, err := h.fetch("/team/a.stp", 1); err != nil || content != "published" {
		t.Errorf("version 1: %q %v", content, err)
	}
	// A second copy, opened from the save that is on its way, builds on it.
	h.opened("/w2/a.stp", "/team/a.stp", api.OpenAndCheckout, api.CheckedOut)
	second := h.save("/w2/a.stp", "on top of it")
	h.serve()
	h.published(first.Operation)
	if p := h.published(second.Operation); p.ConflictOf != "" || p.Version != 3 {
		t.Errorf("second: %+v", p)
	}
}

func TestOpenedWhileItWasPublished(t *testing.T) {
	h := newHouse(t)
	first := h.save("/w/a.stp", "one")
	header, _, err := h.fetch("/me/a.stp", 0)
	if err != nil {
		t.Fatal(err)
	}
	h.serve()
	h.published(first.Operation)
	err = h.engine.Opened(t.Context(), api.OpenedDocument{
		LocalPath: "/w2/a.stp", Document: header.Document, Path: header.Path, Kind: header.Kind, Version: header.Version,
		OpenType: api.OpenAndCheckout, WorkState: api.CheckedIn, Hash: hashOf(header),
	})
	if err != nil {
		t.Fatal(err)
	}
	second := h.save("/w2/a.stp", "two")
	if p := h.published(second.Operation); p.ConflictOf != "" || p.Version != 2 {
		t.Errorf("second: %+v", p)
	}
}

func TestSolves(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.inp", "x1", []byte("model"))
	h.opened("/w/a.inp", "/team/a.inp", api.OpenOnly, api.CheckedIn)
	h.serve()
	for _, content := range []string{"model", "model 2"} {
		req := h.begin("/w/a.inp")
		req.Solve, req.Tag = true, "tag"
		saved := h.saveBytes(req, []byte(content))
		if saved.Path != "/me/solves/a.inp" || saved.Solve != req.Operation {
			t.Errorf("saved %+v", saved)
		}
		h.published(saved.Operation)
		<-h.solved
	}
	if o := h.lookup("/w/a.inp"); o.Path != "/team/a.inp" || o.Version != 1 {
		t.Errorf("the model is bound to %+v", o)
	}
	h.restart()
	inputs, err := h.engine.PublishedSolves(t.Context())
	if err != nil || len(inputs) != 2 || inputs[1].Version != 2 || inputs[1].Path != "/me/solves/a.inp" || inputs[1].Session != "session-1" || inputs[1].Tag != "tag" {
		t.Fatalf("%+v, %v", inputs, err)
	}
	if err := h.engine.SolveSubmitted(t.Context(), inputs[0].Operation); err != nil {
		t.Fatal(err)
	}
	if inputs, _ := h.engine.PublishedSolves(t.Context()); len(inputs) != 1 {
		t.Errorf("%+v", inputs)
	}
}

func TestCheckInWaitsForWhatIsOnItsWay(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("base"))
	if _, err := h.engine.CheckOut(t.Context(), "/team/a.stp"); err != nil {
		t.Fatal(err)
	}
	h.opened("/w/a.stp", "/team/a.stp", api.OpenAndCheckout, api.CheckedOut)
	h.save("/w/a.stp", "mine")
	h.serve()
	entry, err := h.engine.CheckIn(t.Context(), "/team/a.stp")
	if err != nil || entry.CheckedOutBy != "" || entry.Version != 2 {
		t.Errorf("%+v, %v", entry, err)
	}
	if got := h.market.contents("/team"); !slices.Equal(got, []string{"base", "mine"}) {
		t.Errorf("versions %q", got)
	}
	history, err := h.engine.History(t.Context(), "/team/a.stp")
	if err != nil || len(history) != 2 || history[0].Number != 2 {
		t.Errorf("%+v, %v", history, err)
	}
	v, err := h.engine.Restore(t.Context(), api.RestoreRequest{Path: "/team/a.stp", Version: 1, Operation: "r"})
	if err != nil || v.Number != 3 {
		t.Errorf("%+v, %v", v, err)
	}
}
