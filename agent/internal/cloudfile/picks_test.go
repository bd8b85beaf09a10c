package cloudfile

import (
	"errors"
	"slices"
	"testing"

	"iscdesk.dev/agent/api"
)

func (h *house) pick() string {
	h.t.Helper()
	ticket, err := h.engine.Pick(h.t.Context(), h.app())
	if err != nil {
		h.t.Fatal(err)
	}
	return ticket.Pick
}

func (h *house) picked(id string) api.Picked {
	h.t.Helper()
	return await(h, api.EventDocumentPicked, func(p api.Picked) bool { return p.Pick == id })
}

func TestPickToOpen(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("one"))
	h.market.put("/team/a.stp", "x2", []byte("two"))
	for _, row := range []struct {
		name   string
		answer api.PickAnswer
		want   api.Picked
	}{
		{"the newest", api.PickAnswer{Path: "/team/a.stp"}, api.Picked{Version: 2, OpenType: api.OpenOnly, WorkState: api.CheckedIn}},
		{"an old version", api.PickAnswer{Path: "/team/a.stp", Version: 1}, api.Picked{Version: 1, OpenType: api.OpenOnly, WorkState: api.CheckedIn}},
		{"with check-out", api.PickAnswer{Path: "/team/a.stp", Checkout: true}, api.Picked{Version: 2, OpenType: api.OpenAndCheckout, WorkState: api.CheckedOut}},
		{"plain, while it is checked out", api.PickAnswer{Path: "/team/a.stp"}, api.Picked{Version: 2, OpenType: api.OpenOnly, WorkState: api.CheckedOut}},
	} {
		id := h.pick()
		if err := h.engine.AnswerPick(t.Context(), id, row.answer); err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		p := h.picked(id)
		if p.Version != row.want.Version || p.OpenType != row.want.OpenType || p.WorkState != row.want.WorkState || p.Document == "" || p.Kind != api.Single || p.Reason != nil {
			t.Errorf("%s: %+v", row.name, p)
		}
	}
	if events := h.events.named(api.EventDocumentPicked); events[0].Session != "session-1" || events[0].Product != "minicad" {
		t.Errorf("told to %+v", events[0])
	}
}

func TestAPickThatFailsStillWaits(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("one"))
	h.market.set(func() {
		h.market.at("/team/a.stp").Checkout.UserID, h.market.at("/team/a.stp").Checkout.UserName = "wang", "Wang"
	})
	id := h.pick()
	for name, row := range map[string]struct {
		answer api.PickAnswer
		want   api.Code
	}{
		"checked out by another": {api.PickAnswer{Path: "/team/a.stp", Checkout: true}, api.DocumentCheckedOut},
		"not there":              {api.PickAnswer{Path: "/team/b.stp"}, api.NotFound},
		"no path":                {api.PickAnswer{}, api.NameInvalid},
		"outside":                {api.PickAnswer{Path: "/team/../x"}, api.NameInvalid},
		"no version":             {api.PickAnswer{Path: "/team/a.stp", Version: -1}, api.InvalidArgument},
	} {
		if err := h.engine.AnswerPick(t.Context(), id, row.answer); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if picks := h.engine.Picks(); len(picks) != 1 || picks[0].ID != id || picks[0].Kind != api.PickOpen {
		t.Fatalf("picks %+v", picks)
	}
	if err := h.engine.AnswerPick(t.Context(), id, api.PickAnswer{Cancelled: true}); err != nil {
		t.Fatal(err)
	}
	if p := h.picked(id); !errors.Is(p.Reason, api.Cancelled) {
		t.Errorf("cancelled: %+v", p)
	}
	if err := h.engine.AnswerPick(t.Context(), id, api.PickAnswer{Path: "/team/a.stp"}); !errors.Is(err, api.NotFound) {
		t.Errorf("answered twice: %v", err)
	}
}

func TestPicksEndWithTheirSessionOrTheService(t *testing.T) {
	h := newHouse(t)
	h.pick()
	other, err := h.engine.Pick(t.Context(), api.Session{ID: "session-2"})
	if err != nil {
		t.Fatal(err)
	}
	h.engine.SessionClosed(h.app())
	if picks := h.engine.Picks(); len(picks) != 1 || picks[0].ID != other.Pick {
		t.Fatalf("picks %+v", picks)
	}
	h.restart()
	h.serve()
	if p := h.picked(other.Pick); !errors.Is(p.Reason, api.Cancelled) {
		t.Errorf("after a restart: %+v", p)
	}
	for range maxPicks {
		h.pick()
	}
	if _, err := h.engine.Pick(t.Context(), h.app()); !errors.Is(err, api.Busy) {
		t.Errorf("one too many: %v", err)
	}
}

