package documentstest_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/viewtest"
)

func TestMain(m *testing.M) { os.Exit(agenttest.Main(m)) }

// person is the Documents room of somebody whose machine runs a real service.
type person struct {
	*agenttest.Agent
	t    *testing.T
	ctx  context.Context //nolint:containedctx // the test's, for all that it waits for
	desk *desk.Desk
	room *documents.Room

	bell viewtest.Bell

	mu     sync.Mutex // guards what follows
	shown  []string   // what was opened on his desktop
	choose string     // the folder that he chooses
}

// meet signs somebody in and shows him his documents.
func meet(t *testing.T, world *agenttest.Test, name string) *person {
	t.Helper()
	world.SignIn(name)
	words, err := i18n.New(api.English, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{Agent: world.Person(name), t: t, ctx: world.Context()}
	service := client.New(p.Socket)
	workspace := filepath.Join(p.Work(), "workspace")
	if _, err := service.ChangeSettings(p.ctx, api.SettingsChange{Workspace: &workspace}); err != nil {
		t.Fatal(err)
	}
	p.desk = desk.New(desk.Config{Service: service})
	env := view.Env{
		Desk: p.desk, Words: func() *i18n.Words { return words }, Now: time.Now, Refresh: p.bell.Ring, Local: desktop{p},
		Go: func(view.Place) {}, Tell: func(err error) { p.t.Errorf("%s was told: %v", name, err) },
	}
	p.room = documents.New(documents.Config{Env: env, Content: content.Disk{}, SignIn: func() {}, Pick: func() {}})
	t.Cleanup(func() {
		p.room.Close()
		service.Close()
	})
	viewtest.Serve(t, p.desk, &p.bell) // a window is drawn again after every change
	p.until("signed in", func(documents.View) bool {
		a := p.desk.Snapshot().State.Account
		return a.State == api.AccountSignedIn && a.Online
	})
	return p
}

// until waits until the room shows what is waited for.
func (p *person) until(what string, ready func(documents.View) bool) (v documents.View) {
	p.t.Helper()
	if !p.bell.Until(p.ctx, func() bool { v = p.room.View(); return ready(v) }) {
		incoming := ""
		if v.Incoming != nil {
			incoming = fmt.Sprintf("%+v", v.Incoming.Items)
		}
		p.t.Fatalf("%s never saw: %s\ndetail %+v\nincoming %s", p.Name, what, v.Detail, incoming)
	}
	return v
}

func (p *person) press(name string, actions ...view.Action) {
	p.t.Helper()
	for _, a := range actions {
		if a.Name == name && a.Do != nil {
			a.Do()
			return
		}
	}
	p.t.Fatalf("%s cannot %q: %+v", p.Name, name, actions)
}

// file writes a file into the folder in which he works.
func (p *person) file(name, text string) string {
	p.t.Helper()
	if err := p.WriteFile(name, text); err != nil {
		p.t.Fatal(err)
	}
	return filepath.Join(p.Work(), name)
}

// add drops a file onto a folder, answers as answer says where its name is
// taken, and waits until it is published.
func (p *person) add(folder, local, answer string) documents.IncomingItem {
	p.t.Helper()
	p.room.Browser().Go(folder)
	p.room.Drop([]string{local})
	asked := false
	v := p.until(local+" is published", func(v documents.View) bool {
		if v.Incoming == nil || len(v.Incoming.Items) == 0 {
			return false
		}
		item := v.Incoming.Items[len(v.Incoming.Items)-1]
		if !asked && len(item.Actions) > 1 {
			asked = true
			p.press(answer, item.Actions...)
			return false
		}
		return strings.HasPrefix(item.State, "Published")
	})
	item := v.Incoming.Items[len(v.Incoming.Items)-1]
	p.press("close_incoming", v.Incoming.Close)
	return item
}

// pick chooses a document in the list, as it is in the cloud by now.
func (p *person) pick(where string, version int) documents.View {
	p.t.Helper()
	p.room.Browser().Reveal(where)
	p.room.Browser().Reload()
	return p.until(fmt.Sprintf("version %d of %s", version, where), func(v documents.View) bool {
		return v.Detail.Title == filepath.Base(where) && slices.ContainsFunc(v.Detail.Facts, func(f view.Field) bool {
			return f.Value == fmt.Sprintf("Version %d", version)
		})
	})
}

// open opens the chosen document and gives where it lies.
func (p *person) open() string {
	p.t.Helper()
	before := len(p.opened())
	p.press("open", p.room.View().Detail.Actions...)
	p.until("it is open", func(v documents.View) bool { return len(p.opened()) > before && v.Detail.Busy == "" })
	return p.opened()[before]
}

func (p *person) opened() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.shown)
}

