package browse_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/browse/cloudtest"
)

// day is a day of February 2026 in Unix seconds.
func day(n int) int64 { return time.Date(2026, 2, n, 9, 5, 0, 0, time.UTC).Unix() }

func doc(path string, version int, more ...func(*api.Entry)) api.Entry {
	e := api.Entry{Path: path, ID: "id:" + path, Kind: api.Single, Version: version, Size: int64(version) * 1000, Modified: day(version), Author: "Li Na"}
	for _, f := range more {
		f(&e)
	}
	return e
}

func mine(e *api.Entry)    { e.CheckedOutBy, e.Mine = "Li Na", true }
func theirs(e *api.Entry)  { e.CheckedOutBy = "Wang Wei" }
func pending(e *api.Entry) { e.Pending = true }

// furnished is a cloud with two spaces.
func furnished(t *testing.T, lang api.Language) *cloudtest.Stage {
	t.Helper()
	s := cloudtest.New(t, lang)
	for _, e := range []api.Entry{
		doc("/me/part 10.step", 3), doc("/me/part 9.step", 1), doc("/me/Bracket.step", 2, mine), doc("/me/零件.stp", 4, theirs),
		doc("/me/old/gone.step", 5, pending),
		{Path: "/me/Drawings", Folder: true},
		doc("/team/gearbox/shaft.step", 6, pending, mine),
		doc("/team/gearbox/wheel.step", 7, pending, theirs),
	} {
		s.Cloud.Put(e)
	}
	return s
}

func start(t *testing.T, s *cloudtest.Stage, o browse.Options) *browse.Browser {
	t.Helper()
	b := browse.New(s.Env, o)
	t.Cleanup(b.Close)
	s.Until("nothing loads", func() bool { return !b.View().Loading })
	return b
}

func titles(v browse.View) (out []string) {
	for i := range v.Rows.Len() {
		out = append(out, v.Rows.Row(i).Title)
	}
	return out
}

func tree(v browse.View) string {
	var s strings.Builder
	for i := range v.Tree.Len() {
		r := v.Tree.Row(i)
		s.WriteString(strings.Repeat(".", r.Depth) + r.Title)
		if i == v.Tree.Selected {
			s.WriteString("*")
		}
		s.WriteString(" ")
	}
	return strings.TrimSpace(s.String())
}

func selected(v browse.View) string { return v.Rows.Row(v.Selected).ID }

func TestRowsInWords(t *testing.T) {
	type row struct {
		title, version, who, when, size, state string
		tone                                   view.Tone
		icon                                   view.Icon
	}
	for _, tt := range []struct {
		lang api.Language
		at   string
		want []row
	}{
		{api.English, "/me", []row{
			{"Drawings", "", "", "", "", "", view.Quiet, view.IconFolder},
			{"old", "", "", "", "", "", view.Quiet, view.IconFolder},
			{"Bracket.step", "2", "Li Na", "2026-02-02 09:05", "2.0 kB", "Checked out by you", view.Good, view.IconPart},
			{"part 9.step", "1", "Li Na", "2026-02-01 09:05", "1.0 kB", "", view.Quiet, view.IconPart},
			{"part 10.step", "3", "Li Na", "2026-02-03 09:05", "3.0 kB", "", view.Quiet, view.IconPart},
			{"零件.stp", "4", "Li Na", "2026-02-04 09:05", "4.0 kB", "Checked out by Wang Wei", view.Attention, view.IconPart},
		}},
		{api.Chinese, "/me", []row{
			{"Drawings", "", "", "", "", "", view.Quiet, view.IconFolder},
			{"old", "", "", "", "", "", view.Quiet, view.IconFolder},
			{"Bracket.step", "2", "Li Na", "2026-02-02 09:05", "2.0 kB", "已由您检出", view.Good, view.IconPart},
			{"part 9.step", "1", "Li Na", "2026-02-01 09:05", "1.0 kB", "", view.Quiet, view.IconPart},
			{"part 10.step", "3", "Li Na", "2026-02-03 09:05", "3.0 kB", "", view.Quiet, view.IconPart},
			{"零件.stp", "4", "Li Na", "2026-02-04 09:05", "4.0 kB", "已被 Wang Wei 检出", view.Attention, view.IconPart},
		}},
		{api.English, "/me/old", []row{{"gone.step", "5", "Li Na", "2026-02-05 09:05", "5.0 kB", "Not published yet", view.Busy, view.IconPart}}},
		{api.Chinese, "/me/old", []row{{"gone.step", "5", "Li Na", "2026-02-05 09:05", "5.0 kB", "尚未发布", view.Busy, view.IconPart}}},
		{api.English, "/team/gearbox", []row{
			{"shaft.step", "6", "Li Na", "2026-02-06 09:05", "6.0 kB", "Not published yet, checked out by you", view.Busy, view.IconPart},
			{"wheel.step", "7", "Li Na", "2026-02-07 09:05", "7.0 kB", "Not published yet, checked out by Wang Wei", view.Attention, view.IconPart},
		}},
		{api.Chinese, "/team/gearbox", []row{
			{"shaft.step", "6", "Li Na", "2026-02-06 09:05", "6.0 kB", "尚未发布,已由您检出", view.Busy, view.IconPart},
			{"wheel.step", "7", "Li Na", "2026-02-07 09:05", "7.0 kB", "尚未发布,已被 Wang Wei 检出", view.Attention, view.IconPart},
		}},
	} {
		b := start(t, furnished(t, tt.lang), browse.Options{At: tt.at})
		v := b.View()
		var got []row
		for i := range v.Rows.Len() {
			r := v.Rows.Row(i)
			got = append(got, row{r.Title, r.Cells[0], r.Cells[1], r.Cells[2], r.Cells[3], r.Status, r.Tone, r.Icon})
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s %s:\n got %v\nwant %v", tt.lang, tt.at, got, tt.want)
		}
	}
}

