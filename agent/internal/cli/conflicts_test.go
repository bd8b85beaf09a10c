package cli

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// fakeChoices answers what concerns the user's choices.
type fakeChoices struct {
	*fakeService
	conflicts []api.Conflict
	found     api.Listing
	trash     api.Trashed
	answers   []api.ConflictAnswer
	untrashed []api.Untrash
}

func (f *fakeChoices) Conflicts(context.Context) ([]api.Conflict, error) { return f.conflicts, nil }

func (f *fakeChoices) EndConflict(_ context.Context, id string, a api.ConflictAnswer) error {
	f.moved = append(f.moved, "end "+id)
	f.answers = append(f.answers, a)
	return nil
}

func (f *fakeChoices) Search(_ context.Context, q, path string) (api.Listing, error) {
	f.moved = append(f.moved, "search "+q+" "+path)
	return f.found, nil
}

func (f *fakeChoices) Trashed(context.Context, string) (api.Trashed, error) { return f.trash, nil }

func (f *fakeChoices) Trash(_ context.Context, path string) (api.TrashedDocument, error) {
	return api.TrashedDocument{ID: "d1", Path: path}, nil
}

func (f *fakeChoices) Untrash(_ context.Context, in api.Untrash) (api.Entry, error) {
	f.untrashed = append(f.untrashed, in)
	return api.Entry{Path: "/back"}, nil
}

func (f *fakeChoices) PauseUploads(_ context.Context, paused bool) error {
	f.state.Uploads.Paused = paused
	return nil
}

func choices(t *testing.T) *fakeChoices {
	f := &fakeChoices{fakeService: &fakeService{t: t}}
	f.state.Account.State = api.AccountSignedIn
	f.conflicts = []api.Conflict{
		{ID: "c1", Path: "/shared/a.step", Theirs: 3, TheirAuthor: "王伟", Copy: "/shared/a (conflict).step", Mine: 2, Base: 2, LocalPath: "/w/a.step"},
		{ID: "c2", Path: "/shared/b.step", Theirs: 5, Copy: "/shared/b (conflict).step", Mine: 1},
	}
	return f
}

func (f *fakeChoices) run(args ...string) ran {
	f.t.Helper()
	return runFor(f.t, f, environment(), strings.NewReader(""), args...)
}

func TestKeepSaysWhatWasSeen(t *testing.T) {
	for name, want := range map[string]api.ConflictAnswer{
		"c1 mine":                          {Keep: api.KeepMine, Theirs: 3, Mine: 2},
		"/shared/b.step theirs":            {Keep: api.KeepTheirs, Theirs: 5, Mine: 1},
		"/shared/b (conflict).step| both":  {Keep: api.KeepBoth, Theirs: 5, Mine: 1},
		"c1 mine --theirs 2":               {Keep: api.KeepMine, Theirs: 2, Mine: 2},
		"/shared/a (conflict).step| mine":  {Keep: api.KeepMine, Theirs: 3, Mine: 2},
		"/shared/a.step theirs --theirs=3": {Keep: api.KeepTheirs, Theirs: 3, Mine: 2},
	} {
		f := choices(t)
		args := strings.Fields(name)
		if path, rest, spaced := strings.Cut(name, "| "); spaced {
			args = append([]string{path}, strings.Fields(rest)...)
		}
		got := f.run(append([]string{"conflicts", "keep"}, args...)...)
		if got.exit != ExitOK || !slices.Equal(f.answers, []api.ConflictAnswer{want}) {
			t.Errorf("%s: exit %d, %+v; said %q", name, got.exit, f.answers, got.err)
		}
	}
	for args, exit := range map[string]int{"c1 all": ExitUsage, "c1": ExitUsage, "c9 mine": ExitNotFound, "c1 mine --theirs -1": ExitUsage} {
		f := choices(t)
		if got := f.run(append([]string{"conflicts", "keep"}, strings.Fields(args)...)...); got.exit != exit || len(f.answers) > 0 {
			t.Errorf("%s: exit %d, %+v", args, got.exit, f.answers)
		}
	}
}

