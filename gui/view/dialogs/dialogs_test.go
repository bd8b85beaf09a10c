package dialogs_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/dialogs"
	"iscdesk.dev/gui/view/viewtest"
)

func signedIn() api.Account {
	return api.Account{State: api.AccountSignedIn, Online: true, Marketplace: "https://market.example", UserName: "li.wei"}
}

func signedOut() api.Account {
	return api.Account{State: api.AccountSignedOut, Marketplace: "https://market.example"}
}

func minicad() api.Session {
	return api.Session{ID: "s1", Product: "minicad", Version: "1.2.0", PID: 4242}
}

func offered() api.App {
	return api.App{
		Product: "minicad", Name: "MiniCAD", Installed: "1.2.0", Latest: "2.0.0", Offered: "2.0.0", State: "offered", Notes: "Faster.\nFewer clicks.",
	}
}

func forced() api.App {
	return api.App{Product: "minicad", Name: "MiniCAD", Installed: "1.2.0", Latest: "2.0.0", Forced: true, State: "waiting_for_exit"}
}

func conflict() api.Conflict {
	return api.Conflict{ID: "c1", Path: "/team/gear.step", Theirs: 4, TheirAuthor: "王芳", Copy: "/team/gear (李伟).step"}
}

func pending(reason *api.Error) api.License {
	return api.License{Product: "minicad", ProductName: "MiniCAD", Requests: []api.LicenseRecord{
		{LicenseAnswer: api.LicenseAnswer{Request: "r1", State: api.LicensePendingState, Reason: reason}},
	}}
}

func trialOver(t *testing.T, stage *viewtest.Stage, request string) {
	t.Helper()
	data, err := json.Marshal(api.TrialOver{Product: "minicad", Request: request})
	if err != nil {
		t.Fatal(err)
	}
	stage.Desk.Tell(api.Event{Name: api.EventTrialExpired, Product: "minicad", Data: data})
}

func TestWording(t *testing.T) {
	trial := api.State{Account: signedIn(), Sessions: []api.Session{minicad()}, Apps: []api.App{{Product: "minicad", Name: "MiniCAD", TrialURL: "https://market.example/trial/minicad"}}}
	refused := trial
	refused.Licenses = []api.License{pending(api.Fail(api.LicenseNotEntitled, "product", "MiniCAD"))}
	refused.Licenses[0].Requests[0].State = api.LicenseRefused
	trialOut := trial
	trialOut.Account = signedOut()
	cases := map[string]struct {
		state api.State
		trial bool
	}{
		"none":             {state: api.State{Account: signedOut(), Sessions: []api.Session{minicad()}}},
		"upgrade":          {state: api.State{Account: signedIn(), Apps: []api.App{offered()}}},
		"forced":           {state: api.State{Account: signedIn(), Apps: []api.App{forced()}}},
		"conflicts":        {state: api.State{Account: signedIn(), Conflicts: []api.Conflict{conflict(), {ID: "c2", Path: "/a", Copy: "/b"}}}},
		"sign-in-license":  {state: api.State{Account: signedOut(), Sessions: []api.Session{minicad()}, Licenses: []api.License{pending(api.Fail(api.SignedOut))}}},
		"sign-in-document": {state: api.State{Account: signedOut(), Sessions: []api.Session{minicad()}, Picks: []api.Pick{{ID: "p", Session: "s1", Product: "minicad"}}}},
		"trial":            {trial, true},
		"trial-refused":    {refused, true},
		"trial-signed-out": {trialOut, true},
		"all": {api.State{
			Account: signedIn(), Sessions: []api.Session{minicad()}, Apps: []api.App{offered(), {Product: "cam", Latest: "3", Installed: "2", Forced: true, State: "waiting_for_exit"}},
			Conflicts: []api.Conflict{conflict()},
		}, true},
	}
	for name, c := range cases {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			stage := viewtest.New(t, lang)
			room := dialogs.New(stage.Env, stage.Hand())
			stage.Desk.Set(c.state)
			if c.trial {
				trialOver(t, stage, "r1")
			}
			viewtest.Golden(t, name+"."+string(lang), viewtest.Dump(struct{ Dialogs []dialogs.Dialog }{room.View()}))
		}
	}
}

