package view_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/dialogs"
	"iscdesk.dev/gui/view/home"
	"iscdesk.dev/gui/view/licenses"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/messages"
	"iscdesk.dev/gui/view/signin"
	"iscdesk.dev/gui/view/viewtest"
)

func TestMain(m *testing.M) { os.Exit(agenttest.Main(m)) }

// tray is the tray app of one person without a window, on the real service.
type tray struct {
	*agenttest.Test
	t      *testing.T
	person *agenttest.Agent

	home     *home.Room
	licenses *licenses.Room
	messages *messages.Room
	dialogs  *dialogs.Room
	signIn   *signin.Flow

	bell viewtest.Bell
}

// open starts the app. Its browser is one that signs the person in.
func open(t *testing.T, world *agenttest.Test, name string) *tray {
	t.Helper()
	x := &tray{Test: world, t: t, person: world.Person(name)}
	service := client.New(x.person.Socket)
	d := desk.New(desk.Config{Service: service})
	words, err := i18n.New(api.English, time.UTC)
	x.Check(err)
	stage := viewtest.New(t, api.English) // for what the desktop would do
	env := view.Env{
		Desk: d, Words: func() *i18n.Words { return words }, Now: time.Now, Refresh: x.bell.Ring, Local: stage.Env.Local,
		Go: stage.Env.Go, Tell: func(err error) { t.Errorf("told: %v", err) },
	}
	var browsing sync.WaitGroup
	t.Cleanup(browsing.Wait)
	x.signIn = signin.New(env, func(_ context.Context, page string) error {
		browsing.Go(func() { // as a browser does, it goes on by itself
			if err := x.person.Browse(x.Context(), page); err != nil {
				t.Error(err)
			}
		})
		return nil
	})
	hand := mend.Hand{Env: env, SignIn: x.signIn}
	x.home, x.licenses, x.messages, x.dialogs = home.New(env, hand), licenses.New(env, hand), messages.New(env), dialogs.New(env, hand)
	t.Cleanup(service.Close)
	viewtest.Serve(t, d, &x.bell)
	return x
}

// sees waits until what is seen is so.
func (x *tray) sees(what string, ready func() bool) {
	x.t.Helper()
	if !x.bell.Until(x.Context(), ready) {
		x.t.Fatalf("%s was not seen:\n%s\n%s\n%s", what, viewtest.Dump(x.home.View()), viewtest.Dump(x.licenses.View()),
			viewtest.Dump(struct{ D []dialogs.Dialog }{x.dialogs.View()}))
	}
}

// minicad is what is seen of its licence.
func (x *tray) minicad() licenses.License {
	for _, l := range x.licenses.View().Licenses {
		if l.Product == "minicad" {
			return l
		}
	}
	return licenses.License{}
}

// market runs a command of the marketplace's operator.
func (x *tray) market(args ...string) {
	x.t.Helper()
	out, err := exec.CommandContext(x.Context(), x.Bin.Market, append(args, "--state", x.MarketState())...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("iscmarket %q: %v\n%s", args, err, out)
	}
}

// run connects minicad to the service, as the SDK would.
func (x *tray) run() *session.Client {
	x.t.Helper()
	app, _, err := session.Dial(x.Context(), x.person.Socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: uuid.NewString(), Product: "minicad", Version: "1.0.0", Library: "test",
	})
	x.Check(err)
	return app
}

func (x *tray) press(actions []view.Action, name string) {
	x.t.Helper()
	i := slices.IndexFunc(actions, func(a view.Action) bool { return a.Name == name && a.Do != nil })
	if i < 0 {
		x.t.Fatalf("there is no button %q in %+v", name, actions)
	}
	actions[i].Do()
}

func attention(v home.View, prefix string) bool {
	return slices.ContainsFunc(v.Attention, func(r view.Row) bool { return strings.HasPrefix(r.ID, prefix) && len(r.Actions) == 1 })
}