func TestStatesOfTheListInWords(t *testing.T) {
	offline := api.Fail(api.Offline)
	for _, tt := range []struct {
		name                string
		prepare             func(*cloudtest.Stage)
		do                  func(*browse.Browser)
		banner, title       [2]string // English, Chinese
		summary             [2]string
		tone                view.Tone
		mendable, mendEmpty bool
	}{
		{name: "a full folder", do: func(b *browse.Browser) { b.Go("/me") }, summary: [2]string{"6 entries", "6 项"}},
		{name: "one entry", do: func(b *browse.Browser) { b.Go("/me/old") }, summary: [2]string{"1 entry", "1 项"}},
		{name: "an empty folder", do: func(b *browse.Browser) { b.Go("/me/Drawings") }, title: [2]string{"This folder is empty", "此文件夹为空"}, summary: [2]string{"0 entries", "0 项"}},
		{
			name: "no space", prepare: func(s *cloudtest.Stage) { s.Cloud.Fill("/", nil) },
			title: [2]string{"There is no space yet", "尚无空间"}, summary: [2]string{"0 entries", "0 项"},
		},
		{
			name: "offline, known from before", prepare: func(s *cloudtest.Stage) { s.Cloud.Says(true, false) }, do: func(b *browse.Browser) { b.Go("/me") },
			banner: [2]string{"The marketplace cannot be reached. This is what was known last.", "无法连接云商店。以下是最近一次的内容。"},
			tone:   view.Attention, mendable: true, summary: [2]string{"6 entries", "6 项"},
		},
		{
			name: "offline, never seen", prepare: func(s *cloudtest.Stage) { s.Cloud.Fail("List /me", offline) }, do: func(b *browse.Browser) { b.Go("/me") },
			title: [2]string{"This cannot be shown now", "暂时无法显示"}, mendEmpty: true,
		},
		{name: "nothing used yet", do: func(b *browse.Browser) { b.Go(browse.RecentID) }, title: [2]string{"Nothing was opened or saved yet", "尚未打开或保存过文档"}, summary: [2]string{"0 entries", "0 项"}},
		{name: "found", do: func(b *browse.Browser) { b.SetSearch(" step ") }, summary: [2]string{"6 found", "找到 6 项"}},
		{name: "one found", do: func(b *browse.Browser) { b.SetSearch("wheel") }, summary: [2]string{"1 found", "找到 1 项"}},
		{
			name: "nothing found", do: func(b *browse.Browser) { b.SetSearch("zebra") },
			title: [2]string{"No name contains 'zebra'", "没有名称含“zebra”的内容"}, summary: [2]string{"0 found", "找到 0 项"},
		},
		{
			name: "longer than any name", do: func(b *browse.Browser) { b.SetSearch(strings.Repeat("长", 86)) },
			prepare: func(s *cloudtest.Stage) {
				s.Cloud.Fail("Search "+strings.Repeat("长", 86), api.Fail(api.InvalidArgument))
			},
			title: [2]string{"No name contains '" + strings.Repeat("长", 40) + "…'", "没有名称含“" + strings.Repeat("长", 40) + "…”的内容"}, summary: [2]string{"0 found", "找到 0 项"},
		},
		{
			name: "more found", prepare: func(s *cloudtest.Stage) { s.Cloud.Says(false, true) }, do: func(b *browse.Browser) { b.SetSearch("part") },
			banner: [2]string{"More was found than these 2. Type more of the name.", "结果多于所列的 2 项。请输入更完整的名称。"}, summary: [2]string{"2 found", "找到 2 项"},
		},
		{
			name: "the search fails", prepare: func(s *cloudtest.Stage) { s.Cloud.Fail("Search part", offline) }, do: func(b *browse.Browser) { b.SetSearch("part") },
			title: [2]string{"This cannot be shown now", "暂时无法显示"}, mendEmpty: true,
		},
	} {
		for i, lang := range []api.Language{api.English, api.Chinese} {
			t.Run(tt.name+" "+string(lang), func(t *testing.T) {
				s := furnished(t, lang)
				if tt.prepare != nil {
					tt.prepare(s)
				}
				b := start(t, s, browse.Options{Rest: time.Nanosecond})
				if tt.do != nil {
					tt.do(b)
				}
				s.Until("nothing loads", func() bool { return !b.View().Loading })
				v := b.View()
				title := ""
				if v.Empty != nil {
					title = v.Empty.Title
					if (v.Empty.Action != nil) != tt.mendEmpty {
						t.Errorf("action %v", v.Empty.Action)
					}
					if v.Empty.Text == "" {
						t.Error("it does not say what to do")
					}
				}
				if v.Banner.Text != tt.banner[i] || title != tt.title[i] || v.Summary != tt.summary[i] || v.Banner.Tone != tt.tone || (v.Banner.Action != nil) != tt.mendable {
					t.Errorf("banner %+v, title %q, summary %q", v.Banner, title, v.Summary)
				}
			})
		}
	}
}

