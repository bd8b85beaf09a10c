// Package pickertest holds the test of the picker with a real application, a
// real service and a real marketplace. It stands apart so that the tests of
// the picker itself need none of them.
package pickertest_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/picker"
	"iscdesk.dev/gui/view/pictures"
	"iscdesk.dev/gui/view/viewtest"
	"iscdesk.dev/sdkbridge"
)

func TestMain(m *testing.M) { os.Exit(agenttest.Main(m)) }

// engineer is somebody with a tray app and an application.
type engineer struct {
	*agenttest.Agent
	t    *testing.T
	ctx  context.Context //nolint:containedctx // the test's, for all that it waits for
	room *picker.Room
	cad  *sdkbridge.Session

	events chan string
	bell   viewtest.Bell
}

func meet(t *testing.T, world *agenttest.Test, name string) *engineer {
	t.Helper()
	world.SignIn(name)
	words, err := i18n.New(api.English, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	e := &engineer{Agent: world.Person(name), t: t, ctx: world.Context(), events: make(chan string, 64)}
	service := client.New(e.Socket)
	d := desk.New(desk.Config{Service: service})
	env := view.Env{
		Desk: d, Words: func() *i18n.Words { return words }, Now: time.Now, Refresh: e.bell.Ring, Go: func(view.Place) {},
		Tell: func(err error) { t.Errorf("told: %v", err) },
	}
	e.room = picker.New(picker.Config{Env: env, Pictures: pictures.New(env)})
	t.Cleanup(func() {
		e.room.Close()
		service.Close()
	})
	viewtest.Serve(t, d, &e.bell)
	e.run()
	return e
}

// run starts the application.
func (e *engineer) run() {
	e.t.Helper()
	cad, err := sdkbridge.Start(sdkbridge.Options{
		Product: "minicad", Version: "2.1", Socket: e.Socket, Workspace: filepath.Join(e.Work(), "workspace"),
		Callback: func(_ sdkbridge.EventType, message string) { e.events <- message },
	})
	if err != nil {
		e.t.Fatal(err)
	}
	e.cad = cad
	e.t.Cleanup(func() { _ = cad.Close(true) })
}

// until waits until the picker shows what is waited for.
func (e *engineer) until(what string, ready func(picker.View) bool) (v picker.View) {
	e.t.Helper()
	if !e.bell.Until(e.ctx, func() bool { v = e.room.View(); return ready(v) }) {
		e.t.Fatalf("never seen: %s\n%+v", what, v)
	}
	return v
}

func (e *engineer) press(name string) {
	e.t.Helper()
	v := e.until(name+" can be pressed", func(v picker.View) bool {
		for _, a := range v.Buttons {
			if a.Name == name && a.Do != nil {
				return true
			}
		}
		return false
	})
	for _, a := range v.Buttons {
		if a.Name == name {
			a.Do()
		}
	}
}

// hears waits for an event of the application and gives its parameters.
func (e *engineer) hears(operate string) map[string]any {
	e.t.Helper()
	for {
		select {
		case message := <-e.events:
			var event struct {
				Operate string         `json:"operate"`
				Params  map[string]any `json:"params"`
			}
			if err := json.Unmarshal([]byte(message), &event); err != nil {
				e.t.Fatalf("%s: %v", message, err)
			}
			if event.Operate == operate {
				return event.Params
			}
		case <-e.ctx.Done():
			e.t.Fatalf("the application never heard %s", operate)
		}
	}
}

func (e *engineer) asked() picker.View {
	e.t.Helper()
	return e.until("the question", func(v picker.View) bool {
		return v.Browser != nil && !v.Browser.View().Loading && v.Browser.View().Empty == nil
	})
}

func (e *engineer) gone() {
	e.t.Helper()
	e.until("the window goes", func(v picker.View) bool { return v.Browser == nil && !e.room.Wanted() })
}

// select walks from all spaces to a document of his own space.
func (e *engineer) selects(path string) {
	e.t.Helper()
	v := e.asked()
	v.Browser.Reveal(path)
	e.until(path, func(v picker.View) bool {
		x := v.Browser.View()
		return x.Rows.Row(x.Selected).ID == path && v.About != nil && len(v.About.Versions) > 0
	})
}

// shape is the STEP file of a small box's edge, enough to have a picture.
func shape(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../../../marketplace/internal/seed/models/bracket/bracket.step")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestAnApplicationAsks(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	e := meet(t, world, agenttest.Engineer)
	world.Check(e.WriteFile("plate.step", shape(t)))
	world.Run(agenttest.Engineer, "files", "put", filepath.Join(e.Work(), "plate.step"), "/engineer/parts/plate.step", "--wait")

	// It opens and checks out what the user picks.
	world.Check(e.cad.OpenCloudFile(""))
	v := e.asked()
	if !strings.Contains(v.Asks, "asks for a document to open") || !strings.HasPrefix(v.Who, "Version 2.1, process ") {
		t.Errorf("%q %q", v.Asks, v.Who)
	}
	e.selects("/engineer/parts/plate.step")
	e.until("its picture", func(v picker.View) bool { return v.About != nil && v.About.Image != nil })
	e.press("open_and_check_out")
	opened := e.hears("OpenFile")
	mainFile, _ := opened["mainFile"].(string)
	if content, err := os.ReadFile(mainFile); err != nil || string(content) != shape(t) || opened["openType"] != api.OpenAndCheckout || opened["workState"] != api.CheckedOut {
		t.Errorf("%v: %v", opened, err)
	}
	e.gone()

	// Cancelling is an answer too.
	world.Check(e.cad.OpenCloudFile(""))
	if v := e.asked(); v.Browser.Folder() != "/engineer/parts" {
		t.Errorf("it begins in %q, not where the application was last", v.Browser.Folder())
	}
	e.room.Cancel()
	if got := e.hears("OpenFile"); got["mainFile"] != "" && got["mainFile"] != nil {
		t.Errorf("after the cancel: %v", got)
	}
	e.gone()

	// A save gets another name, in a folder that is made for it.
	saved := filepath.Join(e.Work(), "new.step")
	world.Check(e.WriteFile("new.step", "new content"))
	world.Check(e.cad.Save(sdkbridge.SaveOrder{Path: saved, SaveAs: true}))
	v = e.asked()
	if v.Save == nil || v.Save.Name != "new.step" {
		t.Fatalf("%+v", v.Save)
	}
	v.Browser.BeginFolder()
	v.Browser.NameFolder("图纸")
	v.Browser.MakeFolder()
	e.until("the new folder", func(v picker.View) bool { return v.Browser.Folder() == "/engineer/parts/图纸" })
	e.room.Name("shaft")
	e.press("save")
	if got := e.hears("SaveResult"); got["status"] != "success" {
		t.Errorf("%v", got)
	}
	world.Check(e.AwaitPublished(e.ctx, "/engineer/parts/图纸/shaft.step", 1))
	e.gone()

	// Another save overwrites a document, after asking.
	world.Check(e.WriteFile("new.step", "newer content"))
	world.Check(e.cad.Save(sdkbridge.SaveOrder{Path: saved, SaveAs: true}))
	e.selects("/engineer/parts/plate.step")
	e.press("save")
	v = e.until("the question about overwriting", func(v picker.View) bool { return v.Save.Overwrite != nil })
	if !strings.HasPrefix(v.Save.Overwrite.Line, "Version 1, ") {
		t.Errorf("%+v", v.Save.Overwrite)
	}
	e.press("overwrite")
	if got := e.hears("SaveResult"); got["status"] != "success" {
		t.Errorf("%v", got)
	}
	world.Check(e.AwaitPublished(e.ctx, "/engineer/parts/plate.step", 2))
	e.gone()
}

func TestAQuestionOutlivesTheServiceAndNotTheApplication(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	e := meet(t, world, agenttest.Engineer)

	// A save that waits for its place waits for it after a crash too.
	world.Check(e.WriteFile("new.step", "content"))
	world.Check(e.cad.Save(sdkbridge.SaveOrder{Path: filepath.Join(e.Work(), "new.step"), SaveAs: true}))
	v := e.asked()
	v.Browser.Go("/engineer")
	e.room.Name("kept.step")
	world.Check(e.Kill())
	e.until("it says that the service is away", func(v picker.View) bool { return v.Banner.Text != "" && v.Save.Name == "kept.step" })
	world.Check(e.Restart(e.ctx))
	e.until("the service is back", func(v picker.View) bool { return v.Banner.Text == "" && v.Browser.Folder() == "/engineer" })
	e.press("save")
	world.Check(e.AwaitPublished(e.ctx, "/engineer/kept.step", 1))
	e.gone()

	// What an application wants to open goes with it.
	world.Check(e.cad.OpenCloudFile(""))
	e.asked()
	if err := e.cad.Close(true); err != nil {
		t.Fatal(err)
	}
	e.gone()
}
