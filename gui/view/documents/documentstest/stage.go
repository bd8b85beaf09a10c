// Package documentstest gives tests of the Documents room, and pictures of its
// screen, a room in front of a cloud and a disk in memory that write down what
// they are asked.
package documentstest

import (
	"context"
	"fmt"
	"image"
	"io"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/browse/cloudtest"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/pictures"
	"iscdesk.dev/gui/view/viewtest"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// Now is what all clocks show: Monday, 2 March 2026, 10:30 UTC.
func Now() time.Time { return cloudtest.Now() }

// Stage is a room without a window.
type Stage struct {
	Room  *documents.Room
	Cloud *Cloud
	Disk  *Disk
	Desk  *desk.Desk
	State api.State
	// Folder and Files are what the user chooses when he is asked for them.
	Folder string
	Files  []string

	// Drawn are the pictures by path and version; a document that has none is
	// being drawn.
	Drawn map[string]image.Image

	t     testing.TB
	words *i18n.Words

	bell viewtest.Bell

	mu   sync.Mutex // guards what follows
	done []string
}

// New makes a room whose user is signed in and online. change changes what the
// room is given.
func New(t testing.TB, lang api.Language, change ...func(*view.Env)) *Stage {
	t.Helper()
	words, err := i18n.New(lang, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stage{t: t, words: words, State: cloudtest.SignedIn()}
	s.Cloud = &Cloud{Cloud: cloudtest.NewCloud(), stage: s, Errors: map[string]error{}}
	s.Disk = &Disk{stage: s, Errors: map[string]error{}, Found: map[string]workspace.Found{}, Items: map[string][]content.Item{}}
	s.Desk = desk.New(desk.Config{Service: s.Cloud, Now: Now})
	env := view.Env{
		Desk: s.Desk, Words: func() *i18n.Words { return words }, Now: Now, Refresh: s.bell.Ring, Local: local{s},
		Go:   func(p view.Place) { s.Note("go %s:%s:%s", p.Room, p.Part, p.Item) },
		Tell: func(err error) { s.Note("tell %s", api.AsError(err).Code) },
	}
	for _, c := range change {
		c(&env)
	}
	s.Set(func(*api.State) {})
	s.Room = documents.New(documents.Config{
		Env: env, Content: s.Disk, Pictures: drawer{s}, SignIn: func() { s.Note("sign in") }, Pick: func() { s.Note("pick") },
	})
	t.Cleanup(s.Room.Close)
	return s
}

// drawer has the pictures of the stage.
type drawer struct{ stage *Stage }

// Pictures implements documents.Pictures.
func (d drawer) Pictures(_ func(), wishes ...pictures.Wish) []pictures.Shown {
	all := make([]pictures.Shown, len(wishes))
	for i, w := range wishes {
		img, known := d.stage.Drawn[fmt.Sprintf("%s %d", w.Entry.Path, w.Version)]
		all[i] = pictures.Shown{Image: img, Waiting: !known}
	}
	return all
}

// Words is the language spoken.
func (s *Stage) Words() *i18n.Words { return s.words }

// Set changes what the service says.
func (s *Stage) Set(change func(*api.State)) {
	change(&s.State)
	s.Desk.Show(desk.Change{Snapshot: desk.Snapshot{Link: desk.Connected, Since: Now(), State: s.State}, Sections: desk.Sections()})
}

// Tell sends an event.
func (s *Stage) Tell(e api.Event) {
	s.Desk.Show(desk.Change{Snapshot: s.Desk.Snapshot(), Event: &e})
}

// Note writes down that something happened.
func (s *Stage) Note(format string, args ...any) {
	s.mu.Lock()
	s.done = append(s.done, fmt.Sprintf(format, args...))
	s.mu.Unlock()
	s.bell.Ring()
}

// Notes are what happened so far.
func (s *Stage) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.done)
}

// Await ends the test if what does not happen.
func (s *Stage) Await(what string) {
	s.t.Helper()
	s.Until(what, func(documents.View) bool { return slices.Contains(s.Notes(), what) })
}

// Until waits until the room shows what is waited for.
func (s *Stage) Until(what string, ready func(documents.View) bool) (v documents.View) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if !s.bell.Until(ctx, func() bool { v = s.Room.View(); return ready(v) }) {
		s.t.Fatalf("never: %s; what happened: %q; detail: %+v", what, s.Notes(), v.Detail)
	}
	return v
}

// Choose shows a folder and selects an entry in it.
func (s *Stage) Choose(where string) {
	s.t.Helper()
	s.Room.Browser().Reveal(where)
	s.Until(where+" chosen", func(v documents.View) bool { return v.Detail.Title == path.Base(where) })
}