func TestAFailedRefreshKeepsWhatIsKnown(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	s.Cloud.Fail("List /me", api.Fail(api.Offline))
	b.Reload()
	s.Until("the failure is said", func() bool { return b.View().Banner.Tone == view.Trouble })
	v := b.View()
	if v.Rows.Len() != 6 || v.Banner.Action == nil || v.Banner.Action.Label != "Try again" {
		t.Fatalf("%d rows, banner %+v", v.Rows.Len(), v.Banner)
	}
	s.Cloud.Fail("List /me", nil)
	v.Banner.Action.Do()
	s.Until("the retry mends it", func() bool { return b.View().Banner.Text == "" && !b.View().Loading })
}

func TestSorting(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	for _, tt := range []struct {
		by   browse.Column
		want string
	}{
		{browse.ColumnWhen, "Drawings old 零件.stp part 10.step Bracket.step part 9.step"}, // folders first, in an order that is theirs
		{browse.ColumnWhen, "Drawings old part 9.step Bracket.step part 10.step 零件.stp"},
		{browse.ColumnSize, "Drawings old 零件.stp part 10.step Bracket.step part 9.step"},
		{browse.ColumnName, "Drawings old Bracket.step part 9.step part 10.step 零件.stp"},
		{browse.ColumnName, "old Drawings 零件.stp part 10.step part 9.step Bracket.step"},
		{browse.ColumnWho, "old Drawings 零件.stp part 10.step part 9.step Bracket.step"}, // not a column to sort by
	} {
		b.SortBy(tt.by)
		if got := strings.Join(titles(b.View()), " "); got != tt.want {
			t.Errorf("by %s: %s, want %s", tt.by, got, tt.want)
		}
	}
	for _, h := range b.View().Columns {
		if h.Sorted != (h.Column == browse.ColumnName) || h.Sorted && (h.Spoken != "descending" || !h.Reverse) {
			t.Errorf("head %+v", h)
		}
	}
}

