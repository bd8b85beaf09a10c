package messages_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/messages"
	"iscdesk.dev/gui/view/viewtest"
)

// everyKind has a message of each kind, every other one read.
func everyKind() (list []api.Message) {
	for i, row := range api.MessageTable() {
		m := api.Message{
			ID: string(row.Kind), Kind: row.Kind, Level: row.Level, Time: viewtest.Now().UnixMilli() - int64(i)*60_000, Read: i%2 == 1,
			Path: "/team/gear.step", Product: "minicad", Solve: "s-1",
			Params: map[string]string{
				"path": "/team/gear.step", "version": "3", "copy": "/team/gear (李伟).step", "product": "MiniCAD", "result": "/team/gear result",
				"user": "li.wei", "count": "2",
			},
		}
		if row.Level == api.MessageProblem {
			m.Reason = api.Fail(api.Offline)
		}
		list = append(list, m)
	}
	return append(list, api.Message{ID: "newer", Kind: "newer", Level: api.MessageWarning, Time: viewtest.Now().UnixMilli(), Read: true})
}

func TestEveryKindHasALook(t *testing.T) {
	for _, row := range api.MessageTable() {
		if !slices.ContainsFunc(messages.Looks(), func(l messages.Look) bool { return l.Kind == row.Kind && l.Icon != "" && l.Room != "" }) {
			t.Errorf("%s has no look, or leads nowhere", row.Kind)
		}
	}
}

func TestWording(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := viewtest.New(t, lang)
		room := messages.New(stage.Env)
		viewtest.Golden(t, "none."+string(lang), viewtest.Dump(room.View()))
		stage.Desk.Set(api.State{Messages: everyKind()})
		viewtest.Golden(t, "every-kind."+string(lang), viewtest.Dump(room.View()))
		for _, row := range room.View().Rows {
			if strings.ContainsAny(row.Title+row.Detail, "{}") {
				t.Errorf("%s in %s has a hole: %q %q", row.ID, lang, row.Title, row.Detail)
			}
		}
	}
}

func TestFilters(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := messages.New(stage.Env)
	stage.Desk.Set(api.State{Messages: everyKind()})
	ids := func() (ids []string) {
		for _, row := range room.View().Rows {
			ids = append(ids, row.ID)
		}
		return ids
	}
	room.SetFilter(messages.Unread)
	if got := ids(); len(got) == 0 || slices.Contains(got, "not_published") || !slices.Contains(got, "published") {
		t.Errorf("unread: %q", got)
	}
	room.SetFilter(messages.Problems)
	if got := ids(); len(got) == 0 || slices.Contains(got, "published") || !slices.Contains(got, "not_published") {
		t.Errorf("problems: %q", got)
	}
	room.SetFilter(messages.Unread)
	stage.Desk.Set(api.State{Messages: []api.Message{{ID: "a", Kind: api.MessagePublished, Read: true}}})
	if v := room.View(); v.Empty == nil || v.Empty.Title != "Everything is read" || v.ReadAll.Do != nil {
		t.Errorf("nothing unread: %+v", v)
	}
}

func TestShowingReads(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := messages.New(stage.Env)
	unread := []api.Message{{ID: "a", Kind: api.MessagePublished}, {ID: "b", Kind: api.MessagePublished, Read: true}}
	stage.Desk.Set(api.State{Messages: unread})
	if notes := stage.Notes(); len(notes) != 0 {
		t.Fatalf("a room that is not drawn reads: %q", notes)
	}
	room.SetFilter(messages.Problems)
	room.Seen(room.View().Rows)
	if notes := stage.Notes(); len(notes) != 0 {
		t.Fatalf("a message that the filter hides is read: %q", notes)
	}
	room.SetFilter(messages.All)
	stage.Service.Fail("ReadMessages", api.Fail(api.ServiceUnavailable))
	room.Seen(room.View().Rows)
	stage.Await("ReadMessages a")
	stage.Service.Fail("ReadMessages", nil)
	again := time.NewTicker(10 * time.Millisecond) // drawn again and again, once the failure has come back
	defer again.Stop()
	over := time.NewTimer(10 * time.Second)
	defer over.Stop()
	for len(stage.Notes()) == 1 {
		select {
		case <-again.C:
			room.Seen(room.View().Rows)
		case <-over.C:
			t.Fatal("reading was not tried again")
		}
	}
	if slices.ContainsFunc(stage.Notes(), func(n string) bool { return strings.HasPrefix(n, "tell") }) {
		t.Errorf("a quiet failure is told: %q", stage.Notes())
	}
	read := slices.Clone(unread)
	read[0].Read = true
	stage.Desk.Set(api.State{Messages: read})
	if !room.View().Rows[0].Fresh || room.View().Rows[1].Fresh {
		t.Error("the mark goes while the user looks at it")
	}
	room.Leave()
	if room.View().Rows[0].Fresh {
		t.Error("the mark stays after the user has left")
	}
}

func TestActions(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := messages.New(stage.Env)
	stage.Desk.Set(api.State{Messages: everyKind()})
	want := map[string]string{
		"published": "go documents::/team/gear.step", "not_published": "go documents:pending:", "conflict": "go documents:conflicts:",
		"license_frozen": "go licenses::minicad", "installed": "go applications::minicad", "solve_failed": "go solves::s-1", "signed_out": "go home::",
	}
	for _, row := range room.View().Rows {
		stage.Forget()
		if row.ID == "newer" {
			if len(row.Actions) != 0 {
				t.Errorf("a newer kind leads somewhere: %+v", row.Actions)
			}
			continue
		}
		row.Actions[0].Do()
		if expected, named := want[row.ID]; named && !slices.Contains(stage.Notes(), expected) {
			t.Errorf("%s leads to %q, want %q", row.ID, stage.Notes(), expected)
		}
	}
	stage.Forget()
	room.View().Rows[1].Menu[0].Do()
	if notes := stage.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "could not be published") || !strings.Contains(notes[0], "cannot be reached") {
		t.Errorf("copied: %q", notes)
	}
	room.View().ReadAll.Do()
	stage.Await("ReadMessages")
}
