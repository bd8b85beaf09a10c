package cloudfile

import (
	"errors"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// What else was opened from the copy follows too: what was opened to be read
// stays so, and what is checked out says so.
func TestEveryFileOfTheCopyFollows(t *testing.T) {
	for _, keep := range []api.Keep{api.KeepMine, api.KeepTheirs} {
		t.Run(string(keep), func(t *testing.T) {
			h, c := conflicted(t)
			h.opened("/w/read.stp", c.Copy, api.OpenOnly, api.CheckedIn)
			h.opened("/w/write.stp", c.Copy, api.OpenOnly, api.CheckedOut)
			h.market.set(func() { h.market.at(c.Path).Checkout = agentapi.Checkout{UserID: "li", UserName: "li"} })
			if err := h.keep(c, keep); err != nil {
				t.Fatal(err)
			}
			newest := map[api.Keep]int{api.KeepMine: 3, api.KeepTheirs: 2}[keep]
			for local, open := range map[string]string{"/w/a.stp": api.OpenAndCheckout, "/w/write.stp": api.OpenAndCheckout, "/w/read.stp": api.OpenOnly} {
				o := h.lookup(local)
				if o.Path != c.Path || o.Version != newest || o.OpenType != open || o.WorkState != api.CheckedOut {
					t.Errorf("%s is bound to %+v", local, o)
				}
			}
			if _, err := h.engine.CheckIn(t.Context(), c.Path); err != nil {
				t.Fatal(err)
			}
			if _, err := h.try(h.begin("/w/read.stp"), []byte("x")); !errors.Is(err, api.DocumentReadOnly) {
				t.Errorf("what was opened to be read is saved: %v", err)
			}
			h.nextSave(newest + 1)
		})
	}
}
