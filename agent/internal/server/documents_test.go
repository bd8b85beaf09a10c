package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestShapesOfTheDocumentRoutes(t *testing.T) {
	r := newRig(t)
	for _, row := range []struct {
		name, pattern, body string
		status              int
		code                api.Code
	}{
		{"search for nothing", "GET /v1/files/search?path=%2F", "", 400, api.InvalidArgument},
		{"search for much", "GET /v1/files/search?q=" + strings.Repeat("x", 300), "", 400, api.InvalidArgument},
		{"search for a line break", "GET /v1/files/search?q=a%0Ab", "", 400, api.InvalidArgument},
		{"search for what is not UTF-8", "GET /v1/files/search?q=%FF", "", 400, api.InvalidArgument},
		{"search below a relative path", "GET /v1/files/search?q=a&path=b", "", 400, api.InvalidArgument},
		{"search", "GET /v1/files/search?q=%E6%9B%B2%25_", "", 200, ""},
		{"recent", api.RouteRecent, "", 200, ""},
		{"trash of nothing", api.RouteTrash, `{}`, 400, api.InvalidArgument},
		{"trash", api.RouteTrash, `{"path":"/a/b"}`, 200, ""},
		{"trashed", "GET /v1/files/trash?path=%2Fa", "", 200, ""},
		{"untrash of nothing", api.RouteUntrash, `{"path":"/a/b"}`, 400, api.InvalidArgument},
		{"untrash to a relative path", api.RouteUntrash, `{"id":"d1","path":"a"}`, 400, api.InvalidArgument},
		{"untrash", api.RouteUntrash, `{"id":"d1"}`, 200, ""},
		{"pause with a word", api.RouteUploadsPause, `{"paused":"yes"}`, 400, api.InvalidArgument},
		{"pause", api.RouteUploadsPause, `{"paused":true}`, 200, ""},
		{"conflicts", api.RouteConflicts, "", 200, ""},
		{"no choice", api.RouteConflictEnd, `{"theirs":2}`, 400, api.InvalidArgument},
		{"another choice", api.RouteConflictEnd, `{"keep":"all","theirs":2}`, 400, api.InvalidArgument},
		{"a negative version", api.RouteConflictEnd, `{"keep":"mine","theirs":-1}`, 400, api.InvalidArgument},
		{"a choice", api.RouteConflictEnd, `{"keep":"mine","theirs":2}`, 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, body := r.call(alice, row.pattern, row.body)
			if status != row.status || code(body) != row.code && row.code != "" || strings.Contains(body, "null") {
				t.Fatalf("%d %.200s", status, body)
			}
		})
	}
	if log := r.Engines(alice).Log(); !slices.Contains(log, "conflict some-id mine") || !slices.Contains(log, "search 曲%_ /") {
		t.Errorf("the engines were asked: %q", log)
	}
}

func TestAWatchHearsOfThePause(t *testing.T) {
	r := newRig(t)
	ws, first := r.watch(alice, nil)
	if first.Uploads.Paused || len(first.Conflicts) != 1 || len(first.Recent) != 1 {
		t.Fatalf("first: %+v", first)
	}
	if status, body := r.call(alice, api.RouteUploadsPause, `{"paused":true}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	m := r.read(ws)
	if m.Changed == nil || !m.Changed.Uploads.Paused || !slices.Contains(m.Sections, api.SectionTransfers) {
		t.Errorf("got %+v", m)
	}
	for _, section := range []string{api.SectionConflicts, api.SectionRecent} {
		r.Engines(alice).Events.Changed(section)
		if m = r.read(ws); m.Changed == nil || !slices.Equal(m.Sections, []string{section}) || len(m.Changed.Conflicts)+len(m.Changed.Recent) != 1 {
			t.Errorf("%s: %+v", section, m)
		}
	}
	var state api.State
	if _, body := r.call(bob, api.RouteState, ""); json.Unmarshal([]byte(body), &state) != nil || state.Uploads.Paused {
		t.Error("bob's uploads are paused too")
	}
}
