package picker_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/browse/cloudtest"
	"iscdesk.dev/gui/view/picker"
)

func at(n int) int64 { return time.Date(2026, 2, n, 9, 5, 0, 0, time.UTC).Unix() }

func doc(path string, version int) api.Entry {
	return api.Entry{Path: path, ID: "id:" + path, Kind: api.Single, Version: version, Size: int64(version) * 1000, Modified: at(version), Author: "Li Na"}
}

// asked is a state in which applications ask.
func asked(picks ...api.Pick) api.State {
	s := cloudtest.SignedIn()
	s.Apps = []api.App{{Product: "minicad", Name: "MiniCAD"}, {Product: "mould", Name: "Mould Designer"}}
	s.Sessions = []api.Session{{ID: "s1", Product: "minicad", Version: "2.1", PID: 4711}, {ID: "s2", Product: "mould", PID: 99}}
	s.Recent = []api.Recent{{Path: "/me/bracket.step", Used: at(1)}}
	s.Picks = picks
	return s
}

func opens(id string) api.Pick {
	return api.Pick{ID: id, Kind: api.PickOpen, Product: "minicad", Session: "s1", Created: 1}
}

func saves(id string) api.Pick {
	return api.Pick{ID: id, Kind: api.PickSaveAs, Product: "minicad", Session: "s1", SuggestedName: "new.step", DocumentKind: api.Single, Created: 2}
}

func furnish(c *cloudtest.Cloud) {
	theirs, mine, fresh := doc("/me/theirs.step", 3), doc("/me/mine.step", 4), doc("/me/fresh.step", 0)
	theirs.CheckedOutBy = "Wang Wei"
	mine.CheckedOutBy, mine.Mine = "Li Na", true
	fresh.Pending, fresh.ID = true, ""
	for _, e := range []api.Entry{doc("/me/bracket.step", 2), theirs, mine, fresh, {Path: "/me/Drawings", Folder: true}, doc("/team/wheel.step", 5)} {
		c.Put(e)
	}
	c.Versions("/me/bracket.step",
		api.Version{Number: 2, Size: 2000, Author: "Li Na", Created: at(2), Comment: "thicker"}, api.Version{Number: 1, Size: 1000, Author: "Wang Wei", Created: at(1)})
}

type stage struct {
	*cloudtest.Stage
	room *picker.Room
}

func start(t *testing.T, lang api.Language, state api.State) *stage {
	t.Helper()
	s := &stage{Stage: cloudtest.New(t, lang)}
	furnish(s.Cloud)
	s.Set(state)
	s.room = picker.New(picker.Config{Env: s.Env})
	t.Cleanup(s.room.Close)
	s.settle()
	return s
}

func (s *stage) settle() {
	s.Until("nothing loads", func() bool {
		v := s.room.View()
		return v.Browser == nil || !v.Browser.View().Loading && (v.About == nil || v.About.Note.Tone != view.Busy)
	})
}

func (s *stage) selects(path string) {
	s.room.View().Browser.Select(path)
	s.settle()
}

func action(v picker.View, name string) view.Action {
	for _, a := range v.Buttons {
		if a.Name == name {
			return a
		}
	}
	return view.Action{}
}

func (s *stage) press(t *testing.T, name string) {
	t.Helper()
	a := action(s.room.View(), name)
	if a.Do == nil {
		t.Fatalf("%q cannot be pressed: %q", name, a.Why)
	}
	a.Do()
}

func TestWhoAsksForWhat(t *testing.T) {
	for _, tt := range []struct {
		pick   api.Pick
		title  [2]string
		asks   [2]string
		who    [2]string
		folder string
	}{
		{
			opens("p1"),
			[2]string{"Open for MiniCAD", "为 MiniCAD 打开"},
			[2]string{"MiniCAD asks for a document to open", "MiniCAD 请求打开一个文档"},
			[2]string{"Version 2.1, process 4711", "版本 2.1,进程 4711"},
			"/me",
		},
		{
			saves("p1"),
			[2]string{"Save for MiniCAD", "为 MiniCAD 保存"},
			[2]string{"MiniCAD asks where to save 'new.step'", "MiniCAD 请选择“new.step”的保存位置"},
			[2]string{"Version 2.1, process 4711", "版本 2.1,进程 4711"},
			"/me",
		},
		{
			api.Pick{ID: "p", Kind: api.PickOpen, Product: "mould", Session: "s2"},
			[2]string{"Open for Mould Designer", "为 Mould Designer 打开"},
			[2]string{"Mould Designer asks for a document to open", "Mould Designer 请求打开一个文档"},
			[2]string{"Process 99", "进程 99"},
			"/me",
		},
		{
			api.Pick{ID: "p", Kind: api.PickSaveAs, Product: "unheard", Session: "gone", SuggestedName: "x"},
			[2]string{"Save for unheard", "为 unheard 保存"},
			[2]string{"unheard asks where to save 'x'", "unheard 请选择“x”的保存位置"},
			[2]string{"The application has ended. What it saved is safe on this machine and waits for its place.", "应用已退出。其保存的内容安全地存放在本机,等待选择位置。"},
			"/me",
		},
		{api.Pick{ID: "p", Kind: api.PickOpen}, [2]string{"Open for An application", "为 某个应用 打开"}, [2]string{"An application asks for a document to open", "某个应用 请求打开一个文档"}, [2]string{}, "/me"},
	} {
		for i, lang := range []api.Language{api.English, api.Chinese} {
			s := start(t, lang, asked(tt.pick))
			v := s.room.View()
			if v.Title != tt.title[i] || v.Asks != tt.asks[i] || v.Who != tt.who[i] || v.Browser.Folder() != tt.folder || !s.room.Wanted() || v.Front != 1 {
				t.Errorf("%s %s: %q %q %q %q front %d", tt.pick.Product, lang, v.Title, v.Asks, v.Who, v.Browser.Folder(), v.Front)
			}
		}
	}
}