func ids(room *dialogs.Room) (list []string) {
	for _, d := range room.View() {
		list = append(list, d.ID)
	}
	return list
}

func press(t *testing.T, room *dialogs.Room, name string) {
	t.Helper()
	for _, a := range room.View()[0].Actions {
		if a.Name == name {
			a.Do()
			return
		}
	}
	t.Fatalf("there is no button %q in %+v", name, room.View()[0])
}

func TestAnswer(t *testing.T) {
	for name, yes := range map[string]string{"upgrade_now": "true", "later": "false"} {
		stage := viewtest.New(t, api.English)
		room := dialogs.New(stage.Env, stage.Hand())
		stage.Desk.Set(api.State{Account: signedIn(), Apps: []api.App{offered()}})
		press(t, room, name)
		if open := ids(room); len(open) != 0 {
			t.Errorf("%s: the window stays: %q", name, open)
		}
		stage.Await("AnswerUpgrade minicad " + yes)
		stage.Desk.Set(api.State{Account: signedIn()}) // the service has it
		stage.Desk.Set(api.State{Account: signedIn(), Apps: []api.App{offered()}})
		if open := ids(room); len(open) != 1 {
			t.Errorf("%s: asked anew, there is %q", name, open)
		}
	}
}

func TestAnswerThatDoesNotArrive(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	stage.Desk.Set(api.State{Account: signedIn(), Apps: []api.App{offered()}})
	stage.Service.Fail("AnswerUpgrade", api.Fail(api.ServiceUnavailable))
	room.Raised(room.View()[0].ID)
	press(t, room, "upgrade_now")
	if !stage.Until(func() bool { return len(room.View()) == 1 }) {
		t.Fatal("the question did not come back")
	}
	if d := room.View()[0]; d.Error == "" || d.Raise {
		t.Errorf("the question came back as %+v", d)
	}
	stage.Service.Fail("AnswerUpgrade", api.Fail(api.NotFound)) // answered elsewhere meanwhile
	stage.Forget()
	press(t, room, "later")
	stage.Await("AnswerUpgrade minicad false")
	stage.Desk.Set(api.State{Account: signedIn()})
	if open := ids(room); len(open) != 0 {
		t.Errorf("answered elsewhere, there is %q", open)
	}
}

func TestAnsweredElsewhere(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	stage.Desk.Set(api.State{Account: signedIn(), Apps: []api.App{offered()}, Conflicts: []api.Conflict{conflict()}})
	if open := ids(room); !slices.Equal(open, []string{"upgrade/minicad/2.0.0", "conflict/c1"}) {
		t.Fatalf("open: %q", open)
	}
	stage.Desk.Set(api.State{Account: signedIn()})
	if open := ids(room); len(open) != 0 {
		t.Errorf("answered elsewhere: %q", open)
	}
}

func TestComesToTheFrontOnce(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	state := api.State{Account: signedIn(), Apps: []api.App{offered()}, Sessions: []api.Session{minicad()}}
	stage.Desk.Set(state)
	trialOver(t, stage, "r1")
	for _, d := range room.View() {
		if !d.Raise {
			t.Errorf("%s does not come to the front", d.ID)
		}
		room.Raised(d.ID)
	}
	stage.Desk.Lose()
	stage.Desk.Set(state)
	trialOver(t, stage, "r2") // it asks again
	if open := ids(room); len(open) != 2 {
		t.Errorf("there are %q", open)
	}
	for _, d := range room.View() {
		if d.Raise {
			t.Errorf("%s takes the focus again", d.ID)
		}
	}
}

