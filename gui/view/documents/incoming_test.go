package documents_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/documents/documentstest"
)

// inFolder is a room that shows a folder with two documents.
func inFolder(t *testing.T, lang api.Language) *documentstest.Stage {
	t.Helper()
	stage := documentstest.New(t, lang)
	stage.Cloud.Put(api.Entry{Path: "/team/free.step", Version: 2, Author: "Wang Wu", Modified: documentstest.Now().Unix()})
	stage.Cloud.Put(api.Entry{Path: "/team/hers.step", Version: 5, CheckedOutBy: "Zhao Liu"})
	stage.Room.Browser().Go("/team")
	return stage
}

func published(stage *documentstest.Stage, p api.Published) {
	data, _ := json.Marshal(p) // a struct of strings
	stage.Tell(api.Event{Name: api.EventDocumentPublished, Data: data})
}

func settled(v documents.View) bool {
	return v.Incoming != nil && v.Incoming.Close.Name == "close_incoming"
}

func TestDropSavesAndFollowsUntilPublished(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := inFolder(t, lang)
		stage.Room.Drop([]string{"/home/me/a.step"})
		stage.Await("save /team/a.step")
		v := stage.Until("saved", settled)
		item := v.Incoming.Items[0]
		if item.Tone != view.Busy || !strings.Contains(item.State, map[api.Language]string{api.English: "Saved on this machine", api.Chinese: "已保存在本机"}[lang]) {
			t.Errorf("%+v", item)
		}
		forbidden(t, v.Incoming.Title+v.Incoming.Summary+item.State)
	}
}

func TestDropHearsHowItEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  api.Published
		says string
		tone view.Tone
	}{
		{"published", api.Published{Path: "/team/a.step", Version: 1}, "Published as version 1", view.Good},
		{"a conflict", api.Published{Path: "/team/a (2).step", Version: 1, ConflictOf: "/team/a.step"}, "a (2).step", view.Attention},
		{"withdrawn", api.Published{Path: "/team/a.step", Reason: api.Fail(api.Cancelled)}, "Not added", view.Quiet},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stage := inFolder(t, api.English)
			stage.Room.Drop([]string{"/home/me/a.step"})
			stage.Until("saved", settled)
			tt.end.Operation = stage.Room.Operations()[0]
			published(stage, tt.end)
			item := stage.Room.View().Incoming.Items[0]
			if !strings.Contains(item.State, tt.says) || item.Tone != tt.tone {
				t.Errorf("%q, tone %d", item.State, item.Tone)
			}
		})
	}
}

// TestDropSaysWhyItIsNotPublished uses the reason of the save among what is
// not published yet.
func TestDropSaysWhyItIsNotPublished(t *testing.T) {
	stage := inFolder(t, api.English)
	stage.Room.Drop([]string{"/home/me/a.step"})
	stage.Until("saved", settled)
	stage.Set(func(s *api.State) {
		s.Transfers = []api.Transfer{{Operation: stage.Room.Operations()[0], Path: "/team/a.step", State: "failed", Reason: api.Fail(api.PermissionDenied)}}
	})
	item := stage.Room.View().Incoming.Items[0]
	if !strings.Contains(item.State, "not allowed") || item.Tone != view.Trouble {
		t.Errorf("%+v", item)
	}
	stage.Press("to_pending", item.Actions...)
	if stage.Room.View().Part != documents.PartPending {
		t.Error("it does not lead to what is not published yet")
	}
}

func TestDropAsksWhereTheNameIsTaken(t *testing.T) {
	for _, tt := range []struct {
		name, file, answer string
		offers             []string
		says, does         string
	}{
		{"as a version", "free.step", "as_version", []string{"as_version", "other_name", "skip"}, "version 2, Wang Wu", "save /team/free.step on 2"},
		{"case does not count", "FREE.step", "as_version", []string{"as_version", "other_name", "skip"}, "version 2, Wang Wu", "save /team/free.step on 2"},
		{"another name", "free.step", "other_name", []string{"as_version", "other_name", "skip"}, "is there already", "save /team/free (2).step"},
		{"not at all", "free.step", "skip", []string{"as_version", "other_name", "skip"}, "is there already", ""},
		{"checked out by somebody", "hers.step", "other_name", []string{"other_name", "skip"}, "checked out by Zhao Liu", "save /team/hers (2).step"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stage := inFolder(t, api.English)
			stage.Room.Drop([]string{"/home/me/" + tt.file})
			v := stage.Until("asked", func(v documents.View) bool {
				return v.Incoming != nil && len(v.Incoming.Items) == 1 && len(v.Incoming.Items[0].Actions) > 1
			})
			item := v.Incoming.Items[0]
			var offers []string
			for _, a := range item.Actions {
				offers = append(offers, a.Name)
				forbidden(t, a.Label)
			}
			if !slices.Equal(offers, tt.offers) || !strings.Contains(item.State, tt.says) {
				t.Errorf("%q offers %q", item.State, offers)
			}
			stage.Press(tt.answer, item.Actions...)
			if tt.does != "" {
				stage.Await(tt.does)
			}
			stage.Until("settled", settled)
			if tt.does == "" && slices.ContainsFunc(stage.Notes(), func(n string) bool { return strings.HasPrefix(n, "save") }) {
				t.Errorf("it was saved: %q", stage.Notes())
			}
		})
	}
}

