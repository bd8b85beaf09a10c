package cloudtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/viewtest"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// Now is what the clock of a stage shows at first: Monday, 2 March 2026, 10:30
// UTC.
func Now() time.Time { return time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC) }

// Stage is a user's tray app without a window, in front of a cloud.
type Stage struct {
	Env   view.Env
	Desk  *desk.Desk
	Cloud *Cloud

	t testing.TB

	bell viewtest.Bell

	mu     sync.Mutex // guards what follows
	now    time.Time
	places []view.Place
}

// New makes a stage whose user is signed in and online. Times are told in UTC.
func New(t testing.TB, lang api.Language) *Stage {
	t.Helper()
	words, err := i18n.New(lang, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stage{t: t, Cloud: NewCloud(), now: Now()}
	s.Cloud.told = s.bell.Ring
	s.Desk = desk.New(desk.Config{Service: s.Cloud, Now: s.clock})
	s.Env = view.Env{
		Desk: s.Desk, Words: func() *i18n.Words { return words }, Now: s.clock, Refresh: s.bell.Ring, Tell: func(error) {},
		Go: func(p view.Place) {
			s.mu.Lock()
			s.places = append(s.places, p)
			s.mu.Unlock()
			s.bell.Ring()
		},
	}
	s.Set(SignedIn())
	return s
}

// SignedIn is the state of a user who is signed in and online.
func SignedIn() api.State {
	return api.State{
		Service: api.ServiceInfo{Version: "1.0.0"},
		Account: api.Account{State: api.AccountSignedIn, Marketplace: "https://market.example", UserID: "u1", UserName: "lina", Name: "Li Na", Online: true},
	}
}

// Set makes state what the connected service has said.
func (s *Stage) Set(state api.State, sections ...string) {
	if len(sections) == 0 {
		sections = desk.Sections()
	}
	s.Desk.Show(desk.Change{Snapshot: desk.Snapshot{Link: desk.Connected, Since: Now(), State: state}, Sections: sections})
}

// Lose keeps what is known and takes the service away.
func (s *Stage) Lose() {
	now := s.Desk.Snapshot()
	now.Link, now.Reason = desk.Lost, api.Fail(api.ServiceUnavailable)
	s.Desk.Show(desk.Change{Snapshot: now})
}

// Pass lets time pass.
func (s *Stage) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Places are the places that were gone to.
func (s *Stage) Places() []view.Place {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.places
}

func (s *Stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Until waits for something that has to happen; it looks after every refresh.
func (s *Stage) Until(what string, ready func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if !s.bell.Until(ctx, ready) {
		s.t.Fatalf("it did not come to pass: %s; calls: %q", what, s.Cloud.Calls())
	}
}
