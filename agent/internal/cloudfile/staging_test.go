package cloudfile

import (
	"errors"
	"os"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestDamagedContentIsReportedAndHoldsNothingUp(t *testing.T) {
	h := newHouse(t)
	first := h.save("/w/a.stp", "one")
	if err := os.Remove(h.staged()[0]); err != nil {
		t.Fatal(err)
	}
	second := h.save("/w/a.stp", "two")
	h.restart()
	h.serve()
	if p := h.published(first.Operation); !errors.Is(p.Reason, api.ContentDamaged) {
		t.Errorf("lost content: %+v", p)
	}
	if p := h.published(second.Operation); p.Version != 1 || p.Reason != nil {
		t.Errorf("the save behind it: %+v", p)
	}
	third := h.save("/w/a.stp", "three")
	h.published(third.Operation)
	if l := h.engine.Transfers(); len(l) != 1 || l[0].State != "failed" || !errors.Is(l[0].Reason, api.ContentDamaged) {
		t.Errorf("transfers %+v", l)
	}
	if err := h.engine.Retry(t.Context(), first.Operation); !errors.Is(err, api.ContentDamaged) {
		t.Errorf("retry: %v", err)
	}
}

func TestSpoiltContentIsNotSent(t *testing.T) {
	h := newHouse(t)
	saved := h.save("/w/a.stp", "good content")
	f, err := os.OpenFile(h.staged()[0], os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("bad!"), 0)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	h.serve()
	if p := h.published(saved.Operation); !errors.Is(p.Reason, api.ContentDamaged) {
		t.Errorf("published %+v", p)
	}
	if got := h.market.contents("/"); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
}

func TestStagedContentIsServedOnlyWhole(t *testing.T) {
	h := newHouse(t)
	h.save("/w/a.stp", "good content")
	if _, content, err := h.fetch("/me/a.stp", 0); err != nil || content != "good content" {
		t.Errorf("fetched %q, %v", content, err)
	}
	if err := os.WriteFile(h.staged()[0], []byte("goof content"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, content, err := h.fetch("/me/a.stp", 0); !errors.Is(err, api.ContentDamaged) || content != "" {
		t.Errorf("damaged: fetched %q, %v", content, err)
	}
}

func TestCheckStagingCountsWhatIsDamaged(t *testing.T) {
	h := newHouse(t)
	check := func(when, want string) {
		t.Helper()
		err := h.engine.CheckStaging(t.Context())
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", when, err)
		case want != "" && (!errors.Is(err, api.StateDamaged) || !strings.Contains(api.AsError(err).Params["detail"], want)):
			t.Errorf("%s: %v, want %s", when, err, want)
		}
	}
	check("nothing saved", "")
	for _, name := range []string{"a", "b", "c"} {
		h.save("/w/"+name+".stp", "content of "+name)
	}
	check("all whole", "")
	blobs := h.staged()
	if err := os.Remove(blobs[0]); err != nil {
		t.Fatal(err)
	}
	check("one gone", "1 of 3")
	if err := os.Truncate(blobs[1], 3); err != nil {
		t.Fatal(err)
	}
	check("one cut short", "2 of 3")
	h.restart()
	check("known as damaged", "2 of 3")
	h.serve()
	h.awaitTransfers("the whole one sent", func(l []api.Transfer) bool { return len(l) == 2 })
	check("the whole one is published", "2 of 2")
}