func TestClosingIsNoAnswer(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	state := api.State{Account: signedIn(), Apps: []api.App{offered()}}
	stage.Desk.Set(state)
	room.View()[0].Close.Do()
	stage.Desk.Set(state)
	if open := ids(room); len(open) != 0 {
		t.Errorf("closed, there is %q", open)
	}
	for _, n := range stage.Notes() {
		if strings.HasPrefix(n, "AnswerUpgrade") {
			t.Error("closing answers")
		}
	}
}

func TestTrial(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	state := api.State{Account: signedIn(), Sessions: []api.Session{minicad()}, Apps: []api.App{{Product: "minicad", Name: "MiniCAD", TrialURL: "https://market.example/trial"}}}
	stage.Desk.Set(state)
	trialOver(t, stage, "r1")
	press(t, room, "apply")
	stage.Await("browse https://market.example/trial")
	press(t, room, "other_account")
	stage.Await("LoginBegin")
	if !stage.Until(func() bool { return len(room.View()[0].Login.Actions) > 1 }) {
		t.Error("the login is not seen in the window")
	}
	stage.SignIn.Cancel()
	room.View()[0].Close.Do()
	if open := ids(room); len(open) != 0 {
		t.Errorf("closed, there is %q", open)
	}
	trialOver(t, stage, "r1")
	if open := ids(room); len(open) != 1 {
		t.Errorf("asked again, there is %q", open)
	}
	granted := state
	granted.Licenses = []api.License{pending(nil)}
	granted.Licenses[0].Requests[0].State = api.LicenseGranted
	stage.Desk.Set(granted)
	if open := ids(room); len(open) != 0 {
		t.Errorf("with the licence here, there is %q", open)
	}
	stage.Desk.Set(state)
	trialOver(t, stage, "r3")
	gone := state
	gone.Sessions = nil
	stage.Desk.Set(gone)
	if open := ids(room); len(open) != 0 {
		t.Errorf("without the application, there is %q", open)
	}
	stage.Desk.Tell(api.Event{Name: api.EventTrialExpired, Data: json.RawMessage(`[`)})
	if open := ids(room); len(open) != 0 {
		t.Errorf("an event that cannot be read makes %q", open)
	}
}

func TestSignInGoesBySigningIn(t *testing.T) {
	stage := viewtest.New(t, api.Chinese)
	room := dialogs.New(stage.Env, stage.Hand())
	state := api.State{Account: signedOut(), Sessions: []api.Session{minicad()}, Licenses: []api.License{pending(api.Fail(api.SignedOut))}}
	stage.Desk.Set(state)
	press(t, room, "sign_in")
	stage.Await("LoginBegin")
	if d := room.View()[0]; d.Login.Text == "" || len(d.Actions) != 1 {
		t.Errorf("while signing in: %+v", d)
	}
	stage.SignIn.Cancel()
	state.Account = signedIn()
	stage.Desk.Set(state)
	if open := ids(room); len(open) != 0 {
		t.Errorf("signed in, there is %q", open)
	}
}

func TestTrialAsksForSigningInAlone(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	stage.Desk.Set(api.State{Account: signedOut(), Sessions: []api.Session{minicad()}, Licenses: []api.License{pending(api.Fail(api.SignedOut))}})
	trialOver(t, stage, "r1")
	if open := ids(room); !slices.Equal(open, []string{"trial/minicad"}) {
		t.Errorf("for one application that waits for one sign-in there is %q", open)
	}
	press(t, room, "sign_in")
	stage.Await("LoginBegin")
	stage.SignIn.Cancel()
}

func TestCompare(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := dialogs.New(stage.Env, stage.Hand())
	stage.Desk.Set(api.State{Account: signedIn(), Conflicts: []api.Conflict{conflict(), {ID: "c2"}}})
	press(t, room, "compare")
	stage.Await("go documents:conflicts:c1")
	if open := ids(room); len(open) != 0 {
		t.Errorf("the room shows them all, and there is %q", open)
	}
}
