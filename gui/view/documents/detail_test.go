package documents_test

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/documents/documentstest"
)

const shaft = "/team/曲轴.step"

// chosen is a room in which a document is chosen.
func chosen(t *testing.T, lang api.Language, e api.Entry) *documentstest.Stage {
	t.Helper()
	stage := documentstest.New(t, lang)
	if e.Path == "" {
		e.Path = shaft
	}
	stage.Cloud.Put(e)
	stage.Choose(e.Path)
	return stage
}

func find(actions []view.Action, name string) view.Action {
	if i := slices.IndexFunc(actions, func(a view.Action) bool { return a.Name == name }); i >= 0 {
		return actions[i]
	}
	return view.Action{}
}

// TestDetailStates walks what a document can be: what is said of it in both
// languages, and whether it can be checked out or in.
func TestDetailStates(t *testing.T) {
	for _, tt := range []struct {
		name   string
		entry  api.Entry
		state  func(*api.State)
		en, zh string
		tone   view.Tone
		move   string // checkout or checkin
		why    string // why not
		lead   string
	}{
		{name: "published", entry: api.Entry{Version: 3}, en: "Published.", zh: "已发布。", tone: view.Good, move: "checkout"},
		{name: "mine", entry: api.Entry{Version: 3, Mine: true, CheckedOutBy: "Li Na"}, en: "Published.", zh: "已发布。", tone: view.Good, move: "checkin"},
		{name: "theirs", entry: api.Entry{Version: 3, CheckedOutBy: "Wang Wu"}, en: "Checked out by Wang Wu.", zh: "已被 Wang Wu 检出。", tone: view.Attention, move: "checkout", why: "Wang Wu"},
		{name: "new, not published", entry: api.Entry{Pending: true}, en: "not published yet", zh: "尚未发布", tone: view.Busy, move: "checkout", why: "not published yet", lead: "to_pending"},
		{
			name: "a new version on its way", entry: api.Entry{Version: 3, Pending: true, Mine: true},
			state: func(s *api.State) { s.Transfers = []api.Transfer{{Path: shaft, State: "waiting"}} },
			en:    "It is sent next", zh: "随后发送", tone: view.Busy, move: "checkin", lead: "to_pending",
		},
		{
			name: "refused", entry: api.Entry{Version: 3},
			state: func(s *api.State) {
				s.Transfers = []api.Transfer{{Path: shaft, State: "failed", Reason: api.Fail(api.PermissionDenied)}}
			},
			en: "does not take it like this", zh: "不接受", tone: view.Trouble, move: "checkout", lead: "to_pending",
		},
		{
			name: "in conflict", entry: api.Entry{Version: 3},
			state: func(s *api.State) {
				s.Conflicts = []api.Conflict{{ID: "c1", Path: shaft, Copy: "/team/曲轴 (2).step"}}
			},
			en: "Both versions are kept", zh: "两个版本均已保留", tone: view.Attention, move: "checkout", lead: "conflict",
		},
		{
			name: "offline", entry: api.Entry{Version: 3},
			state: func(s *api.State) { s.Account.Online = false },
			en:    "Published.", zh: "已发布。", tone: view.Good, move: "checkout", why: "cannot be reached now",
		},
	} {
		for lang, says := range map[api.Language]string{api.English: tt.en, api.Chinese: tt.zh} {
			t.Run(tt.name+" "+string(lang), func(t *testing.T) {
				stage := chosen(t, lang, tt.entry)
				if tt.state != nil {
					stage.Set(tt.state)
				}
				d := stage.Room.View().Detail
				if !strings.Contains(d.State, says) || d.Tone != tt.tone || d.Lead.Name != tt.lead {
					t.Errorf("%q, tone %d, leads %q", d.State, d.Tone, d.Lead.Name)
				}
				move := find(d.Actions, tt.move)
				if move.Label == "" || (move.Do == nil) != (tt.why != "") || lang == api.English && !strings.Contains(move.Why, tt.why) {
					t.Errorf("%s: %+v", tt.move, move)
				}
				forbidden(t, d.State+d.Kind+d.Lead.Label)
				for _, f := range d.Facts {
					forbidden(t, f.Label+f.Value)
				}
				for _, a := range d.Actions {
					forbidden(t, a.Label+a.Why)
				}
			})
		}
	}
}

func TestDetailOfNothingAndOfAFolder(t *testing.T) {
	stage := documentstest.New(t, api.English)
	if d := stage.Room.View().Detail; !strings.Contains(d.Empty, "Choose a document") {
		t.Errorf("%+v", d)
	}
	stage.Cloud.Put(api.Entry{Path: "/team/gear", Folder: true})
	stage.Room.Browser().Reveal("/team/gear")
	stage.Press("copy_path", stage.Room.Menu(api.Entry{Path: "/team/gear", Folder: true})...)
	if d := stage.Room.View().Detail; d.Title != "" {
		t.Errorf("a folder: %+v", d)
	}
	stage.Await("copy /team/gear")
}