func TestWhereItBegins(t *testing.T) {
	recent := []api.Recent{
		{Path: "/team/wheel.step", Product: "mould", Used: at(9)},
		{Path: "/me/Drawings/a.step", Product: "minicad", Used: at(8)},
		{Path: "/me/new.step", Name: "new.step", Product: "other", Used: at(2)},
	}
	for _, tt := range []struct {
		name   string
		pick   api.Pick
		recent []api.Recent
		want   string
	}{
		{"where this application was last", opens("p"), recent, "/me/Drawings"},
		{"where what is saved lies", saves("p"), recent, "/me"},
		{"where anyone was last", api.Pick{ID: "p", Kind: api.PickOpen, Product: "new"}, recent, "/team"},
		{"nowhere yet", opens("p"), nil, ""},
	} {
		state := asked(tt.pick)
		state.Recent = tt.recent
		s := start(t, api.English, state)
		if got := s.room.View().Browser.Folder(); got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestWhatCanBeOpened(t *testing.T) {
	offline := func(s *api.State) { s.Account.Online = false }
	for _, tt := range []struct {
		name   string
		path   string
		change func(*api.State)
		open   [2]string // why not; empty: it can
		out    [2]string
	}{
		{"nothing", "", nil, [2]string{"Choose a document.", "请选择一个文档。"}, [2]string{"Choose a document.", "请选择一个文档。"}},
		{"a document", "/me/bracket.step", nil, [2]string{}, [2]string{}},
		{"checked out by another", "/me/theirs.step", nil, [2]string{}, [2]string{"Wang Wei has it checked out. You can open it for reading.", "已被 Wang Wei 检出。您可以只读打开。"}},
		{"checked out by the user", "/me/mine.step", nil, [2]string{}, [2]string{}},
		{"not published yet", "/me/fresh.step", nil, [2]string{}, [2]string{}},
		{
			"out of reach", "/me/bracket.step", offline,
			[2]string{"'bracket.step' is in the cloud, and the marketplace cannot be reached.", "“bracket.step”在云端,目前无法连接云商店。"},
			[2]string{"'bracket.step' is in the cloud, and the marketplace cannot be reached.", "“bracket.step”在云端,目前无法连接云商店。"},
		},
		{
			"here, offline", "/me/fresh.step", offline,
			[2]string{},
			[2]string{"'fresh.step' is in the cloud, and the marketplace cannot be reached.", "“fresh.step”在云端,目前无法连接云商店。"},
		},
	} {
		for i, lang := range []api.Language{api.English, api.Chinese} {
			state := asked(opens("p1"))
			if tt.change != nil {
				tt.change(&state)
			}
			s := start(t, lang, state)
			s.selects(tt.path)
			v := s.room.View()
			open, out := action(v, "open"), action(v, "open_and_check_out")
			if open.Why != tt.open[i] || (open.Do == nil) != (tt.open[i] != "") || out.Why != tt.out[i] || (out.Do == nil) != (tt.out[i] != "") || !open.Primary {
				t.Errorf("%s %s: open %q, check out %q", tt.name, lang, open.Why, out.Why)
			}
		}
	}
}

func TestOpening(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *stage)
		want api.PickAnswer
	}{
		{"open", func(t *testing.T, s *stage) { s.press(t, "open") }, api.PickAnswer{Path: "/me/bracket.step"}},
		{"open and check out", func(t *testing.T, s *stage) { s.press(t, "open_and_check_out") }, api.PickAnswer{Path: "/me/bracket.step", Checkout: true}},
		{"Enter", func(_ *testing.T, s *stage) { s.room.View().Browser.Open() }, api.PickAnswer{Path: "/me/bracket.step"}},
		{"Ctrl+Enter", func(_ *testing.T, s *stage) { s.room.CheckOut() }, api.PickAnswer{Path: "/me/bracket.step", Checkout: true}},
		{"an old version", func(t *testing.T, s *stage) {
			s.room.Version(1)
			if a := action(s.room.View(), "open_and_check_out"); a.Do != nil || a.Why != "Only the newest version can be checked out." {
				t.Errorf("check out: %+v", a)
			}
			s.press(t, "open")
		}, api.PickAnswer{Path: "/me/bracket.step", Version: 1}},
		{"the newest by its number", func(t *testing.T, s *stage) {
			s.room.Version(1)
			s.room.Version(2)
			s.press(t, "open_and_check_out")
		}, api.PickAnswer{Path: "/me/bracket.step", Checkout: true}},
		{"cancel", func(t *testing.T, s *stage) { s.press(t, "cancel") }, api.PickAnswer{Cancelled: true}},
		{"Escape", func(_ *testing.T, s *stage) { s.room.Cancel() }, api.PickAnswer{Cancelled: true}},
		{"pressed often", func(t *testing.T, s *stage) {
			release := s.Cloud.Hold("AnswerPick p1")
			s.press(t, "open")
			s.room.Answer()
			s.room.CheckOut()
			s.room.Cancel()
			if a := action(s.room.View(), "open"); a.Do != nil || a.Why != "One moment" {
				t.Errorf("while the answer is on its way: %+v", a)
			}
			release()
		}, api.PickAnswer{Path: "/me/bracket.step"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, api.English, asked(opens("p1")))
			s.selects("/me/bracket.step")
			tt.do(t, s)
			s.Until("the window goes", func() bool { return !s.room.Wanted() && len(s.Cloud.Answers()) > 0 })
			s.Set(asked())
			if got := s.Cloud.Answers(); !slices.Equal(got, []cloudtest.Answer{{Pick: "p1", PickAnswer: tt.want}}) || s.Cloud.Count("AnswerPick p1") != 1 {
				t.Errorf("answered %+v", got)
			}
		})
	}
}

