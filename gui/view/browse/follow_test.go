package browse_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/browse/cloudtest"
)

func TestTypingRestsBeforeASearch(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me", Rest: 50 * time.Millisecond})
	for _, text := range []string{"w", "wh", "whe", "wheel"} {
		b.SetSearch(text)
	}
	s.Until("found", func() bool { return b.View().Rows.Len() == 1 && !b.View().Loading })
	var asked []string
	for _, c := range s.Cloud.Calls() {
		if strings.HasPrefix(c, "Search") {
			asked = append(asked, c)
		}
	}
	if !slices.Equal(asked, []string{"Search wheel"}) {
		t.Errorf("asked %q", asked)
	}
	b.SetSearch("")
	if v := b.View(); v.Rows.Len() != 6 || v.Search != "" {
		t.Errorf("after the search: %v", titles(v))
	}
}

func TestALateAnswerToAnEarlierSearchIsDropped(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me", Rest: time.Nanosecond})
	release := s.Cloud.Hold("Search wheel")
	b.SetSearch("wheel")
	s.Until("asked", func() bool { return s.Cloud.Count("Search wheel") == 1 })
	b.SetSearch("shaft")
	s.Until("the second answer", func() bool { return slices.Equal(titles(b.View()), []string{"shaft.step"}) })
	release()
	b.SetSearch("bracket")
	s.Until("the third answer", func() bool { return slices.Equal(titles(b.View()), []string{"Bracket.step"}) })
	if r := b.View().Rows.Row(0); r.Cells[1] != "/me" {
		t.Errorf("it does not say where: %+v", r)
	}
	b.Up()
	if v := b.View(); v.Search != "" || v.Rows.Len() != 6 {
		t.Errorf("up ends the search: %+v", v.Search)
	}
}

func TestFollowsTheService(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	s.Until("all is listed", func() bool { return s.Cloud.Count("List /") == 1 })
	listed := func() int { return s.Cloud.Count("List /me") }
	step := func(what string, do func(), again bool) {
		t.Helper()
		before := listed()
		do()
		if again {
			s.Until(what, func() bool { return listed() > before && !b.View().Loading })
		} else if listed() != before || b.View().Loading {
			t.Errorf("%s: it was listed again", what)
		}
	}
	state := cloudtest.SignedIn()
	step("nothing changed", func() { s.Set(state) }, false)
	state.Transfers = []api.Transfer{{Operation: "o1", Path: "/me/new.step", State: "uploading", Total: 100}}
	s.Cloud.Put(doc("/me/new.step", 1, pending))
	step("a save begins", func() { s.Set(state, api.SectionTransfers) }, true)
	if !slices.Contains(titles(b.View()), "new.step") {
		t.Error("the new document is not there")
	}
	state.Transfers = []api.Transfer{{Operation: "o1", Path: "/me/new.step", State: "uploading", Sent: 50, Total: 100}}
	step("progress", func() { s.Set(state, api.SectionTransfers) }, false)
	state.Transfers = []api.Transfer{{Operation: "o1", Path: "/me/new.step", State: "failed", Reason: api.Fail(api.PermissionDenied)}}
	step("a failure", func() { s.Set(state, api.SectionTransfers) }, true)
	i := slices.Index(titles(b.View()), "new.step")
	if r := b.View().Rows.Row(i); !strings.HasPrefix(r.Status, "Not published: ") {
		t.Errorf("the failure is not said: %+v", r)
	}
	state.Transfers = nil
	step("it is published", func() { s.Set(state, api.SectionTransfers) }, true)
	state.Account.Online = false
	step("offline", func() { s.Set(state, api.SectionAccount) }, true)
	step("the service goes", s.Lose, false)
	step("the service comes back", func() { s.Set(state) }, true)
}