// TestOpenNeverPutsChangesAsideUnasked walks what may lie where a document is
// opened to.
func TestOpenNeverPutsChangesAsideUnasked(t *testing.T) {
	local := "/home/me/iscdesk" + shaft
	opened := api.OpenedDocument{Path: shaft, Version: 3}
	old := api.OpenedDocument{Path: shaft, Version: 2}
	other := api.OpenedDocument{Path: "/else/x.step", Version: 9}
	for _, tt := range []struct {
		name   string
		found  workspace.Found
		answer string // to the question; empty: none is asked
		does   []string
		note   string
	}{
		{name: "nothing", does: []string{"open " + shaft, "show " + local}},
		{name: "the same version", found: workspace.Found{There: true, Opened: opened}, does: []string{"show " + local}},
		{name: "an older version", found: workspace.Found{There: true, Opened: old}, does: []string{"open " + shaft, "show " + local}},
		{name: "something else", found: workspace.Found{There: true, Opened: other, Changed: true}, does: []string{"open " + shaft, "show " + local}},
		{name: "changes: mine", found: workspace.Found{There: true, Opened: opened, Changed: true}, answer: "open_mine", does: []string{"show " + local}},
		{name: "changes: save", found: workspace.Found{There: true, Opened: opened, Changed: true}, answer: "save_mine", does: []string{"save " + local}, note: "is saved on this machine and is published next"},
		{name: "changes: newest", found: workspace.Found{There: true, Opened: opened, Changed: true}, answer: "get_newest", does: []string{"open " + shaft, "show " + local}, note: "kept as /aside.step"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stage := chosen(t, api.English, api.Entry{Version: 3})
			tt.found.LocalPath = local
			stage.Disk.Found[shaft] = tt.found
			if tt.answer == "get_newest" {
				stage.Disk.Aside = "/aside.step"
			}
			stage.Press("open", stage.Room.View().Detail.Actions...)
			if tt.answer != "" {
				v := stage.Until("the question", func(v documents.View) bool { return v.Detail.Question != nil })
				forbidden(t, v.Detail.Question.Text)
				if slices.Contains(stage.Notes(), "open "+shaft) {
					t.Fatal("it was fetched unasked")
				}
				stage.Press(tt.answer, v.Detail.Question.Actions...)
			}
			for _, what := range tt.does {
				stage.Await(what)
			}
			v := stage.Until("the end", func(v documents.View) bool {
				return v.Detail.Busy == "" && (tt.note == "" || v.Detail.Note != nil)
			})
			if tt.note != "" && !strings.Contains(v.Detail.Note.Text, tt.note) {
				t.Errorf("note %q", v.Detail.Note.Text)
			}
			if want := slices.Contains(tt.does, "open "+shaft); want != slices.Contains(stage.Notes(), "open "+shaft) {
				t.Errorf("fetched: %v; %q", !want, stage.Notes())
			}
		})
	}
}

func TestOpenFailureStandsBesideTheDocument(t *testing.T) {
	stage := chosen(t, api.Chinese, api.Entry{Version: 3})
	stage.Disk.Fail("open "+shaft, api.Fail(api.DiskFull))
	stage.Press("open", stage.Room.View().Detail.Actions...)
	v := stage.Until("the error", func(v documents.View) bool { return v.Detail.Note != nil })
	if v.Detail.Note.Tone != view.Trouble || !strings.Contains(v.Detail.Note.Text, "磁盘已满") {
		t.Errorf("%+v", v.Detail.Note)
	}
	stage.Press("close_note", v.Detail.Note.Actions...)
	stage.Until("closed", func(v documents.View) bool { return v.Detail.Note == nil })
}

func TestSaveACopy(t *testing.T) {
	stage := chosen(t, api.English, api.Entry{Version: 3})
	stage.Folder = "/home/me/desk"
	stage.Press("save_copy", stage.Room.View().Detail.Actions...)
	stage.Await("copy " + shaft + " to /home/me/desk")
	v := stage.Until("told", func(v documents.View) bool { return v.Detail.Note != nil })
	if !strings.Contains(v.Detail.Note.Text, "/home/me/desk/曲轴.step") {
		t.Errorf("%q", v.Detail.Note.Text)
	}
	stage.Press("show", v.Detail.Note.Actions...)
	stage.Await("show " + filepath.FromSlash("/home/me/desk"))
}