func TestWhatIsKnownOfADocument(t *testing.T) {
	s := start(t, api.English, asked(opens("p1")))
	s.selects("/me/bracket.step")
	a := s.room.View().About
	if a == nil || a.Name != "bracket.step" || len(a.Versions) != 2 || a.Chosen != 0 || a.Title != "Versions" || a.Picture != "No picture" {
		t.Fatalf("%+v", a)
	}
	if r := a.Versions[0]; r.Title != "Version 2" || r.Detail != "Li Na, 2026-02-02 09:05  thicker" || r.Status != "Newest" {
		t.Errorf("%+v", r)
	}
	if a.Line != "Version 2, Li Na, 2026-02-02 09:05, 2.0 kB" || a.State.Value != "" {
		t.Errorf("%q %+v", a.Line, a.State)
	}
	s.room.Version(1)
	if a := s.room.View().About; a.Chosen != 1 || a.Note.Text != "Version 1 will be opened, not the newest." {
		t.Errorf("%+v", a)
	}
	s.selects("/me/theirs.step")
	if a := s.room.View().About; a.State != (view.Field{Value: "Checked out by Wang Wei", Tone: view.Attention}) || a.Chosen != -1 {
		t.Errorf("%+v", a)
	}
	s.Cloud.Fail("History /me/mine.step", api.Fail(api.Offline))
	s.selects("/me/mine.step")
	if a := s.room.View().About; a.Note.Tone != view.Attention || a.Note.Text == "" {
		t.Errorf("a history that fails: %+v", a.Note)
	}
	s.selects("/me/Drawings")
	if v := s.room.View(); v.About != nil || action(v, "open").Label != "Open folder" {
		t.Errorf("a folder: %+v", v.Buttons)
	}
	s.room.Answer()
	s.settle()
	if got := s.room.View().Browser.Folder(); got != "/me/Drawings" {
		t.Errorf("shown %s", got)
	}
}

func TestWhatWasUsedLastIsLookedUp(t *testing.T) {
	state := asked(opens("p1"))
	state.Recent = []api.Recent{{Path: "/me/theirs.step", Used: at(1)}, {Path: "/me/gone.step", Used: at(2)}}
	s := start(t, api.English, state)
	s.room.View().Browser.Go(browse.RecentID)
	s.selects("/me/theirs.step")
	if a := action(s.room.View(), "open_and_check_out"); a.Do != nil || !strings.HasPrefix(a.Why, "Wang Wei has it") {
		t.Errorf("%+v", a)
	}
	s.selects("/me/gone.step")
	if a := action(s.room.View(), "open"); a.Do != nil || a.Why != "'gone.step' is not there any more." {
		t.Errorf("%+v", a)
	}
}

// pictures draws at once.
type pictures struct{ asked []int }

func (p *pictures) Picture(_ api.Entry, version int, _ func()) (image.Image, bool) {
	p.asked = append(p.asked, version)
	return image.NewGray(image.Rect(0, 0, 1, 1)), version == 1
}

func TestPictures(t *testing.T) {
	s := &stage{Stage: cloudtest.New(t, api.Chinese)}
	furnish(s.Cloud)
	s.Set(asked(opens("p1")))
	s.room = picker.New(picker.Config{Env: s.Env, Pictures: &pictures{}})
	t.Cleanup(s.room.Close)
	s.settle()
	s.selects("/me/bracket.step")
	if a := s.room.View().About; a.Image == nil || a.Picture != "" {
		t.Errorf("%+v", a)
	}
	s.room.Version(1)
	if a := s.room.View().About; a.Picture != "正在绘制" {
		t.Errorf("%+v", a)
	}
}
