package mend_test

import (
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/viewtest"
)

// TestTableHasEveryCode walks the error table: a code without a row would have
// no button, and nobody would have decided that.
func TestTableHasEveryCode(t *testing.T) {
	var have []api.Code
	for _, row := range mend.Table() {
		if slices.Contains(have, row.Code) {
			t.Errorf("%s has two rows", row.Code)
		}
		have = append(have, row.Code)
	}
	for _, row := range api.Table() {
		if !slices.Contains(have, row.Code) {
			t.Errorf("%s of the error table has no step; say Nothing where nothing is to be done", row.Code)
		}
	}
	for _, code := range have {
		if _, known := api.Lookup(code); !known {
			t.Errorf("%s is no code of the error table", code)
		}
	}
}

// TestStepsAreButtons presses the button of every code whose subject is known
// in full: each does something, and its label is a text in both languages.
func TestStepsAreButtons(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := viewtest.New(t, lang)
		stage.Desk.Set(api.State{Account: api.Account{Marketplace: "https://market.example"}})
		retried := 0
		full := mend.Subject{
			Operation: "op-1", Path: "/a/b.step", Product: "minicad", Event: "E-1", Solve: "s-1", Retry: func() { retried++ },
		}
		for _, row := range mend.Table() {
			stage.Forget()
			before := retried
			a, ok := stage.Hand().Action(api.Fail(row.Code), full)
			switch {
			case row.Step == mend.Nothing && ok && a.Name != string(mend.Retry):
				t.Errorf("%s needs nothing, and has the button %q", row.Code, a.Label)
			case row.Step == mend.Nothing:
				continue
			case !ok || a.Label == "" || strings.HasPrefix(a.Label, "mend."):
				t.Errorf("%s has no button with a text (%q) in %s", row.Code, a.Label, lang)
				continue
			}
			a.Do()
			if retried == before && !stage.Did() {
				t.Errorf("the button %q of %s does nothing", a.Label, row.Code)
			}
		}
	}
}

func TestStepWithoutItsSubjectIsNoButton(t *testing.T) {
	stage := viewtest.New(t, api.English)
	for _, code := range []api.Code{api.NotFound, api.LeaseUnknownKey, api.LicenseVendorRefused, api.LeaseRevoked, api.MarketplaceFailed, api.LicenseFrozen} {
		if a, ok := stage.Hand().Action(api.Fail(code), mend.Subject{}); ok {
			t.Errorf("%s has the button %q although nothing is known of what it is about", code, a.Label)
		}
	}
	a, ok := stage.Hand().Action(api.Fail(api.NotFound), mend.Subject{Retry: func() {}})
	if !ok || a.Name != string(mend.Retry) {
		t.Errorf("trying again is not offered where nothing better is known: %+v", a)
	}
	if _, ok := stage.Hand().Action(nil, mend.Subject{}); ok {
		t.Error("no reason has a button")
	}
}
