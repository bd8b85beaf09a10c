package picker_test

import (
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse/cloudtest"
)

func TestNamesToSaveUnder(t *testing.T) {
	for _, tt := range []struct {
		typed string
		fault [2]string // "*": any
		hint  [2]string
	}{
		{"new.step", [2]string{}, [2]string{}},
		{"图纸 7.STEP", [2]string{}, [2]string{}},
		{"other", [2]string{}, [2]string{"It is saved as 'other.step'.", "将保存为“other.step”。"}},
		{" other.step ", [2]string{}, [2]string{}},
		{"other.txt", [2]string{}, [2]string{
			"What is saved ends in .step; the application may not open it under another ending.", "所保存的内容扩展名为 .step;使用其他扩展名时应用可能无法打开。",
		}},
		{"con.step", [2]string{}, [2]string{"*", "*"}},
		{"a?.step", [2]string{}, [2]string{"*", "*"}},
		{"", [2]string{"Type a name.", "请输入名称。"}, [2]string{}},
		{"  ", [2]string{"Type a name.", "请输入名称。"}, [2]string{}},
		{"a/b.step", [2]string{"'a/b.step' cannot be used as a name: it holds a slash.", "“a/b.step”不能用作名称:含有斜杠。"}, [2]string{}},
		{"..", [2]string{"*", "*"}, [2]string{}},
		{strings.Repeat("长", 90), [2]string{"*", "*"}, [2]string{}},
		{"theirs.step", [2]string{"Wang Wei has 'theirs.step' checked out. Choose another name.", "Wang Wei 已检出“theirs.step”,请换一个名称。"}, [2]string{}},
		{"THEIRS", [2]string{"Wang Wei has 'theirs.step' checked out. Choose another name.", "Wang Wei 已检出“theirs.step”,请换一个名称。"}, [2]string{}},
		{"mine.step", [2]string{}, [2]string{}},
		{"bracket.step", [2]string{}, [2]string{}},
	} {
		for i, lang := range []api.Language{api.English, api.Chinese} {
			s := start(t, lang, asked(saves("p1")))
			s.room.Name(tt.typed)
			v := s.room.View()
			fits := func(got, want string) bool { return got == want || want == "*" && got != "" }
			if !fits(v.Save.Fault, tt.fault[i]) || !fits(v.Save.Hint, tt.hint[i]) || v.Save.Name != tt.typed || (action(v, "save").Do == nil) != (tt.fault[i] != "") {
				t.Errorf("%q %s: fault %q, hint %q, %+v", tt.typed, lang, v.Save.Fault, v.Save.Hint, action(v, "save").Why)
			}
		}
	}
}

func TestAFolderIsNoNameForADocument(t *testing.T) {
	pick := saves("p1")
	pick.SuggestedName, pick.DocumentKind = "drawings", api.Assembly
	s := start(t, api.English, asked(pick))
	if f := s.room.View().Save.Fault; f != "A folder here is named 'Drawings'. Choose another name." {
		t.Errorf("%q", f)
	}
}

func TestSavingNeedsAFolder(t *testing.T) {
	s := start(t, api.English, asked(saves("p1")))
	s.room.View().Browser.Go("/")
	s.settle()
	v := s.room.View()
	if a := action(v, "save"); a.Do != nil || a.Why != "Open a space or folder to save in." || v.Save.Fault != "" {
		t.Errorf("%+v, %+v", a, v.Save)
	}
}

