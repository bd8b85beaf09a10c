package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func team() *fakeService {
	return &fakeService{
		saved: api.Saved{Operation: "op", Path: "/team/a.step", Size: 3},
		folders: map[string][]api.Entry{
			"/": {{Name: "team", Folder: true}},
			"/team": {
				{Name: "free.step", Version: 2},
				{Name: "mine.step", Version: 2, CheckedOutBy: "Li", Mine: true},
				{Name: "hers.step", Version: 2, CheckedOutBy: "Wang"},
				{Name: "parts", Folder: true},
			},
			"/team/parts": {},
		},
	}
}

func TestPutGoesWhereItSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.step")
	for _, tt := range []struct {
		name  string
		args  []string
		cloud string
		base  int
		exit  int
	}{
		{"no path: the service decides", nil, "", 0, ExitOK},
		{"a new document", []string{"/team/new.step"}, "/team/new.step", 0, ExitOK},
		{"a path without the first slash", []string{"team/new.step"}, "/team/new.step", 0, ExitOK},
		{"a folder with a slash", []string{"/team/"}, "/team/a.step", 0, ExitOK},
		{"a folder", []string{"/team/parts"}, "/team/parts/a.step", 0, ExitOK},
		{"a document that is free", []string{"/team/free.step"}, "/team/free.step", 2, ExitOK},
		{"a document checked out by the user", []string{"/team/mine.step"}, "/team/mine.step", 2, ExitOK},
		{"a document checked out by somebody else", []string{"/team/hers.step"}, "-", 0, ExitConflict},
		{"the expected base", []string{"/team/free.step", "--base", "2"}, "/team/free.step", 2, ExitOK},
		{"another base: the marketplace compares", []string{"/team/free.step", "--base", "1"}, "/team/free.step", 1, ExitOK},
		{"a base that is none", []string{"/team/free.step", "--base", "-1"}, "-", 2, ExitUsage},
		{"an unknown folder: the service tells", []string{"/none/x.step"}, "/none/x.step", 0, ExitOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := team()
			got := service.run(t, "", append([]string{"files", "put", file}, tt.args...)...)
			if got.exit != tt.exit {
				t.Fatalf("exit %d, want %d: %s", got.exit, tt.exit, got.err)
			}
			switch {
			case tt.cloud == "-" && len(service.saves) > 0:
				t.Errorf("saved to %q", service.saves[0].Cloud)
			case tt.cloud != "-" && (len(service.saves) != 1 || service.saves[0].Cloud != tt.cloud || service.saves[0].Local != file || service.saves[0].Base != tt.base):
				t.Errorf("saves %+v, want one to %q", service.saves, tt.cloud)
			}
		})
	}
}

func TestPutBuildsOnTheVersionThatWasGot(t *testing.T) {
	service := team()
	service.opened = map[string]api.OpenedDocument{
		"free.step": {Path: "/team/free.step", Version: 1}, "mine.step": {Path: "/elsewhere/mine.step", Version: 7},
	}
	service.run(t, "", "files", "put", "free.step", "/team/free.step")
	service.run(t, "", "files", "put", "mine.step", "/team/mine.step")
	if len(service.saves) != 2 || service.saves[0].Base != 1 || service.saves[1].Base != 2 {
		t.Errorf("saves %+v, want bases 1 (as got) and 2 (the newest)", service.saves)
	}
}

func TestPutWhileOfflineIsStillSafe(t *testing.T) {
	service := team()
	service.listErr = api.Fail(api.Offline)
	if got := service.run(t, "", "files", "put", "a.step", "/team/a.step"); got.exit != ExitOK || len(service.saves) != 1 {
		t.Errorf("exit %d, saves %v: %s", got.exit, service.saves, got.err)
	}
}