func TestTheSelectionFollowsItsDocument(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	b.Select("/me/part 10.step")
	if v := b.View(); v.Selected != 4 {
		t.Fatalf("row %d", v.Selected)
	}
	s.Cloud.Put(doc("/me/a new one.step", 1))
	b.Reload()
	s.Until("the new one is listed", func() bool { return b.View().Rows.Len() == 7 })
	if v := b.View(); v.Selected != 5 || selected(v) != "/me/part 10.step" {
		t.Errorf("row %d, %s", v.Selected, selected(v))
	}
	b.SortBy(browse.ColumnWhen)
	if v := b.View(); selected(v) != "/me/part 10.step" {
		t.Errorf("after sorting: %s", selected(v))
	}
	s.Cloud.Remove("/me/part 10.step")
	b.Reload()
	s.Until("it is gone", func() bool { return b.View().Rows.Len() == 6 })
	if _, ok := b.Selected(); ok || b.View().Selected != -1 {
		t.Error("what is gone is selected")
	}
}

func TestKeys(t *testing.T) {
	s := furnished(t, api.English)
	var chosen []string
	b := start(t, s, browse.Options{At: "/me", Chosen: func(e api.Entry) { chosen = append(chosen, e.Path) }})
	at := func(want string) {
		t.Helper()
		if got := selected(b.View()); got != want {
			t.Fatalf("selected %q, want %q", got, want)
		}
	}
	b.Open() // nothing is selected
	b.Move(1)
	at("/me/Drawings")
	b.Move(2)
	at("/me/Bracket.step")
	b.Move(-100)
	at("/me/Drawings")
	b.Move(100)
	at("/me/零件.stp")
	b.Type('p')
	at("/me/part 9.step")
	b.Type('p')
	at("/me/part 10.step")
	b.Type('p')
	at("/me/part 9.step")
	s.Pass(2 * time.Second)
	for _, r := range "PART 1" {
		b.Type(r)
	}
	at("/me/part 10.step")
	s.Pass(2 * time.Second)
	b.Type('零')
	at("/me/零件.stp")
	b.Type('x') // nothing begins so
	at("/me/零件.stp")
	b.Open()
	if !slices.Equal(chosen, []string{"/me/零件.stp"}) {
		t.Fatalf("chosen %q", chosen)
	}
	b.Select("/me/old")
	b.Open()
	s.Until("the folder is shown", func() bool { return slices.Equal(titles(b.View()), []string{"gone.step"}) })
	b.Up()
	s.Until("the folder above", func() bool { return b.View().Rows.Len() == 6 })
	at("/me/old") // where the user came from
	b.Back()
	s.Until("back", func() bool { return b.View().Rows.Len() == 1 })
	b.Go("/")
	s.Until("the spaces", func() bool { return slices.Equal(titles(b.View()), []string{"me", "team"}) })
	at("/me")
	v := b.View()
	if v.Up.Do != nil || v.Up.Why == "" || v.AddFolder.Do != nil || v.AddFolder.Why == "" || v.Back.Do == nil {
		t.Errorf("buttons at the top: %+v %+v %+v", v.Up, v.AddFolder, v.Back)
	}
}

func TestTheTree(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	s.Until("the spaces", func() bool { return tree(b.View()) == "Recent All spaces .me* .team" })
	if s.Cloud.Count("List /team") != 0 {
		t.Error("a folder was listed that nobody opened")
	}
	b.Toggle("/team")
	s.Until("unfolded", func() bool { return tree(b.View()) == "Recent All spaces .me* .team ..gearbox" })
	b.Go("/team/gearbox")
	s.Until("shown", func() bool { return tree(b.View()) == "Recent All spaces .me .team ..gearbox*" })
	s.Until("a leaf", func() bool { v := b.View(); return !v.Tree.Row(4).Branch })
	b.Toggle("/team")
	if got := tree(b.View()); got != "Recent All spaces .me .team" {
		t.Errorf("folded: %s", got)
	}
	s.Cloud.Fail("List /me", api.Fail(api.Offline))
	b.Toggle("/me")
	if got := tree(b.View()); got != "Recent All spaces .me ..Drawings ..old .team" {
		t.Errorf("known from the list: %s", got)
	}
	b.Go("/me")
	s.Until("the failure stands in its line", func() bool { return b.View().Tree.Row(2).Tone == view.Trouble })
	s.Cloud.Fail("List /me", nil)
	b.Toggle("/me")
	b.Toggle("/me")
	s.Until("asked for again", func() bool { return b.View().Tree.Row(2).Tone == view.Quiet })
	b.Go(browse.RecentID)
	if got := tree(b.View()); !strings.HasPrefix(got, "Recent*") {
		t.Errorf("recent: %s", got)
	}
}

