package signin_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view/signin"
	"iscdesk.dev/gui/view/viewtest"
)

func press(t *testing.T, v signin.View, name string) {
	t.Helper()
	for _, a := range v.Actions {
		if a.Name == name {
			a.Do()
			return
		}
	}
	t.Fatalf("there is no button %q in %+v", name, v)
}

func await(t *testing.T, stage *viewtest.Stage, f *signin.Flow, what string, ready func(signin.View) bool) signin.View {
	t.Helper()
	if !stage.Until(func() bool { return ready(f.View()) }) {
		t.Fatalf("not %s: %+v", what, f.View())
	}
	return f.View()
}

func idle(v signin.View) bool { return v.Stage == signin.Idle }

func TestBrowser(t *testing.T) {
	stage := viewtest.New(t, api.English)
	if v := stage.SignIn.View(); v.Stage != signin.Idle || v.Text != "" || len(v.Actions) != 0 {
		t.Errorf("before: %+v", v)
	}
	stage.SignIn.Begin()
	stage.Await("browse https://market.example/login")
	v := await(t, stage, stage.SignIn, "in the browser", func(v signin.View) bool { return len(v.Actions) == 2 })
	if v.Stage != signin.Browser || v.Text == "" || v.Address != "" {
		t.Errorf("in the browser: %+v", v)
	}
	stage.Forget()
	stage.SignIn.Begin() // again: the same page, no second login
	stage.Await("browse https://market.example/login")
	if notes := stage.Notes(); len(notes) != 1 {
		t.Errorf("a second sign-in while one is under way: %q", notes)
	}
	press(t, v, "cancel")
	if v := await(t, stage, stage.SignIn, "idle", idle); v.Error != "" {
		t.Errorf("after giving up: %+v", v)
	}
}

// TestBrowserComesBack takes the way of a browser: its answer ends the login.
func TestBrowserComesBack(t *testing.T) {
	stage := viewtest.New(t, api.Chinese)
	landing := make(chan string, 1)
	service := redirected{stage.Service, landing}
	env := stage.Env
	env.Desk = desk.New(desk.Config{Service: service})
	shown := make(chan struct{})
	flow := signin.New(env, func(context.Context, string) error { close(shown); return nil })
	flow.Begin()
	redirect := <-landing
	<-shown
	answer, err := http.Get(redirect + "?state=state&code=c") //nolint:noctx // a browser
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	stage.Await("LoginComplete")
	if v := await(t, stage, flow, "idle", idle); v.Error != "" {
		t.Errorf("after signing in: %+v", v)
	}
}

// redirected tells where the browser has to come back to.
type redirected struct {
	desk.Service
	landing chan string
}

func (r redirected) LoginBegin(ctx context.Context, in api.LoginBegin) (api.LoginBegun, error) {
	defer func() { r.landing <- in.RedirectURI }()
	return r.Service.LoginBegin(ctx, in)
}

func TestNoBrowser(t *testing.T) {
	stage := viewtest.New(t, api.English)
	flow := signin.New(stage.Env, func(context.Context, string) error { return errors.New("none") })
	flow.Begin()
	v := await(t, stage, flow, "showing the address", func(v signin.View) bool { return v.Address != "" })
	press(t, v, "copy")
	stage.Await("copy https://market.example/login")
	press(t, v, "cancel")
	await(t, stage, flow, "idle", idle)
}

func TestCode(t *testing.T) {
	stage := viewtest.New(t, api.English)
	release := stage.Service.Hold()
	stage.SignIn.BeginCode()
	if v := stage.SignIn.View(); v.Stage != signin.Code || v.Code != "" || v.Text == "" {
		t.Errorf("while the code is fetched: %+v", v)
	}
	release()
	stage.Await("DeviceAwait device")
	await(t, stage, stage.SignIn, "idle", idle)

	stage.Forget()
	stage.Service.Fail("DeviceAwait", api.Fail(api.LoginFailed, "reason", "x"))
	stage.SignIn.BeginCode()
	v := await(t, stage, stage.SignIn, "idle", idle)
	if v.Error != "Signing in did not succeed: x." {
		t.Errorf("after a failure: %+v", v)
	}
}

func TestCodeIsShown(t *testing.T) {
	stage := viewtest.New(t, api.English)
	waiting := make(chan struct{})
	defer close(waiting)
	env := stage.Env
	env.Desk = desk.New(desk.Config{Service: slow{stage.Service, waiting}})
	flow := signin.New(env, nil)
	flow.BeginCode()
	v := await(t, stage, flow, "showing the code", func(v signin.View) bool { return v.Code != "" })
	if v.Code != "WDJB-MJHT" || v.Address != "https://market.example/device" || !strings.Contains(v.Until, "3026-03-02 10:30") {
		t.Errorf("the code: %+v", v)
	}
	press(t, v, "copy")
	stage.Await("copy WDJB-MJHT")
	press(t, v, "cancel")
	if v := flow.View(); v.Stage != signin.Idle {
		t.Errorf("after giving up: %+v", v)
	}
}

// TestSignedInElsewhere gives up the login that is under way when the service
// tells that the user has signed in by another way.
func TestSignedInElsewhere(t *testing.T) {
	stage := viewtest.New(t, api.English)
	stage.SignIn.Begin()
	stage.Await("browse https://market.example/login")
	stage.Desk.Set(api.State{Account: api.Account{State: api.AccountSignedIn}})
	if v := await(t, stage, stage.SignIn, "idle", idle); v.Error != "" {
		t.Errorf("after signing in by another way: %+v", v)
	}
	stage.SignIn.Begin() // to become somebody else
	if v := stage.SignIn.View(); v.Stage != signin.Browser {
		t.Errorf("signing in again: %+v", v)
	}
	stage.SignIn.Cancel()
}

// slow signs nobody in.
type slow struct {
	desk.Service
	waiting chan struct{}
}

func (s slow) DeviceAwait(ctx context.Context, _ string) (api.Account, error) {
	select {
	case <-s.waiting:
	case <-ctx.Done():
	}
	return api.Account{}, api.Fail(api.Cancelled)
}

func TestSignOut(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := viewtest.New(t, lang)
		release := stage.Service.Hold()
		stage.SignIn.SignOut()
		stage.Await("Logout")
		if v := stage.SignIn.View(); v.Stage != signin.Leaving || v.Text == "" || strings.HasPrefix(v.Text, "signin.") {
			t.Errorf("while signing out: %+v", v)
		}
		release()
		await(t, stage, stage.SignIn, "idle", idle)
	}
}
