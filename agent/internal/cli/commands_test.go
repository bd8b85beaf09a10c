package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
)

func TestUsageErrorsAreForPeople(t *testing.T) {
	for _, args := range [][]string{
		{"nonsense"},
		{"files", "nonsense"},
		{"stats"},
		{"status", "--nonsense"},
		{"status", "-x"},
		{"status", "extra"},
		{"files", "get"},
		{"files", "restore", "/a", "--version"},
		{"files", "restore", "/a", "--version", "x"},
		{"files", "restore", "/a"},
		{"completion", "tcsh"},
		{"apps", "answer", "p", "maybe"},
		{"pick", "--path", "/a", "--cancel"},
		{"files", "put", "a", "b", "c"},
		{"help", "nonsense"},
		{"status", "--=x"},
		{"solve"},
		{"files", "mkdir", "/team/\xb2\xbf"},
		{"pick", "--path", "/team/\xb2\xbf"},
		{"files", "put", ""},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			for _, lang := range []string{"en", "zh-CN"} {
				got := team().run(t, "", append(args, "--lang="+lang)...)
				if got.exit != ExitUsage || !strings.HasPrefix(got.err, "iscdesk: ") || got.out != "" {
					t.Errorf("exit %d, out %q, err %q", got.exit, got.out, got.err)
				}
				if lang == "zh-CN" && !hasHan(got.err) {
					t.Errorf("not Chinese: %s", got.err)
				}
				for _, raw := range []string{"flag needs", "unknown flag", "accepts", "invalid argument", "{"} {
					if strings.Contains(got.err, raw) {
						t.Errorf("a raw error: %s", got.err)
					}
				}
			}
		})
	}
}

func TestStatusShowsWhatWaitsAndWhy(t *testing.T) {
	retry := time.Now().Add(time.Hour)
	service := &fakeService{state: api.State{
		Account: api.Account{State: api.AccountSignedIn, Name: "李雷", UserName: "engineer", TenantName: "Acme"},
		Transfers: []api.Transfer{{
			Operation: "op1", Path: "/team/a.step", State: "failed", Sent: 512, Total: 2048, RetryAt: retry.Unix(), Reason: api.Fail(api.Offline),
		}},
		Picks:  []api.Pick{{ID: "p1", Kind: api.PickOpen, Product: "minicad"}},
		Health: []api.Warning{{Reason: api.Fail(api.DiskFull), Action: "df -h"}},
		Apps:   []api.App{{Name: "MiniCAD", Installed: "1.0", Latest: "2.0"}},
		Solves: []api.Solve{{Path: "/team/b.inp", State: "running", Percent: 40}, {Path: "/team/old.inp", State: "succeeded"}},
	}}
	got := service.run(t, "", "status")
	for _, want := range []string{
		"李雷", "does not answer", "/team/a.step", "failed", "512 B / 2.0 KiB", retry.Format("15:04:05"), "cannot be reached", "op1",
		"iscdesk pick", "The disk is full", "df -h", "MiniCAD 1.0 can be upgraded to 2.0", "/team/b.inp: running, 40 %",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is missing in\n%s", want, got.out)
		}
	}
	if strings.Contains(got.out, "old.inp") || got.exit != ExitOK {
		t.Errorf("exit %d\n%s", got.exit, got.out)
	}
	if zh := service.run(t, "", "status", "--lang=zh-CN"); !strings.Contains(zh.out, "无法连接云商店") || strings.Contains(zh.out, "failed") {
		t.Errorf("in Chinese:\n%s", zh.out)
	}
}

func TestSignedOutIsNotOffline(t *testing.T) {
	service := &fakeService{state: api.State{Account: api.Account{State: api.AccountSignedOut}}}
	if got := service.run(t, "", "status"); strings.Contains(got.out, "does not answer") {
		t.Errorf("the marketplace was not asked, and is said not to answer:\n%s", got.out)
	}
}

