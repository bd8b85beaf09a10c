package core

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
)

func TestNext(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	later := now.Add(time.Minute)
	offline := api.Fail(api.Offline)
	mine := Facts{Saved: true, Owner: true, SignedIn: true}
	with := func(change func(*Facts)) Facts { f := mine; change(&f); return f }
	for _, row := range []struct {
		name  string
		facts Facts
		want  Decision
	}{
		{"nothing to do", Facts{}, Decision{State: Clean, Do: Rest}},
		{"changed on disk only", Facts{Modified: true}, Decision{State: Modified, Do: Rest}},
		{"the last save became a copy", Facts{Conflict: true}, Decision{State: Conflicted, Do: Rest}},
		{"changed again after a conflict", Facts{Conflict: true, Modified: true}, Decision{State: Modified, Do: Rest}},
		{"saved", mine, Decision{State: Staged, Do: Upload}},
		{"saved, and changed again since", with(func(f *Facts) { f.Modified = true }), Decision{State: Staged, Do: Upload}},
		{"on its way", with(func(f *Facts) { f.Sending = true }), Decision{State: Uploading, Do: Rest}},
		{"the user still picks", with(func(f *Facts) { f.Picking = true }), Decision{State: Staged, Do: Rest}},
		{"an earlier save comes first", with(func(f *Facts) { f.Behind = true }), Decision{State: Staged, Do: Rest}},
		{"published, nobody told", with(func(f *Facts) { f.Published = true }), Decision{State: Uploading, Do: Announce}},
		{"published, then signed out", with(func(f *Facts) { f.Published, f.SignedIn, f.Owner = true, false, false }), Decision{State: Uploading, Do: Announce}},
		{"nobody is signed in", with(func(f *Facts) { f.SignedIn, f.Owner = false, false }), Decision{State: Staged, Do: Rest, Reason: api.Fail(api.SignedOut)}},
		{"somebody else is signed in", with(func(f *Facts) { f.Owner = false }), Decision{State: Staged, Do: Rest, Reason: api.Fail(api.SavedByOther)}},
		{"offline, not due", with(func(f *Facts) { f.RetryAt, f.Reason = later, offline }), Decision{State: Failed, Do: Wait, RetryAt: later, Reason: offline}},
		{"offline, due", with(func(f *Facts) { f.RetryAt, f.Reason = now, offline }), Decision{State: Staged, Do: Upload}},
		{"refused stays refused", with(func(f *Facts) { f.Refused, f.Reason = true, offline }), Decision{State: Failed, Do: Rest, Reason: offline}},
		{"damaged stays damaged", with(func(f *Facts) { f.Damaged, f.Reason = true, offline }), Decision{State: Failed, Do: Rest, Reason: offline}},
		{"refused and signed out", with(func(f *Facts) { f.Refused, f.SignedIn = true, false }), Decision{State: Failed, Do: Rest}},
	} {
		got := Next(row.facts, now)
		if got.State != row.want.State || got.Do != row.want.Do || !got.RetryAt.Equal(row.want.RetryAt) || fmt.Sprint(got.Reason) != fmt.Sprint(row.want.Reason) {
			t.Errorf("%s: got %+v, want %+v", row.name, got, row.want)
		}
	}
}