func TestAnotherAccountSeesNothingOfTheFirst(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/me"})
	b.Toggle("/team")
	s.Until("unfolded", func() bool { return b.View().Tree.Len() == 5 })
	release := s.Cloud.Hold("List /")
	for _, e := range []string{"/me", "/team"} {
		s.Cloud.Remove(e)
	}
	state := cloudtest.SignedIn()
	state.Account.UserID = "u2"
	s.Set(state, api.SectionAccount)
	if v := b.View(); v.Rows.Len() != 0 || tree(v) != "Recent All spaces" {
		t.Errorf("still there: %v, %s", titles(v), tree(v))
	}
	release()
	s.Until("it says that the folder is not there", func() bool { v := b.View(); return v.Empty != nil && v.Empty.Action != nil && !v.Loading })
}

func TestAnswersAfterTheEndAreDropped(t *testing.T) {
	s := furnished(t, api.English)
	var told atomic.Int32
	b := browse.New(s.Env, browse.Options{At: "/me", Selected: func() { told.Add(1) }})
	s.Until("listed", func() bool { return !b.View().Loading && told.Load() == 1 })
	release := s.Cloud.Hold("List /me")
	b.Reload()
	s.Until("asked", func() bool { return s.Cloud.Count("List /me") == 2 })
	b.Close()
	release()
	s.Set(api.State{Service: api.ServiceInfo{Version: "1"}})
	if n := s.Cloud.Count("List /me"); n != 2 || told.Load() != 1 {
		t.Errorf("listed %d times, told %d times", n, told.Load())
	}
}

func TestNewFolder(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		en, zh      string // what is wrong; empty: nothing
	}{
		{"good", "图纸 2026", "", ""},
		{"empty", "", "Type a name.", "请输入名称。"},
		{"spaces", "   ", "Type a name.", "请输入名称。"},
		{"taken", "DRAWINGS", "A folder named 'Drawings' is here already.", "此处已有名为“Drawings”的文件夹。"},
		{"a document's", "bracket.STEP", "A document named 'Bracket.step' is here already.", "此处已有名为“Bracket.step”的文档。"},
		{"a path", "a/b", "*", "*"},
		{"out", "..", "*", "*"},
		{"a control character", "a\nb", "*", "*"},
		{"too long", strings.Repeat("长", 100), "*", "*"},
	} {
		for lang, want := range map[api.Language]string{api.English: tt.en, api.Chinese: tt.zh} {
			s := furnished(t, lang)
			b := start(t, s, browse.Options{At: "/me"})
			b.BeginFolder()
			if v := b.View().NewFolder; v == nil || v.Problem != "" || v.Ready {
				t.Fatalf("%s: at first %+v", tt.name, v)
			}
			b.NameFolder("x")
			b.NameFolder(tt.typed)
			v := b.View().NewFolder
			if v.Ready != (want == "") || v.Problem != want && want != "*" || want == "*" && v.Problem == "" {
				t.Errorf("%s: %+v, want %q", tt.name, v, want)
			}
			b.MakeFolder()
			if want != "" {
				if got := b.View().NewFolder; got == nil || len(s.Cloud.Calls()) > 3 {
					t.Errorf("%s: it was made", tt.name)
				}
				continue
			}
			s.Until("the folder is shown", func() bool {
				v := b.View()
				return v.NewFolder == nil && b.Folder() == "/me/图纸 2026" && v.Empty != nil
			})
			b.Up()
			s.Until("it is listed", func() bool { return slices.Contains(titles(b.View()), "图纸 2026") })
		}
	}
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	s := furnished(t, api.English)
	b := start(t, s, browse.Options{At: "/team"})
	s.Cloud.Fail("CreateFolder /team/x", api.Fail(api.PermissionDenied))
	b.BeginFolder()
	b.NameFolder("x")
	b.MakeFolder()
	b.MakeFolder()
	s.Until("the refusal stands beside the name", func() bool { v := b.View().NewFolder; return v != nil && v.Problem != "" })
	if n := s.Cloud.Count("CreateFolder /team/x"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	b.NameFolder("y")
	if v := b.View().NewFolder; v.Problem != "" || !v.Ready {
		t.Errorf("another name: %+v", v)
	}
	b.CancelFolder()
	if b.View().NewFolder != nil {
		t.Error("it is still open")
	}
}