func TestSaveAs(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/taken.stp", "x1", []byte("theirs"))
	h.serve()
	req := h.begin("/w/a.stp")
	req.SaveAs, req.Tag = true, "tag"
	saved := h.saveBytes(req, []byte("mine"))
	if saved.Path != "" {
		t.Errorf("saved to %q before the user chose", saved.Path)
	}
	if l := h.engine.Transfers(); len(l) != 1 || l[0].State != "picking" {
		t.Errorf("transfers %+v", l)
	}
	h.engine.SessionClosed(h.app()) // the application ends; its content does not
	h.restart()
	h.serve()
	picks := h.engine.Picks()
	if len(picks) != 1 || picks[0].Kind != api.PickSaveAs || picks[0].SuggestedName != "a.stp" || picks[0].DocumentKind != api.Single {
		t.Fatalf("picks %+v", picks)
	}
	id := picks[0].ID
	if err := h.engine.AnswerPick(t.Context(), id, api.PickAnswer{Path: "/team/taken.stp"}); !errors.Is(err, api.Exists) {
		t.Errorf("the name is taken: %v", err)
	}
	if err := h.engine.AnswerPick(t.Context(), id, api.PickAnswer{Path: "/team/new/mine.stp"}); err != nil {
		t.Fatal(err)
	}
	if s := await(h, api.EventDocumentSaved, func(s api.Saved) bool { return s.Operation == req.Operation }); s.Path != "/team/new/mine.stp" || s.Tag != "tag" {
		t.Errorf("saved %+v", s)
	}
	if p := h.published(req.Operation); p.Path != "/team/new/mine.stp" || p.Version != 1 {
		t.Errorf("published %+v", p)
	}
	next := h.save("/w/a.stp", "mine, later")
	if p := h.published(next.Operation); p.Path != "/team/new/mine.stp" || p.Version != 2 {
		t.Errorf("the next save: %+v", p)
	}
}

func TestSaveAsOverAndCancelled(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/taken.stp", "x1", []byte("theirs"))
	h.serve()
	over, never := h.begin("/w/a.stp"), h.begin("/w/b.stp")
	over.SaveAs, never.SaveAs = true, true
	h.saveBytes(over, []byte("mine"))
	h.saveBytes(never, []byte("nobody's"))
	picks := h.engine.Picks()
	if len(picks) != 2 {
		t.Fatalf("picks %+v", picks)
	}
	byName := map[string]string{picks[0].SuggestedName: picks[0].ID, picks[1].SuggestedName: picks[1].ID}
	if err := h.engine.AnswerPick(t.Context(), byName["a.stp"], api.PickAnswer{Path: "/team/taken.stp", Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	if p := h.published(over.Operation); p.Version != 2 || p.ConflictOf != "" {
		t.Errorf("over: %+v", p)
	}
	if err := h.engine.AnswerPick(t.Context(), byName["b.stp"], api.PickAnswer{Cancelled: true}); err != nil {
		t.Fatal(err)
	}
	if p := h.published(never.Operation); !errors.Is(p.Reason, api.Cancelled) {
		t.Errorf("cancelled: %+v", p)
	}
	h.awaitTransfers("none", func(l []api.Transfer) bool { return len(l) == 0 })
	h.close()
	if left := h.staged(); len(left) != 0 {
		t.Errorf("left in the staging: %v", left)
	}
	if got := h.market.contents("/"); !slices.Equal(got, []string{"theirs", "mine"}) {
		t.Errorf("versions %q", got)
	}
}

func TestPickWhatIsOnItsWay(t *testing.T) {
	h := newHouse(t)
	h.offline(true)
	h.save("/w/a.stp", "mine")
	if err := h.engine.ledger.SetPersonal(t.Context(), "m#li", "me"); err != nil {
		t.Fatal(err)
	}
	h.save("/w/b.stp", "mine too")
	id := h.pick()
	if err := h.engine.AnswerPick(t.Context(), id, api.PickAnswer{Path: "/me/b.stp"}); err != nil {
		t.Fatal(err)
	}
	p := h.picked(id)
	if _, content, err := h.fetch(p.Path, p.Version); err != nil || content != "mine too" || p.OpenType != api.OpenAndCheckout {
		t.Errorf("%q of %+v: %v", content, p, err)
	}
	if err := h.engine.AnswerPick(t.Context(), h.pick(), api.PickAnswer{Path: "/team/x.stp"}); err == nil {
		t.Error("picked what cannot be reached")
	}
}