func TestPlace(t *testing.T) {
	save := api.SaveBegin{Name: "b.stp"}
	solve := api.SaveBegin{Name: "b.inp", Solve: true}
	at := func(path string, overwrite bool) api.SaveBegin {
		return api.SaveBegin{Name: "b.stp", Path: path, Overwrite: overwrite}
	}
	based := func(base int, overwrite bool) api.SaveBegin {
		return api.SaveBegin{Name: "b.stp", Path: "/team/b.stp", Overwrite: overwrite, Base: base}
	}
	readOnly := &Bound{Document: "d", Path: "/team/b.stp", Version: 3, OpenType: api.OpenOnly, WorkState: api.CheckedIn}
	openedOut := &Bound{Document: "d", Path: "/team/b.stp", Version: 3, OpenType: api.OpenOnly, WorkState: api.CheckedOut}
	out := &Bound{Document: "d", Path: "/team/b.stp", Version: 3, OpenType: api.OpenAndCheckout, WorkState: api.CheckedOut}
	again := &Bound{Document: "d", Path: "/team/b.stp", Version: 3, OpenType: api.OpenAndCheckout, WorkState: api.CheckedOut, Pending: "op1"}
	newest := Target{Path: "/team/b.stp", Document: "d", Base: 3, Rebind: true}
	for _, row := range []struct {
		name     string
		req      api.SaveBegin
		bound    *Bound
		personal string
		want     Target
		err      error
	}{
		{"a new file goes to the own space", save, nil, "me", Target{Path: "/me/b.stp", Rebind: true, Fresh: true}, nil},
		{"… whose name may not be known yet", save, nil, "", Target{Path: "/~/b.stp", Rebind: true, Fresh: true}, nil},
		{"opened to read and checked in: refused", save, readOnly, "me", Target{}, api.DocumentReadOnly},
		{"opened to read, checked out since: saved back", save, openedOut, "me", newest, nil},
		{"opened with check-out: saved back", save, out, "me", newest, nil},
		{"saved again while the first is on its way", save, again, "me", Target{Path: "/team/b.stp", Document: "d", Base: 3, Parent: "op1", Rebind: true}, nil},
		{"to a chosen path", at("/team/c.stp", false), readOnly, "me", Target{Path: "/team/c.stp", Rebind: true, Fresh: true}, nil},
		{"over a chosen path", at("/team/c.stp", true), nil, "me", Target{Path: "/team/c.stp", Overwrite: true, Rebind: true, Fresh: true}, nil},
		{"over a chosen path, at a version", based(2, true), nil, "me", Target{Path: "/team/b.stp", Base: 2, Overwrite: true, Rebind: true, Fresh: true}, nil},
		{"over its own path, read-only, at a version", based(2, true), readOnly, "me", Target{Path: "/team/b.stp", Base: 2, Overwrite: true, Rebind: true, Fresh: true}, nil},
		{"a version without overwriting", based(2, false), nil, "me", Target{}, api.InvalidArgument},
		{"a version that is none", based(-1, true), nil, "me", Target{}, api.InvalidArgument},
		{"the chosen path is its own", at("/team/b.stp", false), out, "me", newest, nil},
		{"the chosen path is its own, in other case", at("/Team/B.stp", true), out, "me", newest, nil},
		{"the chosen path is its own and read-only", at("/team/b.stp", false), readOnly, "me", Target{}, api.DocumentReadOnly},
		{"a path that is none", at("/team", false), nil, "me", Target{}, api.NameInvalid},
		{"a path with ..", at("/team/../x", false), nil, "me", Target{}, api.NameInvalid},
		{"a model to solve, new", solve, nil, "me", Target{Path: "/me/solves/b.inp", Overwrite: true}, nil},
		{"a model to solve, read-only", solve, readOnly, "me", Target{Path: "/me/solves/b.inp", Overwrite: true}, nil},
		{"a model to solve, checked out", solve, out, "me", newest, nil},
	} {
		got, err := Place(row.req, row.bound, row.personal)
		if got != row.want || !errors.Is(err, row.err) || (err == nil) != (row.err == nil) {
			t.Errorf("%s: got %+v, %v", row.name, got, err)
		}
	}
}

func TestAdmit(t *testing.T) {
	fresh := Target{Path: "/me/b.stp", Fresh: true}
	over := Target{Path: "/me/b.stp", Fresh: true, Overwrite: true}
	back := Target{Path: "/me/b.stp", Document: "d", Base: 2}
	for _, row := range []struct {
		name    string
		target  Target
		remote  *Remote
		pending bool
		want    error
	}{
		{"new, and the path is free", fresh, &Remote{}, false, nil},
		{"new, and nobody can be asked", fresh, nil, false, nil},
		{"new, and the name exists", fresh, &Remote{Document: "x"}, false, api.Exists},
		{"new, and another save is on its way there", fresh, nil, true, api.Exists},
		{"to be overwritten", over, &Remote{Document: "x"}, true, nil},
		{"to be overwritten, but checked out by another", over, &Remote{Document: "x", Owner: "Li"}, false, api.DocumentCheckedOut},
		{"saved back", back, &Remote{Document: "d"}, true, nil},
		{"saved back, but checked out by another", back, &Remote{Document: "d", Owner: "Li"}, false, api.DocumentCheckedOut},
	} {
		if err := Admit(row.target, row.remote, row.pending); !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, row := range []struct {
		err  error
		want Verdict
	}{
		{api.Fail(api.Offline), TryAgain},
		{api.Fail(api.MarketplaceFailed), TryAgain},
		{api.Fail(api.Timeout), TryAgain},
		{api.Fail(api.Internal), TryAgain},
		{api.Fail(api.ContentDamaged), TryAgain},
		{api.Fail(api.DiskFull), TryAgain},
		{errors.New("unheard of"), TryAgain},
		{api.Fail(api.SignedOut), SignIn},
		{api.Fail(api.PermissionDenied), Refuse},
		{api.Fail(api.NotFound), Refuse},
		{api.Fail(api.DocumentCheckedOut), Refuse},
		{api.Fail(api.ContentDamaged).Because(ErrSpoilt), Spoilt},
	} {
		if got := Judge(row.err); got != row.want {
			t.Errorf("%v: %s, want %s", row.err, got, row.want)
		}
	}
}

func TestPause(t *testing.T) {
	for attempts, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 1000: 5 * time.Minute} {
		if got := Pause(attempts, 0); got != want {
			t.Errorf("after %d attempts: %v, want %v", attempts, got, want)
		}
		if got := Pause(attempts, 1); got != want/2 {
			t.Errorf("after %d attempts with all the luck: %v, want %v", attempts, got, want/2)
		}
	}
}