func TestSaving(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *stage)
		want api.PickAnswer
	}{
		{"as suggested", func(t *testing.T, s *stage) { s.press(t, "save") }, api.PickAnswer{Path: "/me/new.step"}},
		{"without ending", func(t *testing.T, s *stage) {
			s.room.Name("plate")
			s.press(t, "save")
		}, api.PickAnswer{Path: "/me/plate.step"}},
		{"elsewhere", func(t *testing.T, s *stage) {
			s.room.View().Browser.Go("/team")
			s.settle()
			s.press(t, "save")
		}, api.PickAnswer{Path: "/team/new.step"}},
		{"over a document", func(t *testing.T, s *stage) {
			s.room.Name("BRACKET.step")
			s.press(t, "save")
			o := s.room.View().Save.Overwrite
			if o == nil || o.Text != "'bracket.step' is here already. Saving gives it a new version; the old ones stay in its history." ||
				o.Line != "Version 2, Li Na, 2026-02-02 09:05, 2.0 kB" {
				t.Errorf("%+v", o)
			}
			if len(s.Cloud.Answers()) != 0 {
				t.Error("it was overwritten without asking")
			}
			s.press(t, "overwrite")
		}, api.PickAnswer{Path: "/me/bracket.step", Overwrite: true}},
		{"over a document that is selected", func(_ *testing.T, s *stage) {
			s.selects("/me/mine.step")
			s.room.View().Browser.Open()
			s.room.View().Browser.Open()
		}, api.PickAnswer{Path: "/me/mine.step", Overwrite: true}},
		{"not over a document after all", func(t *testing.T, s *stage) {
			s.room.Name("bracket.step")
			s.press(t, "save")
			s.room.View().Save.Overwrite.Keep.Do()
			if s.room.View().Save.Overwrite != nil {
				t.Error("it is still asked")
			}
			s.press(t, "save")
			s.room.Name("bracket 2.step")
			s.press(t, "save")
		}, api.PickAnswer{Path: "/me/bracket 2.step"}},
		{"over what came to be there meanwhile", func(t *testing.T, s *stage) {
			s.Cloud.Fail("AnswerPick p1", api.Fail(api.Exists, "what", "/me/new.step"))
			s.Cloud.Put(doc("/me/new.step", 7))
			s.press(t, "save")
			s.Until("it is asked", func() bool {
				o := s.room.View().Save
				return o != nil && o.Overwrite != nil && strings.HasPrefix(o.Overwrite.Line, "Version 7")
			})
			s.Cloud.Fail("AnswerPick p1", nil)
			s.press(t, "overwrite")
		}, api.PickAnswer{Path: "/me/new.step", Overwrite: true}},
		{"cancel", func(t *testing.T, s *stage) { s.press(t, "cancel") }, api.PickAnswer{Cancelled: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, api.English, asked(saves("p1")))
			tt.do(t, s)
			s.Until("the window goes", func() bool { return !s.room.Wanted() && len(s.Cloud.Answers()) > 0 })
			if got := s.Cloud.Answers(); !slices.Equal(got, []cloudtest.Answer{{Pick: "p1", PickAnswer: tt.want}}) {
				t.Errorf("answered %+v", got)
			}
		})
	}
}

func TestWhatIsRefusedStandsInTheWindow(t *testing.T) {
	for i, lang := range []api.Language{api.English, api.Chinese} {
		s := start(t, lang, asked(opens("p1")))
		s.selects("/me/bracket.step")
		s.Cloud.Fail("AnswerPick p1", api.Fail(api.PermissionDenied))
		s.press(t, "open")
		s.Until("it is said", func() bool { return s.room.View().Banner.Tone == view.Trouble })
		v := s.room.View()
		if want := []string{"That did not work: ", "未能完成:"}[i]; !strings.HasPrefix(v.Banner.Text, want) || action(v, "open").Do == nil || !s.room.Wanted() {
			t.Errorf("%+v", v.Banner)
		}
		s.Cloud.Fail("AnswerPick p1", nil)
		s.press(t, "open")
		s.Until("the second attempt", func() bool { return !s.room.Wanted() })
	}
}

func TestACancelThatIsRefusedBringsTheWindowBack(t *testing.T) {
	s := start(t, api.English, asked(saves("p1")))
	s.Cloud.Fail("AnswerPick p1", api.Fail(api.ServiceUnavailable))
	front := s.room.View().Front
	s.room.Cancel()
	s.Until("it is back", func() bool { v := s.room.View(); return v.Banner.Tone == view.Trouble && v.Front > front })
	if !s.room.Wanted() || s.Cloud.Count("AnswerPick p1") != 1 {
		t.Error("the question is lost")
	}
}

