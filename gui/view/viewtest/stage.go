// Package viewtest gives tests of the rooms of the tray app an environment: a
// desk that shows what the test says, a service that writes down what it is
// asked, and a desktop that writes down what it is told.
package viewtest

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/signin"
)

// Now is what all clocks show: Monday, 2 March 2026, 10:30 UTC.
func Now() time.Time { return time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC) }

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// Stage is one user's tray app without a window.
type Stage struct {
	Env     view.Env
	Desk    *Desk
	Service *Service
	SignIn  *signin.Flow

	t     testing.TB
	words *i18n.Words

	bell Bell

	mu   sync.Mutex // guards done
	done []string
}

// New makes a stage whose service is connected and says nothing yet. Times are
// told in UTC.
func New(t testing.TB, lang api.Language) *Stage {
	t.Helper()
	words, err := i18n.New(lang, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stage{t: t, words: words}
	s.Service = &Service{stage: s, fail: map[string]error{}}
	s.Desk = &Desk{Desk: desk.New(desk.Config{Service: s.Service, Now: Now})}
	s.Env = view.Env{
		Desk: s.Desk.Desk, Words: func() *i18n.Words { return s.words }, Now: Now,
		Go:      func(p view.Place) { s.note("go " + strings.Join([]string{string(p.Room), p.Part, p.Item}, ":")) },
		Tell:    func(err error) { s.note("tell " + string(api.AsError(err).Code)) },
		Refresh: s.bell.Ring,
		Local:   local{s},
	}
	s.SignIn = signin.New(s.Env, nil)
	return s
}

// Hand is a mend.Hand with everything.
func (s *Stage) Hand() mend.Hand { return mend.Hand{Env: s.Env, SignIn: s.SignIn} }

// Speak changes the language.
func (s *Stage) Speak(lang api.Language) {
	s.t.Helper()
	words, err := i18n.New(lang, time.UTC)
	if err != nil {
		s.t.Fatal(err)
	}
	s.words = words
}

func (s *Stage) note(what string) {
	s.mu.Lock()
	s.done = append(s.done, what)
	s.mu.Unlock()
	s.bell.Ring()
}

// Forget empties the notes.
func (s *Stage) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = nil
}

// Notes are what happened since Forget: "go room:part:item", "browse URL",
// "copy text", "open path", "launch program", "tell code", and the calls of
// the service as "Call arguments".
func (s *Stage) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.done)
}

// Did waits until something has happened.
func (s *Stage) Did() bool {
	return s.Until(func() bool { return len(s.Notes()) > 0 })
}

// Await ends the test if what does not happen.
func (s *Stage) Await(what string) {
	s.t.Helper()
	if !s.Until(func() bool { return slices.Contains(s.Notes(), what) }) {
		s.t.Fatalf("%q did not happen; what did: %q", what, s.Notes())
	}
}

// Until waits until ready says true; it is asked after everything that
// happens.
func (s *Stage) Until(ready func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.bell.Until(ctx, ready)
}

// Desk is a desk that nobody serves.
type Desk struct{ *desk.Desk }

// Set makes state what the connected service has said.
func (d *Desk) Set(state api.State) {
	if state.Service.Version == "" {
		state.Service.Version = "1.0.0"
	}
	d.Show(desk.Change{Snapshot: desk.Snapshot{Link: desk.Connected, Since: Now(), State: state}, Sections: desk.Sections()})
}

// Lose keeps what is known and takes the service away.
func (d *Desk) Lose() {
	s := d.Snapshot()
	s.Link, s.Since, s.Reason = desk.Lost, Now(), api.Fail(api.ServiceUnavailable)
	d.Show(desk.Change{Snapshot: s})
}

// Tell sends an event.
func (d *Desk) Tell(e api.Event) { d.Show(desk.Change{Snapshot: d.Snapshot(), Event: &e}) }

// local is a desktop that only writes down.
type local struct{ s *Stage }

func (l local) Browse(url string)     { l.s.note("browse " + url) }
func (l local) Open(path string)      { l.s.note("open " + path) }
func (l local) Launch(program string) { l.s.note("launch " + program) }
func (l local) Copy(text string)      { l.s.note("copy " + text) }

func (l local) ChooseFolder(string, func(string))                              {}
func (l local) ChooseFiles(string, func([]string))                             {}
func (l local) ChooseSave(string, string, func(w io.WriteCloser, path string)) {}

// Service writes down what it is asked and answers nothing, or fails. Calls
// that are not here panic: a test that needs one adds it.
type Service struct {
	desk.Service
	// Answers may be set before the service is asked.
	Answers Answers
	stage   *Stage

	mu   sync.Mutex // guards what follows
	fail map[string]error
	hold chan struct{}
}

// Fail lets a call of this name fail; nil: not any more.
func (s *Service) Fail(name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail[name] = err
}

// Hold lets calls wait until release is called.
func (s *Service) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hold := make(chan struct{})
	s.hold = hold
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hold = nil
		close(hold)
	}
}

func (s *Service) called(ctx context.Context, name string, arguments ...string) error {
	s.stage.note(strings.Join(append([]string{name}, arguments...), " "))
	s.mu.Lock()
	err, hold := s.fail[name], s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return api.Fail(api.Cancelled)
		}
	}
	return err
}