// TestCheckIn walks what has to be said before a document is given back.
func TestCheckIn(t *testing.T) {
	mine := api.Entry{Version: 3, Mine: true, CheckedOutBy: "Li Na"}
	changed := workspace.Found{LocalPath: "/home/me/iscdesk" + shaft, There: true, Changed: true, Opened: api.OpenedDocument{Path: shaft, Version: 3}}
	waits := func(s *api.State) { s.Transfers = []api.Transfer{{Operation: "op", Path: shaft, State: "waiting"}} }
	paused := func(s *api.State) { waits(s); s.Uploads.Paused = true }
	for _, tt := range []struct {
		name   string
		found  workspace.Found
		state  func(*api.State)
		fails  error
		asks   string
		answer string
		does   []string
		never  string
		note   string
	}{
		{name: "clean", does: []string{"check in " + shaft}, note: "is checked in"},
		{name: "saves on their way", state: waits, does: []string{"check in " + shaft}, note: "is checked in"},
		{name: "saves that do not get away", state: waits, fails: api.Fail(api.SavesWaiting, "path", shaft), does: []string{"check in " + shaft}, note: "stays checked out"},
		{name: "paused", state: paused, asks: "uploads are paused", answer: "resume_and_checkin", does: []string{"pause false", "check in " + shaft}, note: "is checked in"},
		{name: "paused, and left so", state: paused, asks: "uploads are paused", answer: "cancel", never: "check in " + shaft},
		{name: "paused, as only the service knows", fails: api.Fail(api.UploadsPaused), asks: "uploads are paused", answer: "cancel"},
		{name: "unsaved: save", found: changed, asks: "never saved", answer: "save_and_checkin", does: []string{"save " + changed.LocalPath, "check in " + shaft}, note: "is checked in"},
		{name: "unsaved: leave", found: changed, asks: "never saved", answer: "only_checkin", does: []string{"check in " + shaft}, never: "save " + changed.LocalPath, note: "is checked in"},
		{name: "refused", fails: api.Fail(api.DocumentNotCheckedOut, "path", shaft), does: []string{"check in " + shaft}, note: "is not checked out by you"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stage := chosen(t, api.English, mine)
			stage.Disk.Found[shaft] = tt.found
			if tt.state != nil {
				stage.Set(tt.state)
			}
			if tt.fails != nil {
				stage.Cloud.Errors["check in "+shaft] = tt.fails
			}
			stage.Press("checkin", stage.Room.View().Detail.Actions...)
			if tt.asks != "" {
				v := stage.Until("the question", func(v documents.View) bool { return v.Detail.Question != nil })
				if !strings.Contains(v.Detail.Question.Text, tt.asks) {
					t.Errorf("asks %q", v.Detail.Question.Text)
				}
				stage.Press(tt.answer, v.Detail.Question.Actions...)
			}
			for _, what := range tt.does {
				stage.Await(what)
			}
			if tt.note != "" {
				v := stage.Until("told", func(v documents.View) bool { return v.Detail.Note != nil })
				if !strings.Contains(v.Detail.Note.Text, tt.note) {
					t.Errorf("note %q, want %q", v.Detail.Note.Text, tt.note)
				}
				forbidden(t, v.Detail.Note.Text)
			}
			if tt.never != "" && slices.Contains(stage.Notes(), tt.never) {
				t.Errorf("did %q", tt.never)
			}
		})
	}
}

func TestCheckOut(t *testing.T) {
	stage := chosen(t, api.English, api.Entry{Version: 3})
	stage.Press("checkout", stage.Room.View().Detail.Actions...)
	stage.Await("check out " + shaft)
	stage.Until("checked out by the user", func(v documents.View) bool {
		return find(v.Detail.Actions, "checkin").Do != nil && v.Detail.Note != nil
	})
}

func TestEscapeClosesOneThingAtATime(t *testing.T) {
	stage := chosen(t, api.English, api.Entry{Version: 3})
	stage.Press("history", stage.Room.View().Detail.Actions...)
	if stage.Room.View().History == nil || !stage.Room.Back() || stage.Room.View().History != nil || stage.Room.Back() {
		t.Error("Escape did not close the history alone")
	}
}

func TestPlaces(t *testing.T) {
	stage := documentstest.New(t, api.English)
	stage.Cloud.Put(api.Entry{Path: shaft, Version: 1})
	stage.Room.Show(view.Place{Part: documents.PartPending, Item: "op-7"})
	if v := stage.Room.View(); v.Part != documents.PartPending || v.Focus != "op-7" {
		t.Errorf("%q %q", v.Part, v.Focus)
	}
	stage.Room.Show(view.Place{Item: shaft})
	stage.Until("the document", func(v documents.View) bool {
		return v.Part == documents.PartBrowse && v.Detail.Title == path.Base(shaft)
	})
}