func TestARefusedTransferWaitsForTheUser(t *testing.T) {
	service := &fakeService{state: api.State{Transfers: []api.Transfer{
		{Operation: "op1", Path: "/other/a.step", State: "failed", Reason: api.Fail(api.NotFound, "what", "/other")},
	}}}
	if got := service.run(t, "", "transfers"); !strings.Contains(got.out, "when you retry") {
		t.Errorf("it is not told that nothing happens by itself:\n%s", got.out)
	}
}

func TestJSONIsTheTypesOfTheAPI(t *testing.T) {
	service := team()
	service.state.Account.State = api.AccountSignedIn
	var state api.State
	var listing api.Listing
	var transfers []api.Transfer
	for _, tt := range []struct {
		args []string
		into any
	}{
		{[]string{"status"}, &state},
		{[]string{"files", "ls", "/team"}, &listing},
		{[]string{"transfers"}, &transfers},
		{[]string{"licenses"}, &[]api.License{}},
		{[]string{"apps"}, &[]api.App{}},
		{[]string{"solve", "list"}, &[]api.Solve{}},
		{[]string{"files", "checkout", "/team/free.step"}, &api.Entry{}},
		{[]string{"files", "mkdir", "/team/new"}, &api.PathRef{}},
		{[]string{"version"}, &struct{ Version string }{}},
	} {
		got := service.run(t, "", append(tt.args, "--json")...)
		if err := json.Unmarshal([]byte(got.out), tt.into); err != nil || got.exit != ExitOK || strings.HasPrefix(got.out, "null") {
			t.Errorf("%v: exit %d, %v\n%s%s", tt.args, got.exit, err, got.out, got.err)
		}
	}
	if len(listing.Entries) != 4 || state.Account.State != api.AccountSignedIn || transfers == nil {
		t.Errorf("read %+v, %+v, %v", listing, state.Account, transfers)
	}
}

func TestAppsNeedsSomebodySignedIn(t *testing.T) {
	if got := (&fakeService{}).run(t, "", "apps"); got.exit != ExitSignedOut {
		t.Errorf("exit %d: %s%s", got.exit, got.out, got.err)
	}
}

func TestListOfADocumentIsThatDocument(t *testing.T) {
	got := team().run(t, "", "files", "ls", "/team/hers.step")
	if got.exit != ExitOK || !strings.Contains(got.out, "checked out by Wang") || strings.Contains(got.out, "free.step") {
		t.Errorf("exit %d\n%s%s", got.exit, got.out, got.err)
	}
	if got := team().run(t, "", "files", "ls", "/team/none.step"); got.exit != ExitNotFound {
		t.Errorf("exit %d", got.exit)
	}
}

func TestDoctorWithoutService(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "none.sock")
	service := &fakeService{stateErr: api.Fail(api.ServiceUnavailable)}
	got := service.run(t, "", "doctor", "--socket", socket)
	for _, want := range []string{socket, "[BAD ] service", "iscdeskd start", "disk", "clock", "[ ?  ] marketplace"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is missing in\n%s", want, got.out)
		}
	}
	if got.exit != ExitNoService || got.err != "" {
		t.Errorf("exit %d, err %q", got.exit, got.err)
	}
}

func TestDoctorTellsWhatTheServiceFound(t *testing.T) {
	service := &fakeService{checks: []api.Check{{Name: "marketplace", Reason: api.Fail(api.Offline)}, {Name: "clock", OK: true, Detail: "12 ms"}}}
	got := service.run(t, "", "doctor", "--json")
	var checks []api.Check
	if err := json.Unmarshal([]byte(got.out), &checks); err != nil {
		t.Fatal(err)
	}
	if got.exit != ExitFailed || len(checks) != 4 || checks[2].Reason.Code != api.Offline || !checks[3].OK {
		t.Errorf("exit %d, checks %+v", got.exit, checks)
	}
}