func TestPutWaitTellsHowItEnded(t *testing.T) {
	other := api.Published{Operation: "other", Path: "/x", Version: 9}
	for _, tt := range []struct {
		name      string
		published api.Published
		exit      int
		says      string
	}{
		{"published", api.Published{Operation: "op", Path: "/team/a.step", Version: 4}, ExitOK, "version 4"},
		{"conflict", api.Published{Operation: "op", Path: "/team/a (2).step", Version: 1, ConflictOf: "/team/a.step"}, ExitConflict, "/team/a (2).step"},
		{"refused", api.Published{Operation: "op", Path: "/team/a.step", Reason: api.Fail(api.PermissionDenied)}, ExitNotAllowed, "not allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := team()
			service.messages = []api.WatchMessage{
				{State: &api.State{}},
				event(api.EventDocumentPublished, other), event(api.EventUploadProgress, api.UploadProgress{Operation: "op"}),
				event(api.EventDocumentPublished, tt.published),
			}
			got := service.run(t, "", "files", "put", "a.step", "--wait")
			if got.exit != tt.exit || !strings.Contains(got.out+got.err, tt.says) {
				t.Errorf("exit %d, want %d; printed %s%s", got.exit, tt.exit, got.out, got.err)
			}
		})
	}
}

func TestPutWaitDoesNotWaitForAnEventThatPassed(t *testing.T) {
	for _, tt := range []struct {
		name      string
		operation string // of the repeated save; empty: a new one
		transfers []api.Transfer
		history   []api.Version
		messages  []api.WatchMessage
		exit      int
	}{
		{"published before", "op", nil, []api.Version{{Number: 3, Operation: "op"}}, nil, ExitOK},
		{"refused before", "op", []api.Transfer{{Operation: "op", State: "failed", Reason: api.Fail(api.PermissionDenied)}}, nil, nil, ExitNotAllowed},
		{"ended otherwise before", "op", nil, []api.Version{{Number: 3, Operation: "other"}}, nil, ExitNotFound},
		{
			"published while the watch was interrupted", "", nil, nil,
			[]api.WatchMessage{{State: &api.State{}}, {State: &api.State{}}},
			ExitNotFound,
		},
		{
			"still on its way", "op",
			[]api.Transfer{{Operation: "op", State: "waiting"}},
			nil,
			[]api.WatchMessage{{State: &api.State{}}, event(api.EventDocumentPublished, api.Published{Operation: "op", Version: 1})},
			ExitOK,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := team()
			service.state.Transfers, service.messages = tt.transfers, tt.messages
			service.history = map[string][]api.Version{"/team/a.step": tt.history}
			got := service.run(t, "", "files", "put", "a.step", "--wait", "--operation", tt.operation)
			if got.exit != tt.exit {
				t.Errorf("exit %d, want %d: %s%s", got.exit, tt.exit, got.out, got.err)
			}
		})
	}
}

func TestGetDoesNotOverwrite(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("free.step", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	service := team()
	if got := service.run(t, "", "files", "get", "/team/free.step"); got.exit != ExitConflict || len(service.fetches) != 0 {
		t.Errorf("exit %d, fetches %v", got.exit, service.fetches)
	}
	if got := service.run(t, "", "files", "get", "/team/free.step", "--force"); got.exit != ExitOK || len(service.fetches) != 1 {
		t.Errorf("exit %d, fetches %+v", got.exit, service.fetches)
	}
}

func TestGetWritesWhereItSays(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Mkdir("sub", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, local, cloud string
		kind               api.DocumentKind
		want               string // below the working folder; empty: refused
	}{
		{"its own name", "", "/team/a.step", api.Single, "a.step"},
		{"another name", "b.step", "/team/a.step", api.Single, "b.step"},
		{"into a folder", "sub", "/team/a.step", api.Single, "sub/a.step"},
		{"an assembly loses its .zip", "", "/team/gear.zip", api.Assembly, "gear"},
		{"so does a zip of one file", "", "/team/gear.ZIP", api.Single, "gear"},
		{"unless it is asked for as a zip", "x.zip", "/team/gear.zip", api.Single, "x.zip"},
		{"a name that Windows reserves", "", "/team/con.step", api.Single, "%63on.step"},
		{"an assembly into a folder", "sub", "/team/gear.zip", api.Assembly, "sub/gear"},
		{"an assembly onto its own folder", "sub", "/team/sub.zip", api.Assembly, "sub"},
		{"a name that leads out", "", "/team/..", api.Single, ".%2E"},
		{"no name at all", "", "/team/.zip", api.Single, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := localTarget(tt.local, tt.cloud, tt.kind)
			want := ""
			if tt.want != "" {
				want = filepath.Join(dir, tt.want)
			}
			if got != want || (err == nil) != (want != "") {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}