func TestConflictsAreShown(t *testing.T) {
	f := choices(t)
	got := f.run("conflicts", "list", "--lang", "zh-CN")
	for _, part := range []string{"/shared/a.step", "王伟", "版本 3", "/shared/a (conflict).step", "/w/a.step", "conflicts keep c2"} {
		if !strings.Contains(got.out, part) {
			t.Errorf("it does not say %q: %s", part, got.out)
		}
	}
	var list []api.Conflict
	if got = f.run("conflicts", "--json"); json.Unmarshal([]byte(got.out), &list) != nil || !slices.Equal(list, f.conflicts) {
		t.Errorf("JSON: %s", got.out)
	}
	f.conflicts = nil
	if got = f.run("conflicts", "--json"); strings.TrimSpace(got.out) != "[]" {
		t.Errorf("none: %s", got.out)
	}
	f.state.Account.State = api.AccountSignedOut
	if got = f.run("conflicts"); got.exit != ExitSignedOut {
		t.Errorf("signed out: exit %d", got.exit)
	}
}

func TestSearchShowsPaths(t *testing.T) {
	f := choices(t)
	f.found = api.Listing{Path: "/", Stale: true, More: true, Entries: []api.Entry{
		{Path: "/shared/frames", Name: "frames", Folder: true}, {Path: "/shared/曲轴.step", Name: "曲轴.step", Version: 3},
	}}
	got := f.run("files", "search", "f%", "shared/")
	if got.exit != ExitOK || !strings.Contains(got.out, "/shared/frames/") || !strings.Contains(got.out, "/shared/曲轴.step") ||
		!strings.Contains(got.err, "known last") || !strings.Contains(got.err, "more than") || !slices.Contains(f.moved, "search f% /shared") {
		t.Errorf("%+v, %q", got, f.moved)
	}
	var l api.Listing
	if got = f.run("files", "search", "f%", "--json"); json.Unmarshal([]byte(got.out), &l) != nil || l.Entries[1].Name != "曲轴.step" || !l.Stale || !l.More {
		t.Errorf("JSON: %s", got.out)
	}
}

func TestTrashAndBack(t *testing.T) {
	f := choices(t)
	f.trash.Documents = []api.TrashedDocument{{ID: "new", Path: "/shared/a.step", By: "李华"}, {ID: "old", Path: "/shared/a.step"}}
	if got := f.run("files", "trash"); !strings.Contains(got.out, "李华") || !strings.Contains(got.out, "old") {
		t.Errorf("%+v", got)
	}
	if got := f.run("files", "trash", "/shared/b.step"); !strings.Contains(got.out, "files untrash d1") {
		t.Errorf("%+v", got)
	}
	for _, args := range [][]string{{"/shared/a.step"}, {"old", "shared/c.step"}} {
		if got := f.run(append([]string{"files", "untrash"}, args...)...); got.exit != ExitOK || !strings.Contains(got.out, "/back") {
			t.Errorf("%+v", got)
		}
	}
	if want := []api.Untrash{{ID: "new"}, {ID: "old", Path: "/shared/c.step"}}; !slices.Equal(f.untrashed, want) {
		t.Errorf("%+v", f.untrashed)
	}
	if got := f.run("files", "untrash", "/shared/none.step"); got.exit != ExitNotFound {
		t.Errorf("%+v", got)
	}
}

func TestPausedUploadsAreSaid(t *testing.T) {
	f := choices(t)
	if got := f.run("transfers", "pause", "--json"); got.exit != ExitOK || !strings.Contains(got.out, `"paused": true`) {
		t.Errorf("%+v", got)
	}
	f.state.Transfers = []api.Transfer{{Operation: "op", Path: "/a", State: "waiting", Reason: api.Fail(api.UploadsPaused)}}
	for _, command := range []string{"status", "transfers"} {
		if got := f.run(command); !strings.Contains(got.out, "Uploads are paused.") || !strings.Contains(got.out, "when you resume") {
			t.Errorf("%s: %+v", command, got)
		}
	}
	if got := f.run("transfers", "resume"); got.exit != ExitOK || f.state.Uploads.Paused {
		t.Errorf("%+v", got)
	}
}
