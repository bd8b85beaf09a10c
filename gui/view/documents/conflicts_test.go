package documents_test

import (
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/documents/documentstest"
)

func conflict() api.Conflict {
	now := documentstest.Now().Unix()
	return api.Conflict{
		ID: "c1", Path: "/team/曲轴.step", Theirs: 4, TheirAuthor: "Wang Wu", TheirTime: now - 600, TheirSize: 5_000,
		Copy: "/team/曲轴 (Li Na).step", Mine: 1, MineTime: now - 300, MineSize: 6_000, Base: 3, DocumentKind: api.Single,
	}
}

func inConflict(t *testing.T, lang api.Language) (*documentstest.Stage, documents.Conflict) {
	t.Helper()
	stage := documentstest.New(t, lang)
	stage.Set(func(s *api.State) { s.Conflicts = []api.Conflict{conflict()} })
	items := stage.Room.View().Conflicts.Items
	if len(items) != 1 {
		t.Fatalf("%d conflicts", len(items))
	}
	return stage, items[0]
}

func TestConflictSaysBothSides(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		_, c := inConflict(t, lang)
		sides := map[string]documents.Side{"Wang Wu 10:20 5.0 kB 4 3 /team/曲轴.step": c.Theirs, "Li Na 10:25 6.0 kB 1 3 /team/曲轴": c.Mine}
		for want, side := range sides {
			all := side.Heading
			for _, f := range side.Facts {
				all += " " + f.Value
				forbidden(t, f.Label+f.Value)
			}
			for part := range strings.SplitSeq(want, " ") {
				if !strings.Contains(all, part) {
					t.Errorf("%s: %q does not say %q", lang, all, part)
				}
			}
		}
		if len(c.Choices) != 3 {
			t.Fatalf("%d choices", len(c.Choices))
		}
		for _, choice := range c.Choices {
			forbidden(t, choice.Action.Label+choice.Explain)
			if choice.Explain == "" || choice.Action.Confirm != "" || choice.Action.Danger {
				t.Errorf("%+v", choice)
			}
		}
		if !strings.Contains(c.Text, "Wang Wu") || !strings.Contains(c.Text, "曲轴.step") {
			t.Errorf("%q", c.Text)
		}
		forbidden(t, c.Text+c.Theirs.Title+c.Mine.Title)
	}
}

func TestConflictChoices(t *testing.T) {
	for _, keep := range []string{"mine", "theirs", "both"} {
		stage, c := inConflict(t, api.English)
		for _, choice := range c.Choices {
			if choice.Action.Name == "keep_"+keep {
				choice.Action.Do()
			}
		}
		stage.Await("end c1 keep " + keep + " theirs 4 mine 1")
		stage.Set(func(s *api.State) { s.Conflicts = nil })
		if v := stage.Room.View().Conflicts; v.Empty == nil || len(v.Items) != 0 {
			t.Errorf("after %s: %+v", keep, v)
		}
	}
}

// TestConflictThatMovedOn shows the new facts with the reason, and hands in
// the next choice on them.
func TestConflictThatMovedOn(t *testing.T) {
	for _, code := range []api.Code{api.DocumentConflict, api.DocumentChanged} {
		stage, c := inConflict(t, api.English)
		stage.Cloud.Errors["end c1 keep mine theirs 4 mine 1"] = api.Fail(code, "path", c.Theirs.Path, "copy", c.Mine.Path)
		c.Choices[0].Action.Do()
		stage.Until("the news", func(v documents.View) bool { return v.Conflicts.Items[0].News != "" })
		moved := conflict()
		moved.Theirs, moved.TheirAuthor = 5, "Zhao Liu"
		stage.Set(func(s *api.State) { s.Conflicts = []api.Conflict{moved} })
		c = stage.Room.View().Conflicts.Items[0]
		if !strings.Contains(c.News, "nothing was done") || c.Error != "" || c.Theirs.Heading != "Zhao Liu" {
			t.Errorf("%+v", c)
		}
		c.Choices[0].Action.Do()
		stage.Await("end c1 keep mine theirs 5 mine 1")
	}
}

func TestConflictFailureStandsBesideIt(t *testing.T) {
	stage, c := inConflict(t, api.Chinese)
	stage.Cloud.Errors["end c1 keep both theirs 4 mine 1"] = api.Fail(api.Offline)
	c.Choices[2].Action.Do()
	v := stage.Until("the error", func(v documents.View) bool { return v.Conflicts.Items[0].Error != "" })
	if !strings.Contains(v.Conflicts.Items[0].Error, "无法连接云商店") || v.Conflicts.Items[0].Busy {
		t.Errorf("%+v", v.Conflicts.Items[0])
	}
}

func TestConflictSidesCanBeOpened(t *testing.T) {
	stage, c := inConflict(t, api.English)
	c.Theirs.Open.Do()
	stage.Await("version /team/曲轴.step v4")
	c.Mine.Open.Do()
	stage.Await("version /team/曲轴 (Li Na).step v1")
	stage.Await("show /home/me/iscdesk/team/曲轴 (Li Na).step v1")
}

func TestHistory(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := chosen(t, lang, api.Entry{Version: 2})
		stage.Cloud.Versions(shaft,
			api.Version{Number: 2, Author: "Li Na", Size: 2_000, Created: documentstest.Now().Unix(), Comment: "第二版"},
			api.Version{Number: 1, Author: "Wang Wu", Size: 1_000, Created: documentstest.Now().Unix() - 60})
		stage.Press("history", stage.Room.View().Detail.Actions...)
		h := stage.Until("two versions", func(v documents.View) bool { return v.History != nil && len(v.History.Rows) == 2 }).History
		newest, old := h.Rows[0], h.Rows[1]
		if newest.Newest == "" || newest.Restore.Label != "" || newest.Comment != "第二版" || old.Newest != "" {
			t.Errorf("%+v", h.Rows)
		}
		for _, text := range []string{h.Title, newest.Details, newest.Title, old.Restore.Confirm} {
			forbidden(t, text)
		}
		if lang == api.English && !strings.Contains(old.Restore.Confirm, "Nothing is lost") {
			t.Errorf("asks %q", old.Restore.Confirm)
		}
		stage.Press("open_version", old.Open)
		stage.Await("show /home/me/iscdesk" + shaft + " v1")
		stage.Press("restore", old.Restore)
		stage.Await("restore " + shaft + " 1")
		stage.Until("told", func(v documents.View) bool { return strings.Contains(v.History.Note, "9") })
	}
}

func TestHistoryThatCannotBeLoaded(t *testing.T) {
	stage := chosen(t, api.English, api.Entry{Version: 2})
	stage.Cloud.Fail("History "+shaft, api.Fail(api.Offline))
	stage.Press("history", stage.Room.View().Detail.Actions...)
	v := stage.Until("the error", func(v documents.View) bool { return v.History.Error != "" })
	stage.Cloud.Fail("History "+shaft, nil)
	stage.Press("reload_history", v.History.Retry)
	stage.Until("none", func(v documents.View) bool { return v.History.Empty != "" })
}