// versions are the numbers of a document's history with who made them.
func (p *person) versions(where string) string {
	p.t.Helper()
	history, err := p.History(p.ctx, where)
	if err != nil {
		p.t.Fatal(err)
	}
	var all []string
	for _, v := range history {
		all = append(all, fmt.Sprintf("%d %s", v.Number, v.Author))
	}
	return strings.Join(all, ", ")
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

type desktop struct{ p *person }

func (d desktop) Open(path string) {
	d.p.mu.Lock()
	d.p.shown = append(d.p.shown, path)
	d.p.mu.Unlock()
	d.p.bell.Ring()
}
func (d desktop) Browse(string) {}
func (d desktop) Launch(string) {}
func (d desktop) Copy(string)   {}

func (d desktop) ChooseFolder(_ string, done func(string)) { done(d.p.choose) }
func (d desktop) ChooseFiles(string, func([]string))       {}

func (d desktop) ChooseSave(string, string, func(w io.WriteCloser, path string)) {}

// TestADocumentsLife follows a document from the desktop into the cloud and
// back: added, opened, checked out, changed, saved and checked in, restored,
// copied.
func TestADocumentsLife(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	p := meet(t, world, agenttest.Engineer)
	const frame = "/shared/frame.step"
	if item := p.add("/shared", p.file("frame.step", "one"), ""); item.State != "Published as version 1." {
		t.Fatalf("%+v", item)
	}
	p.pick(frame, 1)
	v := p.until("it says so", func(v documents.View) bool { return v.Detail.State == "Published." })
	p.press("checkout", v.Detail.Actions...)
	p.until("checked out", func(v documents.View) bool { return v.Detail.Note != nil && v.Detail.Busy == "" })
	local := p.open()
	if read(t, local) != "one" || !strings.HasPrefix(local, filepath.Join(p.Work(), "workspace")) {
		t.Errorf("opened %s: %q", local, read(t, local))
	}

	if err := os.WriteFile(local, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.press("open", p.room.View().Detail.Actions...)
	v = p.until("asked about the changes", func(v documents.View) bool { return v.Detail.Question != nil })
	p.press("cancel", v.Detail.Question.Actions...)
	p.press("checkin", p.room.View().Detail.Actions...)
	v = p.until("asked about the changes", func(v documents.View) bool { return v.Detail.Question != nil })
	p.press("save_and_checkin", v.Detail.Question.Actions...)
	p.until("checked in", func(v documents.View) bool {
		return v.Detail.Note != nil && strings.Contains(v.Detail.Note.Text, "is checked in")
	})
	p.pick(frame, 2)

	p.press("history", p.room.View().Detail.Actions...)
	v = p.until("two versions", func(v documents.View) bool { return v.History != nil && len(v.History.Rows) == 2 })
	before := len(p.opened())
	p.press("open_version", v.History.Rows[1].Open)
	p.until("the old version is open", func(documents.View) bool { return len(p.opened()) > before })
	old := p.opened()[before]
	info, err := os.Stat(old)
	if err != nil || read(t, old) != "one" || info.Mode().Perm()&0o222 != 0 || filepath.Base(old) != "frame (v1).step" {
		t.Errorf("the old version is %s, %q, %v, %v", old, read(t, old), info, err)
	}
	p.press("restore", v.History.Rows[1].Restore)
	p.until("three versions", func(v documents.View) bool { return v.History != nil && len(v.History.Rows) == 3 })
	if read(t, local) != "two" {
		t.Errorf("restoring changed the local copy: %q", read(t, local))
	}
	p.room.CloseHistory()
	p.pick(frame, 3)
	if again := p.open(); again != local || read(t, again) != "one" {
		t.Errorf("the newest is %s: %q", again, read(t, again))
	}
	p.choose = t.TempDir()
	p.press("save_copy", p.room.View().Detail.Actions...)
	p.until("copied", func(v documents.View) bool { return v.Detail.Note != nil && v.Detail.Busy == "" })
	if got := read(t, filepath.Join(p.choose, "frame.step")); got != "one" {
		t.Errorf("the copy holds %q", got)
	}
	p.press("save_copy", p.room.View().Detail.Actions...)
	v = p.until("copied again", func(v documents.View) bool {
		return v.Detail.Note != nil && strings.Contains(v.Detail.Note.Text, "frame (2).step")
	})
	if got := read(t, filepath.Join(p.choose, "frame (2).step")); got != "one" {
		t.Errorf("the second copy holds %q", got)
	}
	p.press("close_note", v.Detail.Note.Actions...)
}

// TestFoldersComeIn drops an assembly, a folder that is none, and one whose
// parts are missing.
func TestFoldersComeIn(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	p := meet(t, world, agenttest.Engineer)
	part := "ISO-10303-21;\nHEADER;ENDSEC;\nDATA;\n#1=DOCUMENT_FILE('%s','',$,$,'','');\nENDSEC;\nEND-ISO-10303-21;\n"
	p.file("gear/gear.step", fmt.Sprintf(part, "bolt.step"))
	p.file("gear/bolt.step", "bolt")
	p.file("parts/a.step", "a")
	p.file("parts/sub/b.step", "b")
	p.file("parts/.directory", "what a file manager leaves")
	p.file("broken/broken.step", fmt.Sprintf(part, "missing.step"))
	p.room.Browser().Go("/shared")
	p.room.Drop([]string{filepath.Join(p.Work(), "gear"), filepath.Join(p.Work(), "parts"), filepath.Join(p.Work(), "broken")})
	v := p.until("three published, one not", func(v documents.View) bool {
		return v.Incoming != nil && strings.Contains(v.Incoming.Summary, "3 of 4 saved, 3 published")
	})
	if bad := v.Incoming.Items[3]; bad.Tone != view.Trouble || !strings.Contains(bad.State, "missing.step") {
		t.Errorf("the broken assembly: %+v", bad)
	}
	for folder, want := range map[string]string{"/shared": "gear assembly", "/shared/parts": "a.step single", "/shared/parts/sub": "b.step single"} {
		listing, err := p.Listing(p.ctx, folder)
		if err != nil || !slices.ContainsFunc(listing.Entries, func(e api.Entry) bool { return e.Name+" "+string(e.Kind) == want }) {
			t.Errorf("%s has no %q: %+v, %v", folder, want, listing.Entries, err)
		}
	}
	p.press("loose", v.Incoming.Items[3].Actions...)
	p.until("its file too", func(v documents.View) bool { return strings.Contains(v.Incoming.Summary, "4 of 4 saved, 4 published") })
}

// TestWhatWaitsIsShownAndCanGoOn pauses the uploads, and takes the marketplace
// away.
func TestWhatWaitsIsShownAndCanGoOn(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer)
	p := meet(t, world, agenttest.Engineer)
	p.press("pause", p.room.View().Pending.Pause)
	p.until("paused", func(v documents.View) bool { return v.Pending.Banner.Text != "" })
	p.room.Browser().Go("/shared")
	p.room.Drop([]string{p.file("a.step", "one")})
	v := p.until("it waits", func(v documents.View) bool {
		return v.Pending.Rows.Len() == 1 && strings.Contains(v.Pending.Rows.At(0).State, "paused")
	})
	p.press("resume", v.Pending.Rows.At(0).Step)
	p.until("published", func(v documents.View) bool {
		return v.Pending.Rows.Len() == 0 && v.Incoming.Items[0].State == "Published as version 1."
	})
	p.press("close_incoming", p.room.View().Incoming.Close)

	world.Check(world.StopMarketplace())
	p.room.Drop([]string{p.file("b.step", "two")})
	v = p.until("tried in vain", func(v documents.View) bool {
		return v.Pending.Rows.Len() == 1 && v.Pending.Rows.At(0).RetryAt != 0 && v.Pending.Rows.At(0).Reason != ""
	})
	if text := p.room.Countdown(v.Pending.Rows.At(0).RetryAt); !strings.Contains(text, "ext attempt") {
		t.Errorf("the countdown says %q", text)
	}
	world.Check(world.StartMarketplace(p.ctx))
	p.press("retry", v.Pending.Rows.At(0).Step)
	p.until("published", func(v documents.View) bool { return v.Pending.Rows.Len() == 0 })
}

// TestConflictsEndAsChosen has two people change a document on two machines,
// and ends the conflict in each of the three ways.
func TestConflictsEndAsChosen(t *testing.T) {
	world := agenttest.Start(t, agenttest.Engineer, agenttest.Colleague)
	me, she := meet(t, world, agenttest.Engineer), meet(t, world, agenttest.Colleague)
	const frame = "/shared/frame.step"
	me.add("/shared", me.file("frame.step", "first"), "")
	newest := 1
	for _, tt := range []struct {
		keep     string
		newest   int // the number of the newest version afterwards
		holds    string
		copyLeft bool
	}{
		{"keep_mine", 3, "mine 1", false},
		{"keep_theirs", 4, "hers 3", false},
		{"keep_both", 5, "hers 4", true},
	} {
		t.Run(tt.keep, func(t *testing.T) {
			me.pick(frame, newest)
			local := me.open()
			she.add("/shared", she.file(fmt.Sprintf("from %d/frame.step", newest), fmt.Sprintf("hers %d", newest)), "as_version")
			if err := os.WriteFile(local, []byte(fmt.Sprintf("mine %d", newest)), 0o600); err != nil {
				t.Fatal(err)
			}
			item := me.add("/shared", local, "as_version")
			if !strings.Contains(item.State, "somebody was faster") {
				t.Fatalf("no conflict: %+v", item)
			}
			v := me.until("the conflict", func(v documents.View) bool { return len(v.Conflicts.Items) == 1 })
			c := v.Conflicts.Items[0]
			if c.Theirs.Version != newest+1 || !strings.Contains(c.Text, fmt.Sprintf("version %d", newest)) || c.Theirs.Heading == c.Mine.Heading {
				t.Errorf("%+v", c)
			}
			for _, choice := range c.Choices {
				if choice.Action.Name == tt.keep {
					choice.Action.Do()
				}
			}
			me.until("it is over", func(v documents.View) bool { return len(v.Conflicts.Items) == 0 })
			if got := me.versions(frame); !strings.HasPrefix(got, fmt.Sprintf("%d ", tt.newest)) {
				t.Errorf("versions %s, want the newest %d", got, tt.newest)
			}
			listing, err := me.Listing(me.ctx, "/shared")
			left := slices.ContainsFunc(listing.Entries, func(e api.Entry) bool { return strings.Contains(e.Name, "conflict") })
			if err != nil || left != tt.copyLeft {
				t.Errorf("the copy is there: %v, want %v (%v)", left, tt.copyLeft, err)
			}
			newest = tt.newest
			she.pick(frame, newest)
			if got := read(t, she.open()); got != tt.holds {
				t.Errorf("the document holds %q, want %q", got, tt.holds)
			}
		})
	}
}
