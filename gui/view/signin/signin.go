// Package signin is the one way in which the tray app signs its user in and
// out: through the browser, or with a code for a browser elsewhere. Home, the
// tray's menu, the dialogs and the settings share one Flow, so that there is
// never more than one login under way.
//
//	Idle ──Begin──▶ Browser ──done──▶ Idle
//	  │  ◀─Cancel──    │ ▲
//	  │                ▼ │ failed: Idle, with Error
//	  └──BeginCode──▶ Code ──▶ Idle
package signin

import (
	"context"
	"errors"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/signin"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// Stage is where a login stands.
type Stage string

// The stages.
const (
	Idle    Stage = "idle"
	Browser Stage = "browser" // the user is in his browser
	Code    Stage = "code"    // the user has to enter a code somewhere
	Leaving Stage = "leaving" // signing out
)

// View is what is to be seen of a login.
type View struct {
	Stage Stage
	// Text says what to do now; empty while Idle.
	Text string
	// Code and Address are to be shown large and ready to copy, in stage Code;
	// Address alone where no browser could be opened.
	Code, Address string
	// Until is when the code ends, worded.
	Until string
	// Error is why the last attempt failed; empty: it did not.
	Error string
	// Actions are what can be done about it: cancel, copy, try the other way.
	Actions []view.Action
}

// Flow is the login of one user. It is safe for any number of goroutines.
type Flow struct {
	env  view.Env
	open func(ctx context.Context, page string) error

	mu     sync.Mutex // guards what follows
	turn   int        // which attempt is meant
	stage  Stage
	page   string // of the browser
	opened bool
	code   api.DeviceLogin
	err    error
	cancel context.CancelFunc
	wasIn  bool // somebody was signed in when the attempt began
}

// New makes the flow. open shows a page to the user and fails where nothing
// can show it (agent/signin.OpenBrowser); nil: Local.Browse shows it.
func New(env view.Env, open func(ctx context.Context, page string) error) *Flow {
	if open == nil {
		open = func(_ context.Context, page string) error {
			env.Local.Browse(page)
			return nil
		}
	}
	return &Flow{env: env, open: open, stage: Idle}
}

// Begin signs in through the browser. While that is under way already, it
// shows the page again.
func (f *Flow) Begin() {
	f.mu.Lock()
	stage, page := f.stage, f.page
	f.mu.Unlock()
	switch {
	case stage == Browser && page != "":
		f.env.Local.Browse(page)
		return
	case stage == Browser, stage == Leaving:
		return
	}
	f.start(Browser, func(ctx context.Context, s desk.Service, turn int) error {
		_, err := signin.Browser{
			Service: s, Open: f.open,
			Tell: func(page string, opened bool) {
				f.note(turn, func() { f.page, f.opened = page, opened })
			},
		}.SignIn(ctx)
		return err
	})
}

// BeginCode signs in with a code that is entered in a browser anywhere.
func (f *Flow) BeginCode() {
	f.start(Code, func(ctx context.Context, s desk.Service, turn int) error {
		_, err := signin.Device(ctx, s, func(code api.DeviceLogin) {
			f.note(turn, func() { f.code = code })
		})
		return err
	})
}

// SignOut signs out.
func (f *Flow) SignOut() {
	f.start(Leaving, func(ctx context.Context, s desk.Service, _ int) error { return s.Logout(ctx) })
}

// Cancel gives up the login that is under way.
func (f *Flow) Cancel() {
	f.mu.Lock()
	f.end()
	f.err = nil
	f.mu.Unlock()
	f.env.Refresh()
}

// end leaves the attempt that is under way to itself. f.mu is held.
func (f *Flow) end() {
	if f.cancel != nil {
		f.cancel()
	}
	f.turn++
	f.stage, f.page, f.opened, f.code, f.cancel = Idle, "", false, api.DeviceLogin{}, nil
}

// start begins an attempt in place of the one that is under way.
func (f *Flow) start(stage Stage, call func(ctx context.Context, s desk.Service, turn int) error) {
	given, cancel := context.WithCancel(context.Background()) // ends when the user gives up
	wasIn := f.signedIn()
	f.mu.Lock()
	f.end()
	f.err, f.stage, f.cancel, f.wasIn = nil, stage, cancel, wasIn
	turn := f.turn
	f.mu.Unlock()
	f.env.Refresh()
	f.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(given, stop)()
		return call(ctx, s, turn)
	}, func(err error) {
		cancel()
		f.note(turn, func() {
			f.end()
			if !errors.Is(err, api.Cancelled) {
				f.err = err
			}
		})
	})
}

func (f *Flow) signedIn() bool {
	return f.env.Desk.Snapshot().State.Account.State == api.AccountSignedIn
}

// note changes what is known, if attempt turn is still the one that is meant.
func (f *Flow) note(turn int, change func()) {
	f.mu.Lock()
	if f.turn == turn {
		change()
	}
	f.mu.Unlock()
	f.env.Refresh()
}

// View is what is to be seen.
func (f *Flow) View() View {
	in := f.signedIn()
	f.mu.Lock()
	defer f.mu.Unlock()
	if in && !f.wasIn && (f.stage == Browser || f.stage == Code) {
		f.end() // the user has signed in by another way
	}
	w := f.env.Words()
	v := View{Stage: f.stage, Error: w.Error(f.err)}
	cancel := view.Action{Name: "cancel", Label: w.T("signin.cancel"), Do: f.Cancel}
	copies := func(text string) view.Action {
		return view.Action{Name: "copy", Label: w.T("signin.copy"), Do: func() { f.env.Local.Copy(text) }}
	}
	switch {
	case f.stage == Browser && f.page != "" && !f.opened:
		v.Text, v.Address = w.T("signin.open_yourself"), f.page
		v.Actions = []view.Action{copies(f.page), cancel}
	case f.stage == Browser:
		v.Text = w.T("signin.browser")
		v.Actions = []view.Action{cancel}
		if f.page != "" {
			again := view.Action{Name: "again", Label: w.T("signin.again"), Do: f.Begin}
			v.Actions = []view.Action{again, cancel}
		}
	case f.stage == Code && f.code.UserCode == "":
		v.Text, v.Actions = w.T("signin.code_comes"), []view.Action{cancel}
	case f.stage == Code:
		v.Text, v.Code, v.Address = w.T("signin.code"), f.code.UserCode, f.code.VerificationURI
		v.Until = w.T("signin.code_until", "time", w.Time(f.code.ExpiresAt))
		v.Actions = []view.Action{copies(f.code.UserCode), cancel}
	case f.stage == Leaving:
		v.Text = w.T("signin.leaving")
	}
	return v
}