func TestDropAnswersAllAtOnce(t *testing.T) {
	for answer, does := range map[string][]string{
		"all_versions":    {"save /team/free.step on 2", "save /team/more.step on 1"},
		"all_other_names": {"save /team/free (2).step", "save /team/more (2).step"},
		"all_skip":        nil,
	} {
		stage := inFolder(t, api.English)
		stage.Cloud.Put(api.Entry{Path: "/team/more.step", Version: 1})
		stage.Room.Drop([]string{"/home/me/free.step", "/home/me/more.step"})
		v := stage.Until("asked", func(v documents.View) bool { return v.Incoming != nil && len(v.Incoming.All) == 3 })
		stage.Press(answer, v.Incoming.All...)
		for _, what := range does {
			stage.Await(what)
		}
		stage.Until("settled", settled)
	}
}

func TestDropOfFolders(t *testing.T) {
	stage := inFolder(t, api.English)
	stage.Disk.Items["/home/me/gear"] = []content.Item{{Local: "/home/me/gear", Name: "gear", Kind: api.Assembly}}
	stage.Disk.Items["/home/me/parts"] = []content.Item{
		{Local: "/home/me/parts/x.step", Name: "x.step", Folder: "parts", Kind: api.Single},
		{Local: "/home/me/parts/sub/y.step", Name: "y.step", Folder: "parts/sub", Kind: api.Single},
	}
	stage.Disk.Items["/home/me/broken"] = []content.Item{{
		Local: "/home/me/broken", Name: "broken", Kind: api.Assembly, Loose: true,
		Err: api.Fail(api.AssemblyDependencyMissing, "file", "bolt.step", "by", "broken.step"),
	}}
	stage.Room.Drop([]string{"/home/me/gear", "/home/me/parts", "/home/me/broken"})
	for _, what := range []string{"save /team/gear as assembly", "save /team/parts/x.step", "save /team/parts/sub/y.step"} {
		stage.Await(what)
	}
	v := stage.Until("settled", settled)
	if !slices.Contains(stage.Cloud.Calls(), "CreateFolder /team/parts/sub") {
		t.Errorf("the folder was not made: %q", stage.Cloud.Calls())
	}
	bad := v.Incoming.Items[3]
	if !strings.Contains(bad.State, "bolt.step") || bad.Tone != view.Trouble {
		t.Errorf("%+v", bad)
	}
	stage.Press("loose", bad.Actions...)
	stage.Await("save /team/broken/a.step")
	stage.Await("save /team/broken/b.step")
}

func TestDropFailureCanBeTriedAgain(t *testing.T) {
	stage := inFolder(t, api.English)
	stage.Disk.Fail("save /team/a.step", api.Fail(api.FileChanged, "path", "/home/me/a.step"))
	stage.Room.Drop([]string{"/home/me/a.step"})
	v := stage.Until("failed", func(v documents.View) bool {
		return settled(v) && len(v.Incoming.Items) == 1 && v.Incoming.Items[0].Tone == view.Trouble
	})
	stage.Disk.Fail("save /team/a.step", nil)
	stage.Press("again", v.Incoming.Items[0].Actions...)
	stage.Until("saved", func(v documents.View) bool {
		return settled(v) && len(v.Incoming.Items) == 1 && v.Incoming.Items[0].Tone == view.Busy
	})
}

func TestDropNeedsAFolder(t *testing.T) {
	stage := documentstest.New(t, api.Chinese)
	stage.Room.Drop([]string{"/home/me/a.step"})
	v := stage.Until("told", func(v documents.View) bool { return v.Detail.Note != nil })
	if !strings.Contains(v.Detail.Note.Text, "请先打开一个空间") || len(v.Bar) != 0 {
		t.Errorf("%q, %+v", v.Detail.Note.Text, v.Bar)
	}
}

func TestAddFilesByButton(t *testing.T) {
	stage := inFolder(t, api.English)
	stage.Files, stage.Folder = []string{"/home/me/a.step"}, "/home/me/gear"
	stage.Press("add_files", stage.Room.View().Bar...)
	stage.Await("save /team/a.step")
	stage.Press("add_folder", stage.Room.View().Bar...)
	stage.Await("save /team/gear")
}

// TestDropPublishedWhileTheServiceWasAway finds in the history what no event
// told.
func TestDropPublishedWhileTheServiceWasAway(t *testing.T) {
	stage := inFolder(t, api.English)
	stage.Room.Drop([]string{"/home/me/a.step"})
	stage.Until("saved", settled)
	stage.Cloud.Versions("/team/a.step", api.Version{Number: 1, Operation: stage.Room.Operations()[0]})
	stage.Set(func(*api.State) {})
	stage.Until("published", func(v documents.View) bool { return v.Incoming.Items[0].Tone == view.Good })
}