func TestSolveFollowsToTheEnd(t *testing.T) {
	for _, tt := range []struct {
		name string
		last api.Solve
		exit int
		says string
	}{
		{"done", api.Solve{ID: "s1", State: "succeeded", Result: "/me/solves/b.frd", ResultVersion: 1}, ExitOK, "/me/solves/b.frd"},
		{"failed", api.Solve{ID: "s1", State: "failed", Message: "no material"}, ExitFailed, "no material"},
		{"cancelled", api.Solve{ID: "s1", State: "cancelled"}, ExitCancelled, "cancelled"},
		{"refused", api.Solve{ID: "s1", State: "failed", Reason: api.Fail(api.PermissionDenied)}, ExitNotAllowed, "not allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := team()
			service.saved.Solve = "s1"
			service.messages = []api.WatchMessage{
				{State: &api.State{}},
				event(api.EventSolve, api.Solve{ID: "s2", State: "failed"}),
				event(api.EventSolve, api.Solve{ID: "s1", State: "running", Percent: 50}), event(api.EventSolve, tt.last),
			}
			got := service.run(t, "", "solve", "b.inp")
			if got.exit != tt.exit || !strings.Contains(got.out+got.err, tt.says) || !service.saves[0].Solve {
				t.Errorf("exit %d, want %d: %s%s", got.exit, tt.exit, got.out, got.err)
			}
		})
	}
}

func TestEvents(t *testing.T) {
	messages := []api.WatchMessage{
		{State: &api.State{}},
		event(api.EventDocumentSaved, api.Saved{Path: "/a"}), event(api.EventDocumentPublished, api.Published{Path: "/a"}),
		event(api.EventHeartbeat, nil),
	}
	for _, tt := range []struct {
		name  string
		args  []string
		lines int
		exit  int
	}{
		{"one", nil, 1, ExitOK},
		{"until", []string{"--until", api.EventDocumentPublished}, 2, ExitOK},
		{"follow to the end of the service", []string{"--follow"}, 3, ExitNoService},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := &fakeService{messages: messages}
			got := service.run(t, "", append([]string{"events", "--json"}, tt.args...)...)
			lines := strings.Count(got.out, "\n")
			if got.exit != tt.exit || lines != tt.lines {
				t.Errorf("exit %d, %d lines:\n%s", got.exit, lines, got.out)
			}
		})
	}
}

func TestCompletionOfCloudPaths(t *testing.T) {
	service := team()
	service.folders["/team"] = append(service.folders["/team"], api.Entry{Name: "evil\x1b]0;x\x07"})
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"the top", []string{"files", "ls", ""}, []string{"/team/"}},
		{"inside a folder", []string{"files", "get", "/team/f"}, []string{"/team/free.step"}},
		{"all of a folder", []string{"files", "history", "/team/"}, []string{"/team/free.step", "/team/mine.step", "/team/hers.step", "/team/parts/"}},
		{"folders only", []string{"files", "mkdir", "/team/"}, []string{"/team/parts/"}},
		{"the second argument of put", []string{"files", "put", "a.step", "/team/h"}, []string{"/team/hers.step"}},
		{"the value of a flag", []string{"pick", "--path", "/team/p"}, []string{"/team/parts/"}},
		{"nothing there", []string{"files", "ls", "/none/"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := service.run(t, "", append([]string{"__complete"}, tt.args...)...)
			var found []string
			for line := range strings.Lines(got.out) {
				if strings.HasPrefix(line, "/") {
					found = append(found, strings.TrimSpace(line))
				}
			}
			if strings.Join(found, " ") != strings.Join(tt.want, " ") {
				t.Errorf("completed %q, want %q\n%s", found, tt.want, got.out)
			}
		})
	}
}

func TestHelpSpeaksTheUsersLanguage(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"help"}, {"help", "files", "put"}, {"files"}, {"pick", "-h"}} {
		got := team().run(t, "", append(args, "--lang=zh-CN")...)
		if got.exit != ExitOK || !hasHan(got.out) || strings.Contains(got.out, "Usage:") || strings.Contains(got.out, "help for") {
			t.Errorf("%v: exit %d\n%s%s", args, got.exit, got.out, got.err)
		}
	}
	if got := team().run(t, "", "--help"); !strings.Contains(got.out, "Exit codes:") {
		t.Errorf("the exit codes are not documented:\n%s", got.out)
	}
}
