package notify_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/notify"
)

// stage is a teller whose time a test moves.
type stage struct {
	*notify.Teller
	now   time.Time
	seen  bool
	state api.State
	told  []notify.Notice
	next  int
}

func newStage(t *testing.T, lang api.Language) *stage {
	t.Helper()
	w, err := i18n.New(lang, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{now: time.Unix(1_800_000_000, 0), state: api.State{Service: api.ServiceInfo{Version: "1"}, Settings: api.DefaultSettings()}}
	s.Teller = notify.New(notify.Config{
		Words: func() *i18n.Words { return w }, Now: func() time.Time { return s.now }, Seen: func() bool { return s.seen },
		Show: func(n notify.Notice) { s.told = append(s.told, n) },
	})
	s.hear()
	return s
}

func (s *stage) hear() {
	s.Hear(desk.Change{Snapshot: desk.Snapshot{Link: desk.Connected, State: s.state}})
}

// message lets something happen, and gives what was told of it.
func (s *stage) message(m api.Message) []notify.Notice {
	s.next++
	m.ID = strconv.Itoa(s.next)
	s.state.Messages = append([]api.Message{m}, s.state.Messages...)
	s.told = nil
	s.hear()
	return s.told
}

func TestWhatIsTold(t *testing.T) {
	all := api.Notify{Published: true, Trouble: true, Licenses: true, Applications: true, Solves: true}
	for _, row := range []struct {
		kind   api.MessageKind
		off    func(*api.Notify)
		place  view.Place
		en, zh string // the title and the text
	}{
		{
			api.MessagePublished, func(n *api.Notify) { n.Published = false },
			view.Place{Room: view.Documents, Item: "/a/梁.inp"},
			"Documents: '/a/梁.inp' is published as version 3.", "文档: “/a/梁.inp”已发布为版本 3。",
		},
		{
			api.MessageNotPublished, func(n *api.Notify) { n.Trouble = false },
			view.Place{Room: view.Documents, Part: "pending"},
			"Documents: '/a/梁.inp' could not be published. It is safe on this machine.", "文档: “/a/梁.inp”未能发布,内容安全地存放在本机。",
		},
		{
			api.MessageConflict, func(n *api.Notify) { n.Trouble = false },
			view.Place{Room: view.Documents, Part: "conflicts"},
			"Documents: Somebody published a newer version of '/a/梁.inp'. Yours is kept as '/a/copy'.", "文档: 他人已发布“/a/梁.inp”的新版本。您的版本保留为“/a/copy”。",
		},
		{
			api.MessageLicenseGranted, func(n *api.Notify) { n.Licenses = false },
			view.Place{Room: view.Licenses, Item: "cad"},
			"Licences: The licence of cad is here.", "许可证: 已获得 cad 的许可证。",
		},
		{
			api.MessageLicenseRefused, func(n *api.Notify) { n.Licenses = false },
			view.Place{Room: view.Licenses, Item: "cad"},
			"Licences: The licence of cad was refused.", "许可证: cad 的许可证申请被拒绝。",
		},
		{
			api.MessageLicenseFrozen, func(n *api.Notify) { n.Licenses = false },
			view.Place{Room: view.Licenses, Item: "cad"},
			"Licences: The licence of cad is frozen.", "许可证: cad 的许可证已冻结。",
		},
		{
			api.MessageTrialOver, func(n *api.Notify) { n.Licenses = false },
			view.Place{Room: view.Licenses, Item: "cad"},
			"Licences: The trial of cad is over.", "许可证: cad 的试用已结束。",
		},
		{
			api.MessageUpgrade, func(n *api.Notify) { n.Applications = false },
			view.Place{Room: view.Applications, Item: "cad"},
			"Applications: cad 3 is available.", "应用: cad 有新版本 3。",
		},
		{
			api.MessageSolveSucceeded, func(n *api.Notify) { n.Solves = false },
			view.Place{Room: view.Solves, Item: "s1"},
			"Solves: The solve of '/a/梁.inp' has ended. Its results are in '/a/r'.", "求解: “/a/梁.inp”求解完成,结果位于“/a/r”。",
		},
	} {
		t.Run(string(row.kind), func(t *testing.T) {
			m := api.Message{
				Kind: row.kind, Path: "/a/梁.inp", Product: "cad", Solve: "s1",
				Params: map[string]string{"path": "/a/梁.inp", "product": "cad", "version": "3", "copy": "/a/copy", "result": "/a/r"},
			}
			for lang, want := range map[api.Language]string{api.English: row.en, api.Chinese: row.zh} {
				s := newStage(t, lang)
				s.state.Settings.Notify = all
				told := s.message(m)
				if len(told) != 1 || told[0].Title+": "+told[0].Text != want || told[0].Place != row.place {
					t.Errorf("told %+v", told)
				}
			}
			s := newStage(t, api.English)
			s.state.Settings.Notify = all
			row.off(&s.state.Settings.Notify)
			if told := s.message(m); len(told) != 0 {
				t.Errorf("told though it is switched off: %+v", told)
			}
		})
	}
}

func TestTheSameThingOnceAMinute(t *testing.T) {
	s := newStage(t, api.English)
	frozen := func(product string) int {
		return len(s.message(api.Message{Kind: api.MessageLicenseFrozen, Product: product, Params: map[string]string{"product": product}}))
	}
	for i, step := range []struct {
		after   time.Duration
		product string
		want    int
	}{
		{0, "cad", 1},
		{time.Second, "cad", 0},
		{0, "cae", 1},
		{58 * time.Second, "cad", 0},
		{time.Second, "cad", 1},
		{59 * time.Second, "cad", 0},
		{time.Hour, "cad", 1},
	} {
		s.now = s.now.Add(step.after)
		if got := frozen(step.product); got != step.want {
			t.Errorf("step %d: told %d times, want %d", i, got, step.want)
		}
	}
}

func TestWhatIsOldIsNotTold(t *testing.T) {
	s := newStage(t, api.English)
	s.message(api.Message{Kind: api.MessageLicenseFrozen, Product: "cad"})
	later := newStage(t, api.English)
	later.Teller = notify.New(notify.Config{
		Words: func() *i18n.Words { return nil }, Now: time.Now, Seen: func() bool { return false },
		Show: func(n notify.Notice) { t.Errorf("told at the start: %+v", n) },
	})
	later.state = s.state
	later.hear()
	later.hear()
	if told := s.message(api.Message{Kind: api.MessageConflict, Read: true}); len(told) != 0 {
		t.Errorf("told what is read already: %+v", told)
	}
	s.told = nil
	s.Hear(desk.Change{Snapshot: desk.Snapshot{Link: desk.Connecting}})
	s.hear()
	if len(s.told) != 0 {
		t.Errorf("told again after a break: %+v", s.told)
	}
}

func TestAnApplicationThatAsks(t *testing.T) {
	s := newStage(t, api.Chinese)
	s.state.Apps = []api.App{{Product: "cad", Name: "迷你 CAD"}}
	s.seen = true
	s.state.Picks = []api.Pick{{ID: "1", Product: "cad", Kind: api.PickOpen}}
	if s.hear(); len(s.told) != 0 {
		t.Errorf("told though the window is seen: %+v", s.told)
	}
	s.seen = false
	s.state.Picks = []api.Pick{{ID: "1", Product: "cad"}, {ID: "2", Product: "cad", Kind: api.PickSaveAs}}
	s.hear()
	want := []notify.Notice{{Title: "迷你 CAD", Text: "迷你 CAD 请求选择保存位置。", Label: "查看", Place: view.Place{Room: view.Picker, Item: "2"}}}
	if !slices.Equal(s.told, want) {
		t.Errorf("told %+v", s.told)
	}
}

// TestAFloodIsNotTold: whoever can publish, or runs the marketplace, can make
// any number of messages at once.
func TestAFloodIsNotTold(t *testing.T) {
	s := newStage(t, api.English)
	told := 0
	for i := range 1000 {
		told += len(s.message(api.Message{Kind: api.MessageConflict, Path: "/team/" + strconv.Itoa(i)}))
	}
	if told != notify.Most {
		t.Errorf("%d notifications", told)
	}
	s.state.Picks = []api.Pick{{ID: "p", Product: "cad"}}
	s.told = nil
	if s.hear(); len(s.told) != 1 {
		t.Errorf("an application that waits was told of %d times", len(s.told))
	}
	s.now = s.now.Add(notify.Every)
	if got := s.message(api.Message{Kind: api.MessageConflict, Path: "/team/later"}); len(got) != 1 {
		t.Errorf("a minute later %d were told", len(got))
	}
}

// TestWhatAnotherAccountFindsIsNoNews: with it come its own messages, of
// yesterday.
func TestWhatAnotherAccountFindsIsNoNews(t *testing.T) {
	s := newStage(t, api.English)
	old := api.Message{Kind: api.MessageConflict, Path: "/team/old", Time: s.now.Add(-time.Hour).UnixMilli()}
	if got := s.message(old); len(got) != 0 {
		t.Errorf("told %+v", got)
	}
	old.Time = s.now.Add(-time.Minute).UnixMilli()
	if got := s.message(old); len(got) != 1 {
		t.Error("a fresh one was not told")
	}
}