// Press does the action of a name; it must be there and possible.
func (s *Stage) Press(name string, actions ...view.Action) {
	s.t.Helper()
	for _, a := range actions {
		if a.Name == name {
			if a.Do == nil {
				s.t.Fatalf("%q cannot be done: %s", name, a.Why)
			}
			a.Do()
			return
		}
	}
	s.t.Fatalf("no action %q among %v", name, actions)
}

// local is a desktop that only writes down.
type local struct{ s *Stage }

func (l local) Browse(url string)     { l.s.Note("browse %s", url) }
func (l local) Open(p string)         { l.s.Note("show %s", p) }
func (l local) Launch(program string) { l.s.Note("launch %s", program) }
func (l local) Copy(text string)      { l.s.Note("copy %s", text) }

func (l local) ChooseFolder(_ string, done func(string))  { done(l.s.Folder) }
func (l local) ChooseFiles(_ string, done func([]string)) { done(l.s.Files) }

func (l local) ChooseSave(string, string, func(w io.WriteCloser, path string)) {}

// Disk is the user's disk. What is not in Found is not there.
type Disk struct {
	stage  *Stage
	mu     sync.Mutex       // guards what follows
	Errors map[string]error // by call: "open", "save /cloud/path" …
	Found  map[string]workspace.Found
	Items  map[string][]content.Item
	Aside  string
}

func (d *Disk) fails(call string) error {
	d.stage.Note("%s", call)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Errors[call]
}

// Fail lets a call fail; nil: not any more.
func (d *Disk) Fail(call string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Errors[call] = err
}

// Look implements documents.Content.
func (d *Disk) Look(_ context.Context, _ content.Connector, o workspace.Order) (workspace.Found, error) {
	err := d.fails("look " + o.Path)
	f, ok := d.Found[o.Path]
	if !ok {
		f.LocalPath = "/home/me/iscdesk" + o.Path
	}
	return f, err
}

func (d *Disk) opened(o workspace.Order, local string) workspace.Opened {
	out := workspace.Opened{Aside: d.Aside}
	out.LocalPath, out.Path, out.Version = local, o.Path, o.Version
	if o.Progress != nil {
		o.Progress(1000, 4000)
	}
	return out
}

// Open implements documents.Content.
func (d *Disk) Open(_ context.Context, _ content.Connector, o workspace.Order) (workspace.Opened, error) {
	return d.opened(o, "/home/me/iscdesk"+o.Path), d.fails("open " + o.Path)
}

// OpenVersion implements documents.Content.
func (d *Disk) OpenVersion(_ context.Context, _ content.Connector, o workspace.Order) (workspace.Opened, error) {
	name := fmt.Sprintf("%s v%d", o.Path, o.Version)
	return d.opened(o, "/home/me/iscdesk"+name), d.fails("version " + name)
}

// CopyTo implements documents.Content.
func (d *Disk) CopyTo(_ context.Context, _ content.Connector, o workspace.Order, folder string) (workspace.Opened, error) {
	return d.opened(o, folder+"/"+path.Base(o.Path)), d.fails("copy " + o.Path + " to " + folder)
}

// Save implements documents.Content.
func (d *Disk) Save(_ context.Context, _ content.Connector, p content.Put) (api.Saved, error) {
	call := "save " + p.Local
	if p.Cloud != "" {
		call = "save " + p.Cloud
	}
	if p.Overwrite {
		call += fmt.Sprintf(" on %d", p.Base)
	}
	if p.Assembly {
		call += " as assembly"
	}
	if p.Progress != nil {
		p.Progress(500, 1000)
	}
	return api.Saved{Operation: p.Operation, Path: p.Cloud}, d.fails(call)
}

// Origin implements documents.Content.
func (d *Disk) Origin(context.Context, content.Connector, string) (api.OpenedDocument, bool) {
	return api.OpenedDocument{}, false
}

// Sort implements documents.Content.
func (d *Disk) Sort(_ context.Context, paths []string) []content.Item {
	var items []content.Item
	for _, p := range paths {
		found, ok := d.Items[p]
		if !ok {
			found = []content.Item{{Local: p, Name: path.Base(p), Kind: api.Single, Size: 1000}}
		}
		items = append(items, found...)
	}
	return items
}

// Files implements documents.Content.
func (d *Disk) Files(_ context.Context, folder string) []content.Item {
	return []content.Item{
		{Local: folder + "/a.step", Name: "a.step", Folder: path.Base(folder), Kind: api.Single},
		{Local: folder + "/b.step", Name: "b.step", Folder: path.Base(folder), Kind: api.Single},
	}
}