func TestArrowsInTheTree(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	b.Toggle("/team")
	s.Until("unfolded", func() bool { return tree(b.View()) == "Recent All spaces .me* .team ..gearbox" })
	v := b.View()
	for _, tt := range []struct {
		line   int
		right  bool
		want   int
		toggle bool
	}{
		{0, true, 0, false},
		{0, false, 0, false},
		{1, true, 2, false},
		{1, false, 1, false},
		{2, true, 2, true},
		{2, false, 1, false},
		{3, true, 4, false},
		{3, false, 3, true},
		{4, false, 3, false},
		{4, true, 4, true},
		{-1, true, -1, false},
		{99, false, 99, false},
	} {
		if line, toggle := v.Tree.Beside(tt.line, tt.right); line != tt.want || toggle != tt.toggle {
			t.Errorf("%d, right %v: %d, %v", tt.line, tt.right, line, toggle)
		}
	}
}

func TestRecent(t *testing.T) {
	s := furnished(t, api.English)
	state := cloudtest.SignedIn()
	state.Recent = []api.Recent{
		{Path: "/me/part 9.step", Name: "part 9.step", Version: 1, Used: day(1)},
		{Path: "/team/gearbox/shaft.step", Version: 6, Used: day(9)},
	}
	s.Set(state)
	b := start(t, s, browse.Options{Recent: true})
	v := b.View()
	r := v.Rows.Row(0)
	if r.Title != "shaft.step" || r.Cells[1] != "/team/gearbox" || r.Cells[2] != "2026-02-09 09:05" || r.Cells[3] != "" || v.Columns[3].Title != "Used" || b.Folder() != "" {
		t.Errorf("row %+v, columns %+v", r, v.Columns)
	}
	b.Reveal("/me/part 9.step")
	s.Until("its folder", func() bool { return selected(b.View()) == "/me/part 9.step" })
	state.Recent = nil
	s.Set(state, api.SectionRecent)
	b.Go(browse.RecentID)
	if v := b.View(); v.Rows.Len() != 0 || v.Empty == nil {
		t.Errorf("recent: %v", titles(v))
	}
}

func TestCrumbs(t *testing.T) {
	s := furnished(t, api.Chinese)
	b := start(t, s, browse.Options{At: "/team/gearbox"})
	want := []browse.Crumb{{Label: "全部空间", Path: "/"}, {Label: "team", Path: "/team"}, {Label: "gearbox", Path: "/team/gearbox"}}
	if got := b.View().Crumbs; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestManyEntries(t *testing.T) {
	s := cloudtest.New(t, api.English)
	entries := make([]api.Entry, 20_000)
	for i := range entries {
		name := "part " + strconv.Itoa(i) + ".step"
		entries[i] = doc("/me/"+name, 1)
		entries[i].Name = name
	}
	s.Cloud.Fill("/me", entries)
	b := start(t, s, browse.Options{At: "/me"})
	v := b.View()
	if v.Rows.Len() != 20_000 || v.Rows.Row(19_999).Title != "part 19999.step" || v.Rows.Row(2).Title != "part 2.step" {
		t.Fatalf("%d rows, the last is %+v", v.Rows.Len(), v.Rows.Row(19_999))
	}
	b.Select("/me/part 12345.step")
	if allocs := testing.AllocsPerRun(20, func() { b.View() }); allocs > 200 {
		t.Errorf("a view of 20,000 rows allocates %v times", allocs)
	}
}

func BenchmarkView(b *testing.B) {
	s := cloudtest.New(b, api.English)
	entries := make([]api.Entry, 20_000)
	for i := range entries {
		name := "part " + strconv.Itoa(i*7919%20_000) + ".step"
		entries[i] = doc("/me/"+name, 1)
		entries[i].Name = name
	}
	s.Cloud.Fill("/me", entries)
	x := browse.New(s.Env, browse.Options{At: "/me"})
	b.Cleanup(x.Close)
	s.Until("listed", func() bool { return x.View().Rows.Len() == 20_000 })
	b.Run("frame", func(b *testing.B) {
		for range b.N {
			v := x.View()
			for i := range 40 {
				v.Rows.Row(i)
			}
		}
	})
	b.Run("sort", func(b *testing.B) {
		for range b.N {
			x.SortBy(browse.ColumnWhen)
		}
	})
}
