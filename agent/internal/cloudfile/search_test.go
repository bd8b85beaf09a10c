package cloudfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

func (h *house) finds(q, path string) (paths []string, l api.Listing) {
	h.t.Helper()
	l, err := h.engine.Search(h.t.Context(), q, path)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, x := range l.Entries {
		paths = append(paths, x.Path)
	}
	return paths, l
}

func TestSearchOnlineAndOffline(t *testing.T) {
	h := newHouse(t)
	for i, path := range []string{"/team/Frame 100%.stp", "/team/曲轴.stp", "/me/frame_2.stp"} {
		h.market.put(path, fmt.Sprint("x", i), []byte(path))
	}
	h.save("/w/new frame.stp", "not sent")
	want := []string{"/team/Frame 100%.stp", "/me/frame_2.stp", "/me/new frame.stp"}
	got, l := h.finds("FRAME", "/")
	if diff := cmp.Diff(want, got); diff != "" || l.Stale || l.More {
		t.Errorf("%s %+v", diff, l)
	}
	if x := l.Entries[2]; !x.Pending || x.Size != 8 || l.Entries[0].Pending {
		t.Errorf("pending: %+v", l.Entries)
	}
	for _, folder := range []string{"/team", "/me"} {
		if _, err := h.engine.List(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
	}
	h.offline(true)
	for _, row := range []struct {
		q, path string
		want    []string
	}{
		{"FRAME", "/", want},
		{"frame", "/team/", []string{"/team/Frame 100%.stp"}},
		{"%", "/", []string{"/team/Frame 100%.stp"}},
		{"_", "/", []string{"/me/frame_2.stp"}},
		{"曲", "/", []string{"/team/曲轴.stp"}},
		{"f.ame", "/", nil},
	} {
		got, l := h.finds(row.q, row.path)
		if diff := cmp.Diff(row.want, got); diff != "" || !l.Stale {
			t.Errorf("%s below %s: %s stale %v", row.q, row.path, diff, l.Stale)
		}
	}
	for what, err := range map[string]error{
		"nothing": func() error { _, err := h.engine.Search(t.Context(), " ", "/"); return err }(),
		"long":    func() error { _, err := h.engine.Search(t.Context(), string(make([]byte, 256)), "/"); return err }(),
	} {
		if !errors.Is(err, api.InvalidArgument) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h.account.set(func(a *api.Account) { a.UserID = "wang" })
	if got, _ := h.finds("frame", "/"); len(got) != 0 {
		t.Errorf("another account finds %v", got)
	}
	h.account.set(func(a *api.Account) { a.UserID = "" })
	if _, err := h.engine.Search(t.Context(), "frame", "/"); !errors.Is(err, api.SignedOut) {
		t.Errorf("signed out: %v", err)
	}
}

// listed has the engine remember n documents in four folders.
func (h *house) listed(n int) {
	h.t.Helper()
	for f := range 4 {
		l := api.Listing{Path: fmt.Sprint("/team/f", f)}
		for i := range n / 4 {
			name := fmt.Sprintf("part-%05d 零件.stp", f*n/4+i)
			l.Entries = append(l.Entries, api.Entry{Path: l.Path + "/" + name, Name: name, Kind: api.Single, Version: 1, Author: "somebody"})
		}
		if err := h.engine.ledger.KeepListing(h.t.Context(), h.engine.account(), l, time.Now()); err != nil {
			h.t.Fatal(err)
		}
	}
	h.offline(true)
}

// TestWhatIsNoPathIsNotListed: a marketplace that was broken into sends
// whatever it likes, and what is listed is shown, opened and offered to
// applications.
func TestWhatIsNoPathIsNotListed(t *testing.T) {
	document := func(path, name string) agentapi.Entry {
		return agentapi.Entry{Path: path, Name: name, Document: agentapi.Document{ID: "d", Path: path, Name: name, Kind: "single"}}
	}
	list := agentapi.EntryList{Entries: []agentapi.Entry{
		document("/team/run.exe", "drawing.step"),
		{Path: "/team/parts", Name: "../../parts", Folder: true},
		document("/team/a\nb", "a\nb"),
		document("/team/../../etc/passwd", "passwd"),
		document("team/a", "a"),
		document("", ""),
		document("/team//a", "a"),
		document("/team/"+strings.Repeat("a", 1<<20), "a"),
		document("/team/"+strings.Repeat("a/", 4000)+"a", "a"),
		{Path: "/team/\x1b[2J", Name: "x", Folder: true},
		document("/team/..", ".."),
	}}
	want := []api.Entry{
		{Path: "/team/run.exe", Name: "run.exe", ID: "d", Kind: api.Single}, {Path: "/team/parts", Name: "parts", Folder: true},
	}
	if diff := cmp.Diff(want, listingOf("/team", list).Entries); diff != "" {
		t.Error(diff)
	}
}

func TestSearchOfflineIsBounded(t *testing.T) {
	h := newHouse(t)
	h.listed(2000)
	for q, want := range map[string]int{"零件": maxFound, "part-01999": 1, "absent": 0} {
		if got, l := h.finds(q, "/"); len(got) != want || l.More != (want == maxFound) {
			t.Errorf("%s: %d found, more %v", q, len(got), l.More)
		}
	}
}

// BenchmarkSearchOffline looks through 20,000 documents that were listed
// before.
func BenchmarkSearchOffline(b *testing.B) {
	h := newHouse(b)
	h.listed(20_000)
	for b.Loop() {
		h.finds("零件", "/")
	}
}

func TestRecent(t *testing.T) {
	h := newHouse(t)
	start := time.Now().Truncate(time.Second)
	var minutes atomic.Int64
	h.engine.cfg.Now = func() time.Time { return start.Add(time.Duration(minutes.Add(1)) * time.Minute) }
	recent := func() (paths []string) {
		t.Helper()
		list, err := h.engine.Recent(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			paths = append(paths, r.Path)
			if r.Name != r.Path[len(r.Path)-len(r.Name):] || r.Kind != api.Single || r.Used == 0 {
				t.Errorf("%+v", r)
			}
		}
		return paths
	}
	if got := recent(); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	h.market.put("/team/a.stp", "x1", []byte("one"))
	h.opened("/w/a.stp", "/team/a.stp", api.OpenOnly, api.CheckedIn)
	h.save("/w/b.stp", "saved")
	req := h.begin("")
	req.Name, req.Path = "c.stp", "/team/c.stp"
	h.saveBytes(req, []byte("from no path"))
	if diff := cmp.Diff([]string{"/team/c.stp", "/me/b.stp", "/team/a.stp"}, recent()); diff != "" {
		t.Error(diff)
	}
	h.opened("/w/other/a.stp", "/team/a.stp", api.OpenOnly, api.CheckedIn)
	h.serve()
	h.awaitTransfers("published", func(l []api.Transfer) bool { return len(l) == 0 })
	h.restart()
	if diff := cmp.Diff([]string{"/team/a.stp", "/team/c.stp", "/me/b.stp"}, recent()); diff != "" {
		t.Error(diff)
	}
	if _, err := h.engine.Trash(t.Context(), "/team/a.stp"); err != nil {
		t.Fatal(err)
	}
	if got := recent(); slices.Contains(got, "/team/a.stp") {
		t.Errorf("what is set aside: %v", got)
	}
	h.account.set(func(a *api.Account) { a.UserID = "wang" })
	if got := recent(); len(got) != 0 {
		t.Errorf("another account's: %v", got)
	}
	for i := range 30 {
		h.save(fmt.Sprintf("/w/%d.stp", i), "x")
	}
	if got := recent(); len(got) != maxRecent || got[0] != "/me/29.stp" {
		t.Errorf("%d: %v", len(got), got)
	}
}

func TestTrashWaitsForNoSave(t *testing.T) {
	h := newHouse(t)
	h.serve()
	h.published(h.save("/w/a.stp", "one").Operation)
	h.pause(true)
	saved := h.save("/w/a.stp", "two")
	if _, err := h.engine.Trash(t.Context(), "/me/a.stp"); !errors.Is(err, api.SavesWaiting) {
		t.Errorf("a save waits: %v", err)
	}
	h.pause(false)
	h.published(saved.Operation)
	d, err := h.engine.Trash(t.Context(), "/me/a.stp")
	if err != nil || d.Path != "/me/a.stp" || d.Version != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	// The file on the user's disk lives on: what he saves makes a document of its own.
	saved = h.save("/w/a.stp", "three")
	if p := h.published(saved.Operation); p.Path != "/me/a.stp" || p.Version != 1 {
		t.Errorf("published %+v", p)
	}
	if _, err := h.engine.Untrash(t.Context(), api.Untrash{ID: d.ID}); !errors.Is(err, api.Exists) {
		t.Errorf("back to where another is: %v", err)
	}
	h.sameVersions("one", "two", "three")
}

func TestRecentNamesTheApplication(t *testing.T) {
	h := newHouse(t)
	h.market.put("/team/a.stp", "x1", []byte("one"))
	h.save("/w/b.stp", "saved")
	if err := h.engine.AnswerPick(t.Context(), h.pick(), api.PickAnswer{Path: "/team/a.stp"}); err != nil {
		t.Fatal(err)
	}
	h.opened("/w/a.stp", "/team/a.stp", api.OpenOnly, api.CheckedIn)
	h.market.put("/team/c.stp", "x3", []byte("three"))
	h.opened("/w/c.stp", "/team/c.stp", api.OpenOnly, api.CheckedIn)
	list, err := h.engine.Recent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range list {
		got[r.Path] = r.Product
	}
	want := map[string]string{"/team/a.stp": "minicad", "/me/b.stp": "minicad", "/team/c.stp": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