// TestDay is a day of an engineer, as the rooms show it: he signs in, his
// application asks for its licence and takes a seat, the licence is frozen,
// works again and is released, and a question is answered although the service
// is just being restarted.
func TestDay(t *testing.T) {
	x := open(t, agenttest.Start(t, agenttest.Engineer), agenttest.Engineer)
	x.sees("the first visit", func() bool { v := x.home.View(); return v.First != nil && v.First.Action != nil })
	x.home.View().First.Action.Do()
	x.sees("who is signed in", func() bool { v := x.home.View(); return v.First == nil && v.Account.Row.Status == "Signed in" })
	x.sees("the licence", func() bool { return x.minicad().Head.Status == "Active" })
	if l := x.minicad(); !strings.HasPrefix(l.Head.Title, "Until ") {
		t.Errorf("until when: %q", l.Head.Title)
	}

	app := x.run()
	x.Check(app.Call(x.Context(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil))
	x.sees("the licence granted", func() bool { r := x.minicad().Requests; return len(r) == 1 && r[0].Status == "Granted" })
	x.Check(app.Call(x.Context(), api.CallLicenseVerdict, api.LicenseVerdict{Accepted: true}, nil))
	x.sees("the verdict", func() bool { return x.minicad().Requests[0].Status == "Accepted by the application" })
	x.Check(app.Call(x.Context(), api.CallLeaseAcquire, api.LeaseRequest{Nonce: uuid.NewString()}, nil))
	x.holdsSeat()

	x.market("license", "freeze", "minicad")
	x.sees("the licence frozen", func() bool { return x.minicad().Head.Status == "Frozen" && len(x.minicad().Head.Actions) == 1 })
	x.sees("that on the first page", func() bool { return attention(x.home.View(), "warning/license_frozen") })
	x.sees("the lost seat", func() bool {
		u := x.minicad().Uses
		return len(u) == 1 && u[0].Status == "Lost" && u[0].Tone == view.Trouble
	})
	x.market("license", "unfreeze", "minicad")
	x.sees("the licence again", func() bool {
		return x.minicad().Head.Status == "Active" && !attention(x.home.View(), "warning/license_frozen")
	})
	x.Check(app.Call(x.Context(), api.CallLeaseAcquire, api.LeaseRequest{Nonce: uuid.NewString()}, nil))
	x.holdsSeat()

	x.answersOverARestart(app)

	x.market("license", "release", "minicad")
	x.sees("the licence released", func() bool { return x.minicad().Head.Status == "Released" })
	for _, kind := range []api.MessageKind{api.MessageLicenseFrozen, api.MessageLicenseUnfrozen, api.MessageLicenseReleased} {
		x.sees("the message "+string(kind), func() bool {
			return slices.ContainsFunc(x.messages.View().Rows, func(r view.Row) bool {
				return r.Fresh && r.Title == api.Message{Kind: kind, Params: map[string]string{"product": "MiniCAD"}}.Text(api.English)
			})
		})
	}
	x.messages.Seen(x.messages.View().Rows)
	x.sees("that they are read", func() bool { x.messages.Leave(); return x.messages.View().ReadAll.Do == nil })
}

// holdsSeat sees the seat with the process that holds it: this one.
func (x *tray) holdsSeat() {
	x.t.Helper()
	process := "process " + strconv.Itoa(os.Getpid())
	x.sees("the seat", func() bool {
		u := x.minicad().Uses
		return len(u) == 1 && u[0].Status == "In use" && u[0].Title == "MiniCAD 1.0.0, "+process
	})
	if rows := x.home.View().Licenses; len(rows) != 1 || !strings.HasSuffix(rows[0].Detail, process) {
		x.t.Errorf("the first page shows %+v", rows)
	}
	i := slices.IndexFunc(x.minicad().Fields, func(f view.Field) bool { return f.Label == "Bound to" })
	if i < 0 || !strings.HasPrefix(x.minicad().Fields[i].Value, "This machine (") {
		x.t.Errorf("bound to: %+v", x.minicad().Fields)
	}
}

// answersOverARestart answers the question about an upgrade while the service
// is down; the answer arrives once it is back.
func (x *tray) answersOverARestart(app *session.Client) {
	x.t.Helper()
	x.Check(app.Call(x.Context(), api.CallAppCheck, nil, nil))
	question := func() bool { return len(x.dialogs.View()) == 1 && x.dialogs.View()[0].Kind == dialogs.Upgrade }
	x.sees("the question", question)
	if d := x.dialogs.View()[0]; !strings.Contains(d.Title, "1.1.0") || !strings.Contains(d.Notes, "beams") {
		x.t.Errorf("the question: %+v", d)
	}
	x.sees("it on the first page", func() bool { return attention(x.home.View(), "app/minicad") })
	if err := x.person.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		x.t.Fatal(err)
	}
	x.sees("that the service is away", func() bool { return x.home.View().Notice != "" })
	x.press(x.dialogs.View()[0].Actions, "later")
	if len(x.dialogs.View()) != 0 {
		x.t.Error("the question stays after its answer")
	}
	_ = app.Close()
	x.Check(x.person.Restart(x.Context()))
	x.sees("the service again, and nothing to answer", func() bool {
		v := x.home.View()
		return v.Notice == "" && !attention(v, "app/minicad") && len(x.dialogs.View()) == 0
	})
}