func TestAQuestionThatEndsElsewhere(t *testing.T) {
	s := start(t, api.English, asked(opens("p1")))
	s.Set(asked(), api.SectionPicks)
	if s.room.Wanted() {
		t.Error("it is still shown")
	}
	s = start(t, api.English, asked(opens("p1")))
	s.selects("/me/bracket.step")
	s.Cloud.Fail("AnswerPick p1", api.Fail(api.NotFound, "what", "p1"))
	s.press(t, "open")
	s.Until("it goes without a word", func() bool { return !s.room.Wanted() })
}

func TestQuestionsQueue(t *testing.T) {
	second := saves("p2")
	second.Product, second.Session = "mould", "s2"
	s := start(t, api.English, asked(opens("p1")))
	front := s.room.View().Front
	s.Set(asked(second, opens("p1")), api.SectionPicks)
	v := s.room.View()
	if v.ID != "p1" || v.Others == nil || v.Others.Label != "Mould Designer asks too" || v.Front <= front {
		t.Fatalf("%s, others %+v, front %d", v.ID, v.Others, v.Front)
	}
	third := opens("p3")
	third.Created = 3
	s.Set(asked(second, opens("p1"), third), api.SectionPicks)
	if v := s.room.View(); v.Others.Label != "2 more applications ask" {
		t.Errorf("%+v", v.Others)
	}
	v.Others.Do()
	if v := s.room.View(); v.ID != "p2" {
		t.Errorf("the next is %s", v.ID)
	}
	s.room.Show("p1")
	s.room.Cancel()
	if v := s.room.View(); v.ID != "p2" {
		t.Errorf("after the cancel: %s", v.ID)
	}
	s.Until("it is cancelled", func() bool { return len(s.Cloud.Answers()) == 1 })
	s.Set(asked(third), api.SectionPicks)
	if v := s.room.View(); v.ID != "p3" || v.Others != nil {
		t.Errorf("%s, others %+v", v.ID, v.Others)
	}
	if got := s.Cloud.Answers(); len(got) != 1 || got[0].Pick != "p1" {
		t.Errorf("%+v", got)
	}
}

func TestWhileTheServiceRestarts(t *testing.T) {
	for i, lang := range []api.Language{api.English, api.Chinese} {
		s := start(t, lang, asked(saves("p1")))
		s.room.Name("kept.step")
		s.Lose()
		v := s.room.View()
		if want := []string{"The service is restarting. Nothing is lost.", "服务正在重启,不会丢失任何内容。"}[i]; v.Banner.Text != want || v.Save.Name != "kept.step" || !s.room.Wanted() {
			t.Errorf("%+v", v.Banner)
		}
		release := s.Cloud.Hold("AnswerPick p1")
		s.press(t, "save")
		v = s.room.View()
		if want := []string{"The service is restarting. Your answer is given as soon as it is back.", "服务正在重启,恢复后即送出您的选择。"}[i]; v.Banner.Text != want {
			t.Errorf("%+v", v.Banner)
		}
		s.Set(asked(saves("p1")))
		release()
		s.Until("it is answered", func() bool { return !s.room.Wanted() })
	}
}

func TestBanners(t *testing.T) {
	for i, lang := range []api.Language{api.English, api.Chinese} {
		state := asked(opens("p1"))
		state.Account.Online = false
		s := start(t, lang, state)
		if got, want := s.room.View().Banner.Text, []string{"The marketplace cannot be reached. Listings are what was known last.", "无法连接云商店。列表为最近一次的内容。"}[i]; got != want {
			t.Errorf("%q", got)
		}
		state.Account = api.Account{State: api.AccountSignedOut}
		s.Set(state)
		b := s.room.View().Banner
		if want := []string{"Nobody is signed in. Documents are listed after you have signed in.", "尚未登录。登录后即可列出文档。"}[i]; b.Text != want || b.Action == nil {
			t.Fatalf("%+v", b)
		}
		b.Action.Do()
		if got := s.Places(); !slices.Equal(got, []view.Place{{Room: view.Home}}) {
			t.Errorf("%v", got)
		}
	}
}
