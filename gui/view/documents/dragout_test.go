package documents_test

import (
	"context"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/documents/documentstest"
)

// dragging is a desktop on which a drag ends as end says, inside the window or
// outside.
func dragging(end view.DragEnd, inside bool, names chan<- string) func(*view.Env) {
	return func(e *view.Env) {
		e.DragOut = func(ctx context.Context, name string, fetch func(context.Context, string) error) (view.DragEnd, error) {
			names <- name
			if inside {
				return end, nil
			}
			return end, fetch(ctx, "/drag")
		}
	}
}

// TestDragsAreWorded ends drags in every way: what is fetched, under which
// name, and what the room says.
func TestDragsAreWorded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		entry  api.Entry
		end    view.DragEnd
		inside bool
		none   bool
		fails  error
		called string // what the file or folder is called
		noted  string // what happened in the end
		en, zh string
		lead   string
	}{
		{name: "dropped", end: view.DragDone, called: "曲轴.step", noted: "copy " + shaft + " to /drag"},
		{name: "an assembly", entry: api.Entry{Path: "/team/支架.zip", Kind: api.Assembly}, end: view.DragDone, called: "支架", noted: "copy /team/支架.zip to /drag"},
		{name: "a name that systems refuse", entry: api.Entry{Path: "/team/a?b."}, end: view.DragDone, called: "a%3Fb%2E", noted: "copy /team/a?b. to /drag"},
		{name: "let go within the window", inside: true, called: "曲轴.step"},
		{name: "failed", end: view.DragNothing, called: "曲轴.step", fails: api.Fail(api.Offline), noted: "tell offline"},
		{name: "late", end: view.DragLate, called: "曲轴.step", en: "within a minute", zh: "一分钟内", lead: "save_copy"},
		{name: "silent", end: view.DragSilent, called: "曲轴.step", en: "did not answer", zh: "没有响应", lead: "save_copy"},
		{name: "another desktop", none: true, en: "lets nobody drag out", zh: "不支持", lead: "save_copy"},
		{name: "a folder", entry: api.Entry{Path: "/team/parts", Folder: true}, en: "folders cannot", zh: "文件夹不行"},
	} {
		for lang, want := range map[api.Language]string{api.English: tt.en, api.Chinese: tt.zh} {
			t.Run(tt.name+" "+string(lang), func(t *testing.T) {
				e := tt.entry
				if e.Path == "" {
					e.Path = shaft
				}
				e.Name = e.Path[strings.LastIndex(e.Path, "/")+1:]
				names := make(chan string, 1)
				change := dragging(tt.end, tt.inside, names)
				if tt.none {
					change = func(*view.Env) {}
				}
				stage := documentstest.New(t, lang, change)
				stage.Cloud.Put(e)
				if tt.fails != nil {
					stage.Disk.Errors["copy "+e.Path+" to /drag"] = tt.fails
				}
				stage.Room.Browser().Reveal(e.Path)
				stage.Until("the row chosen", func(documents.View) bool { now, ok := stage.Room.Browser().Selected(); return ok && now.Path == e.Path })
				stage.Room.DragOut(e)
				if tt.called != "" {
					if name := <-names; name != tt.called {
						t.Errorf("dragged as %q", name)
					}
				}
				if tt.noted != "" {
					stage.Await(tt.noted)
				}
				v := stage.Until("an end", func(v documents.View) bool { return v.Detail.Busy == "" && (want == "" || v.Detail.Note != nil) })
				if want != "" && !strings.Contains(v.Detail.Note.Text, want) {
					t.Errorf("it says %q", v.Detail.Note.Text)
				}
				if tt.lead != "" && find(v.Detail.Note.Actions, tt.lead).Do == nil {
					t.Errorf("no %s among %v", tt.lead, v.Detail.Note.Actions)
				}
			})
		}
	}
}
