package cloudfile

import (
	"errors"
	"slices"
	"testing"

	"iscdesk.dev/agent/api"
)

// refusing makes the marketplace refuse to publish until the returned func is
// called.
func (h *house) refusing() (stop func()) {
	h.market.set(func() {
		h.market.Fail = func(call string) *api.Error {
			if call == "POST /versions" {
				return api.Fail(api.PermissionDenied)
			}
			return nil
		}
	})
	return func() { h.market.set(func() { h.market.Fail = nil }) }
}

// refused waits until the save of an operation is refused.
func (h *house) refused(operation string) {
	h.t.Helper()
	h.awaitTransfers("refused", func(l []api.Transfer) bool {
		return slices.ContainsFunc(l, func(t api.Transfer) bool { return t.Operation == operation && t.State == "failed" && t.RetryAt == 0 })
	})
}

func TestARefusedSaveIsPublishedElsewhere(t *testing.T) {
	h := newHouse(t)
	h.serve()
	stop := h.refusing()
	first := h.save("/w/a.stp", "one")
	h.refused(first.Operation)
	second := h.save("/w/a.stp", "two") // waits behind it
	stop()
	if err := h.engine.Redirect(t.Context(), first.Operation, api.Redirect{Path: "/me/elsewhere.stp"}); err != nil {
		t.Fatal(err)
	}
	h.awaitTransfers("done", func(l []api.Transfer) bool { return len(l) == 0 })
	if _, content, err := h.fetch("/me/elsewhere.stp", 1); err != nil || content != "one" {
		t.Errorf("version 1 is %q, %v", content, err)
	}
	if _, content, err := h.fetch("/me/elsewhere.stp", 2); err != nil || content != "two" {
		t.Errorf("version 2 is %q, %v", content, err)
	}
	if o := h.lookup("/w/a.stp"); o.Path != "/me/elsewhere.stp" || o.Version != 2 {
		t.Errorf("the local path is bound to %+v", o)
	}
	if third := h.save("/w/a.stp", "three"); third.Path != "/me/elsewhere.stp" {
		t.Errorf("the next save goes to %s", third.Path)
	}
	await(h, api.EventDocumentPublished, func(p api.Published) bool { return p.Operation == second.Operation && p.Version == 2 })
	if p := h.published(second.Operation); p.Path != "/me/elsewhere.stp" {
		t.Errorf("the second save was published to %s", p.Path)
	}
}

func TestRedirectSurvivesACrash(t *testing.T) {
	h := newHouse(t)
	h.serve()
	stop := h.refusing()
	saved := h.save("/w/a.stp", "one")
	h.refused(saved.Operation)
	h.offline(true)
	if err := h.engine.Redirect(t.Context(), saved.Operation, api.Redirect{Path: "/me/b.stp"}); err != nil {
		t.Fatal(err)
	}
	h.restart()
	h.serve()
	stop()
	h.offline(false)
	h.hello()
	h.awaitTransfers("done", func(l []api.Transfer) bool { return len(l) == 0 })
	if _, content, err := h.fetch("/me/b.stp", 1); err != nil || content != "one" {
		t.Errorf("it is %q, %v", content, err)
	}
}

func TestRedirectDoesNotWriteOverOthers(t *testing.T) {
	h := newHouse(t)
	h.market.put("/me/b.stp", "earlier", []byte("theirs"))
	h.serve()
	stop := h.refusing()
	saved := h.save("/w/a.stp", "mine")
	h.refused(saved.Operation)
	stop()
	if err := h.engine.Redirect(t.Context(), saved.Operation, api.Redirect{Path: "/me/b.stp"}); !errors.Is(err, api.Exists) {
		t.Fatalf("got %v", err)
	}
	h.refused(saved.Operation) // nothing has changed
	if err := h.engine.Redirect(t.Context(), saved.Operation, api.Redirect{Path: "/me/b.stp", Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	h.awaitTransfers("done", func(l []api.Transfer) bool { return len(l) == 0 })
	if _, content, err := h.fetch("/me/b.stp", 2); err != nil || content != "mine" {
		t.Errorf("version 2 is %q, %v", content, err)
	}
}

func TestADiscardedSaveIsGoneAndTheNextIsNot(t *testing.T) {
	h := newHouse(t)
	h.serve()
	stop := h.refusing()
	first := h.save("/w/a.stp", "one")
	h.refused(first.Operation)
	h.save("/w/a.stp", "two")
	stop()
	if err := h.engine.Discard(t.Context(), first.Operation); err != nil {
		t.Fatal(err)
	}
	await(h, api.EventDocumentPublished, func(p api.Published) bool {
		return p.Operation == first.Operation && errors.Is(p.Reason, api.Cancelled)
	})
	h.awaitTransfers("done", func(l []api.Transfer) bool { return len(l) == 0 })
	if _, content, err := h.fetch("/me/a.stp", 1); err != nil || content != "two" {
		t.Errorf("version 1 is %q, %v", content, err)
	}
	if err := h.engine.Discard(t.Context(), first.Operation); !errors.Is(err, api.NotFound) {
		t.Errorf("again: %v", err)
	}
	h.close()
	if left := h.staged(); len(left) != 0 {
		t.Errorf("staged content is left: %v", left)
	}
}

func TestNothingIsDiscardedOnItsWay(t *testing.T) {
	h := newHouse(t)
	tried := make(chan error, 1)
	var operation string
	try := func(step string) {
		if step == StepBeforePublish {
			tried <- h.engine.Discard(t.Context(), operation)
		}
	}
	h.steps.Store(&try)
	req := h.begin("/w/a.stp")
	operation = req.Operation
	h.saveBytes(req, []byte("one"))
	h.serve()
	if err := <-tried; !errors.Is(err, api.Busy) {
		t.Errorf("got %v", err)
	}
	if p := h.published(operation); p.Version != 1 {
		t.Errorf("published %+v", p)
	}
}

func TestWhatWaitsForItsPlaceIsRedirectedOrDiscarded(t *testing.T) {
	h := newHouse(t)
	h.serve()
	kept, dropped := h.begin("/w/a.stp"), h.begin("/w/b.stp")
	kept.SaveAs, dropped.SaveAs = true, true
	h.saveBytes(kept, []byte("one"))
	h.saveBytes(dropped, []byte("two"))
	if err := h.engine.Redirect(t.Context(), kept.Operation, api.Redirect{Path: "/me/c.stp"}); err != nil {
		t.Fatal(err)
	}
	if err := h.engine.Discard(t.Context(), dropped.Operation); err != nil {
		t.Fatal(err)
	}
	if p := h.published(kept.Operation); p.Path != "/me/c.stp" {
		t.Errorf("published %+v", p)
	}
	if len(h.engine.Picks()) != 0 || len(h.engine.Transfers()) != 0 {
		t.Errorf("left: %+v %+v", h.engine.Picks(), h.engine.Transfers())
	}
}
